// Package levels has the user be the scheduler. A level is a scenario on a version of the allocator, what surrounds it, and
// something to break: lose the page, use the mm after it was freed, stop the machine. Whoever plays it decides, step by
// step, which thread moves next, with a [stepper.Session]; nothing else is in his hands, and nothing else is needed where a
// version is broken.
//
// # What solves a level
//
// A violation of the level's kind, found by the code's own checks, at the end of the schedule. Another kind does not: it ends
// the schedule, and is no solution. A goal without a kind is solved by any. Where nothing can be broken the answer is to say
// so: [Level.Claim]. A claim about a level that can be solved is wrong, and what was claimed of an impossible one is known to
// be right, since every schedule was tried.
//
// # Par
//
// Par is the explorer's shortest schedule: the fewest switches from one CPU to another, and of those schedules the fewest
// steps, a step being one primitive that others can see, as a session takes them. Of an impossible level it is the number of
// states that the explorer met when it tried every schedule. It is proved for the kind of the goal: some versions lose no page
// and are broken all the same. testdata/par.json keeps these answers, so that playing needs no search; a test searches again
// and wants it fresh ("go test ./internal/levels -update" writes it), and others compare with a search that shares no code
// with the explorer's.
//
// # The ladder
//
// [All] has the levels from a reader that is merely too late to pins that almost hold. That some are impossible is said
// beforehand, which ones is not: a list that said so would spoil them. Levels come in pairs that differ in one thing, such as the missing
// shift, the CPU that callbacks run on, or what stands for the mm.
//
// # Judging
//
// [Level.Judge] looks at the state that a session shows: whether the goal is reached, by how many switches and steps, and how
// that compares with par, also in stars. Three are par, two the switches of par with more steps, one any solution. It also
// says why what was reached is not what was asked, and whether the schedule has ended without anything broken.
//
// # Hints
//
// [Level.Hint] says a little more each time: where to look, then whether it can be done and how short, then the next move of
// the shortest solution, from where the session stands or where it left that way. Hints cost nothing.
//
// # What it does not do
//
// No level is harder than what its scenario says: nothing is hidden, and no time is counted.
//
// # Where to start
//
// The Example; levels.go for what a level is, internal/labs/pagetable/levels.go for the first of them, judge.go for what is said of a schedule.
package levels
