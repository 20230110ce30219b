// Package lab is the seam between a protocol and the faces that show it. A protocol is a package of its own, which knows kern
// alone: code that reads like the kernel's. A [Lab] says about it what explore, step, verdicts, the page and the course must know:
// which versions there are and where each was published, what things its scenarios have at the start (nouns), what their tasks can
// do (verbs), what must hold, and which questions are worth asking (rows). With that the next protocol is a folder.
//
// # A scenario
//
// A scenario is a text in one language, whichever lab it is of:
//
//	lab stack
//	title One pop meets two pops and a push
//
//	stack s
//	node a on s
//	node b on s
//
//	task one
//	  pop s -> n
//
//	task two
//	  pop s -> m
//	  push s m
//
//	finally
//	  kept a
//
// The first line names the lab. "stack s" and "node a on s" are lines of nouns: they make what is there at the start. The lines of a
// task are verbs. Those behind finally are ends. The language itself has tasks, choices (either, or, end) and what a file says about
// how it is explored; package scenario reads it, and takes the forms of all other lines from the lab. [Scenario] is what it reads.
//
// # Forms
//
// A form is how a line is written: "node NAME on STACK", "pop STACK -> NODE", "users COUNT". Words in small letters stand for
// themselves. [WORDS] in brackets may be left out, and come in any order. Words in capitals are parameters:
//
//	NAME            a new name
//	STACK           in capitals the word of a noun: the name of such a thing, or of what an earlier line of the task was given
//	-> NODE         a new name, for what the verb gives; from there on it stands for a NODE
//	others          what the lab's Params say: a number, or one of some words
//
// # A machine
//
// [Build] makes the model that the explorer explores. On each machine it calls the lab's Setup, then Make for each line of a noun,
// in their order, on CPU 0. A thing is a word: most often the address of an object. Each line of a task becomes an operation of the model,
// which calls the verb's Do on the task's CPU. Do looks at shared memory by the primitives of kern alone, and may be called many
// times from the same [Locals]: it must keep nothing in variables of Go.
//
// # What names come from
//
// A slab cache that is declared with [kern.Field]s says what its words are called and what they hold. From that come the names in
// schedules (a->next), the things that the stepper shows, and what a pointer points to. A thing of the scenario is called by its
// name there; what tasks allocate is called by its cache, and numbered.
//
// # What the answers are
//
// The explorer judges; a lab only says what must hold (Check in every state, Final and the ends when all is quiet) and what the row
// of a table is expected to come to. A row whose verdict differs from what it expects is shown as that, and fails the lab's test.
//
// # What it does not do
//
// A lab with a grammar that the forms cannot say, or with a first state that is not made thing by thing, brings its own Sense and
// Model: the page tables do. It has no state and no locks: a Lab is a table, and everything of a run is in the [World] of its machine.
//
// # Where to start
//
// The Example, then internal/labs/stack, the smallest lab: 200 lines with its protocol.
package lab
