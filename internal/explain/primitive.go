package explain

import (
	"strings"

	"ptsim/kern"
	"ptsim/lab"
)

// Primitive tells of a step that no rule of a lab is about. What it did the table of primitives says, and by what rule, too: a new
// primitive needs no words here. aside says in parentheses what the plain steps before it did, "" if that is of no use.
func Primitive(f *lab.Facts, aside string) lab.Sentence {
	text := f.Who + aside + " " + f.Does
	if f.Bad != nil {
		text += "; VIOLATION: " + f.Bad.Sentence()
	}
	rule := RuleOf(f.Step.Op)
	if f.Step.Drains {
		rule = "A store waits in the queue of its CPU, which alone sees it, until it goes to memory; the oldest goes first."
	}
	if f.Step.Begins {
		rule = "A callback begins once its grace period is over, and a work item once a kworker comes to it."
	}
	return lab.Sentence{Text: text + ".", Rule: rule, ID: "primitive", Cites: []lab.Cite{{Kind: lab.CiteDocs, Where: primitivesSection}}}
}

// primitivesSection is where the table of primitives stands.
const primitivesSection = "docs/reference/primitives.md#the-primitives"

// RuleOf says what the kernel promises of a primitive, as the table of primitives has it: what it orders, what it waits for,
// and what it does to the context.
func RuleOf(op kern.Op) string {
	text := ""
	for i, promise := range promises(op) {
		if i > 0 {
			text += ", and"
		}
		text += " " + promise
	}
	name := op.Name()
	if !strings.Contains(name, " ") { // what is no call has a name in words
		name += "()"
	}
	return name + text + "."
}

// orders says what an order means, of a primitive that has it.
var orders = map[kern.Order]string{
	kern.Relaxed:         "is one access and orders nothing else",
	kern.Dependent:       "keeps what is reached through the pointer behind it",
	kern.Acquire:         "keeps what follows behind it",
	kern.Release:         "keeps what precedes before it",
	kern.Full:            "orders all that precedes before all that follows",
	kern.FullIfDone:      "orders all that precedes before all that follows if it changes the word, and nothing if it does not",
	kern.ReleaseAcquire0: "keeps what precedes before it, and what follows behind it if the count comes to zero",
	kern.AcquireIfDone:   "keeps what follows behind it if it gets the lock, and orders nothing if it does not",
	kern.ReadsOnly:       "keeps reads that precede before reads that follow",
	kern.WritesOnly:      "keeps writes that precede before writes that follow",
	kern.BeforeAtomic:    "orders all that precedes before the next atomic and all that follows that",
	kern.AfterAtomic:     "orders the last atomic and all that precedes that before all that follows",
	kern.AfterSpinlock:   "orders the last spin_lock and all that precedes that before all that follows",
	kern.AfterUnlockLock: "orders all that precedes an unlock before the last spin_lock before all that follows",
}

// locks say what a primitive waits for.
var locks = map[kern.Lock]string{
	kern.Spin:       "waits until nobody has the lock",
	kern.SemShared:  "waits until no writer has the semaphore",
	kern.SemAlone:   "waits until nobody has the semaphore",
	kern.ReadShared: "waits until no writer has the lock or, with BH on in a task, waits for it",
	kern.WriteAlone: "waits until nobody has the lock",
	kern.Mutex:      "waits until nobody has the mutex",
	kern.BitSpin:    "waits until nobody has the lock",
	kern.PageLock:   "waits until nobody has the page's lock",
	kern.CPULocal:   "waits for nobody, since only its CPU takes it",
}

// promises lists what a primitive does beside its words.
func promises(op kern.Op) []string {
	var list []string
	p := kern.PrimitiveOf(op.Kind)
	add := func(is bool, text string) {
		if is {
			list = append(list, text)
		}
	}
	add(p.Waits != kern.NoLock, locks[p.Waits])
	add(p.Tries != kern.NoLock && p.Blocks, "keeps new readers out, and then waits for those that there are")
	add(p.Tries != kern.NoLock && !p.Blocks, "takes the lock if nobody has it")
	add(p.Waits == kern.NoLock && p.Tries == kern.NoLock && p.Blocks, "waits, and takes nothing")
	add(p.Gives != kern.NoLock, "lets go of what it held")
	add(p.Sleeps, "may sleep")
	add(p.BH > 0, "keeps softirqs off this CPU")
	add(p.BH < 0, "lets softirqs in once nothing else keeps them off")
	add(p.Preempt > 0, "keeps the scheduler off this CPU")
	add(p.Preempt < 0, "lets the scheduler in once nothing else keeps it off")
	add(p.RCU > 0, "has every grace period that begins from now on wait for it")
	add(p.RCU < 0, "lets grace periods end that wait for it")
	add(p.Plain, "is done by plain accesses, which nothing orders")
	add(op.Ordering() != kern.Unordered, orders[op.Ordering()])
	add(p.Shares&kern.Objects != 0, "changes who may use a piece of memory")
	add(len(list) == 0, "touches no memory that others share")
	return list
}
