// Package phrase says what a step of a schedule did, in the kernel's words: the wording that drawings of races, steppers and
// exports share, so that a thing has one name everywhere.
//
//	xor page1 +P0 -A0: P-|--|A-
//	spin_lock_bh(&mm1->context.lock)
//	call_rcu(batch1, batch)
//
// # Names
//
// An address of the model's memory is turned into a name. mm1 is the mm that was made with that number, page1 the page with
// that frame number, batch1 the first batch that anybody allocated; files, vmas and the tables of the start are called as
// the scenario calls them. A word in one of them is written as a field of the kernel's struct: mm1->mm_count,
// page1->pt_mm. [Names] learns what is allocated while a schedule runs: give it every step with [Names.Observe], in order,
// as soon as it was taken, and keep what it returns in the step's Note.
//
// # Steps
//
// [Names.Text] writes a step in the words of the table of primitives in kern, and [Names.Does] says it as a sentence does: a new
// primitive is an entry there, and needs nothing here. A lab may have a notation of its own ([lab.Notation]): that of the page tables
// says which bits of a mask a step turned on and off, by half, and what the mask is then. [Within] names the kernel function
// that a step is in, without those that only read or change a word. [Hidden] tells which steps are left out unless all is
// asked for: plain accesses, and memory of the task's own.
//
// # What it does not do
//
// It does not judge and does not explain; it says what was done. Where no scenario is given,
// names are plainer: the slab cache's name and a number.
//
// # Where to start
//
// The Example; then words.go, which has the names of words, and text.go.
package phrase
