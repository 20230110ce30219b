// Package counterexample shows how a schedule breaks a model, the way commit messages of the kernel draw races: a column
// for each CPU that takes part, time downward, kernel code by its names.
//
//	CPU0                                CPU3
//	exit                                softirq
//
//	  tlbfree t1
//	   page_table_free_rcu()
//	*   xor page1 +P1 -A1: P-|--|-A
//	*   call_rcu(batch1, batch)
//	                                    softirq: batch(batch1)
//	                                     __tlb_remove_table()
//	*                                     atomic_read(page1): P-|--|-A
//
// # What is shown
//
// [Replay] runs the schedule once more with the model's own code and keeps what each step did. [Case.Write] prints it:
// consecutive steps of a CPU stand under the operation that they are part of and under the innermost kernel function that
// is no accessor. A step is written as the kernel would, with names for addresses: mm1, page1, batch1 in the order of their
// allocation, files, vmas and tables as the scenario calls them. An xor of a mask says which bits it turned on and off, in
// which half, and what the mask is then. Plain accesses, which are no steps of a search, are left out unless asked for;
// what the schedule chose is not.
//
// # What is marked
//
// Steps that matter have a star. They are a dynamic slice: backward from the violation, a step matters that wrote a word,
// or ended a life, that a step behind it which matters looked at; and with it matters what its CPU had read in the same
// operation or callback by then. Taking and giving up locks matters only where the violation is about a lock, and what a
// callback was queued by always does. The slice is a help to the reader. It does not follow values that a task keeps from
// one operation to the next, nor that a lock kept another CPU out, so a step without a star may still be needed.
//
// The violating step has an arrow, both of them in a data race. What is found only when all is quiet, such as a page that
// is lost, has the arrow below the last step. Then come the sentence, the splat that a kernel would print, and the schedule
// as a string, with the command that runs it again.
//
// # What is not done
//
// Nothing is judged here: that the schedule leads to a violation is what the replay found. A schedule is not made shorter
// either; see the explorer's Shortest and Minimize.
//
// # Where to start
//
// The Example, then internal/phrase/words.go for names, internal/phrase/text.go for what a step looks like, slice.go for the stars.
package counterexample
