// Package mutants asks whether the explorer would notice. It changes a line of the allocator, of the mm, of the gather or
// of the primitives below them, builds the changed code with the explorer, and looks which scenario finds it out. And it
// asks whether the tests would notice if the explorer were wrong, the account at the end of a scenario, the emulator or
// the replay of traces: it changes a line of those and runs the tests of their package.
//
// # A mutant
//
// The lists in list/*.mut hold them, one after the other, for the sources that a line "file" names and the versions that a
// line "on" names:
//
//	file pgalloc/classic.go
//	on classic
//
//	mutant alloc-takes-pending in allocListed
//	what looks at the A bits alone, and takes a half that is pending
//	- if busy := mask.AA() | mask.PP(); busy != 3 {
//	+ if busy := mask.AA(); busy != 3 {
//	killed pass,classic,1,precise illegal-mask
//
// Lines with - are looked for in the function, without the space around them, and must be there once; those with + take
// their place, none if a + stands alone. Where a part of a line says enough, < and > stand for it in the same way, and the
// rest of the line may change. There may be several such pairs, from top to bottom. A mutant that does not fit
// its source any more, or does not compile, is an error: the source has changed, and the list has to follow.
//
// A mutant ends in one of three ways:
//
//	killed JOB KIND    an exploration finds this kind of violation; panic and hang are kinds, too
//	equal WHY          what it does cannot be told from what the original does
//	blind WHY          it is wrong, and no scenario can see it, because what it breaks is not part of one
//	test PACKAGE NAME  with blind: a test of the module that does see it
//
// Where a line "tests PACKAGE" stands in place of "on", the tests of that package judge the mutants, and no exploration
// does:
//
//	file s390sim/fork.go
//	tests ./s390sim
//
//	mutant child-not-linked in Fork
//	what the child's VMA is not linked to its file
//	- linkFileVMA(&w)
//	+
//	test TestForkLinksFiles
//
// Such a mutant ends in one of two ways: the named test fails, or panics, or hangs; or it is equal, and says why. The test may
// be one of another package: test PACKAGE NAME.
//
// # How it is run
//
// The changed source is given to the go command with -overlay, so the real one is never touched and has no switches for
// this. What is built is the probe, a program that explores and prints. [Lab] builds and runs: Build, Run, Test.
//
// The jobs of a version are all scenarios with one and two softirq CPUs and with softirqs on the tasks' CPUs, with precise
// grace periods first and with any after that, small scenarios before large ones: [Jobs]. The first that finds something
// is the one that the list keeps. A job that finds something in the original code proves nothing and is left out: the
// RFC itself is explored as pinned and typesafe, which are its code.
//
// # What is checked
//
// "go test" does a few mutants, one of each source. With PTSIM_MUTANTS=all it does all: each one that is killed, by the job
// and as the kind that the list says; each that is said to survive, by all jobs there are, and if it is blind, by its
// test. With -update besides it writes the lists' lines "killed" anew. The table in docs/reference/mutants.md is made of the lists,
// with -update.
//
// The mutants that tests judge are run alike: a few of them, or all with PTSIM_MUTANTS=all, or those whose source or name
// begins with what PTSIM_MUTANTS says. A source's tests are built with -overlay, and the named test alone is run, so that a
// mutant takes two or three seconds; of one that is said to be equal all tests are run, and must pass. rapid is given a
// seed, so that a test of random inputs kills the same mutants each time. With -update a mutant that its test does not kill
// any more, or that has none, gets the first that does: PTSIM_MUTANTS=new does those that have none.
//
// A list that does not fit its source any more is found by TestListsFitTheSources, which builds nothing.
//
// # What it does not show
//
// That the explorer itself is right: that is what its own tests are for. The lists are hand-made, function by function
// and version by version, and say nothing of changes that nobody thought of. Code that defers a primitive, or keeps
// something in a variable that outlives its function, is none that the explorer can run, and so no mutant does.
//
// # Where to start
//
// list/classic.mut, then docs/reference/mutants.md.
package mutants
