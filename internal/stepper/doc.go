// Package stepper is what every teaching face is built on: a schedule of a scenario in the hands of a user, who chooses which
// thread takes its next step, takes steps back, tries others, and sees at each point all there is to see.
//
//	s, err := stepper.New(stepper.Question{Scenario: s1, Version: rfc, Setting: two})
//	s.View().Lanes[0].Moves  // what the first thread can do, or Lanes[0].Why it cannot
//	s.Take("A")
//	s.View().Did.Sentence    // what happened, and on which rule it rests
//	s.Back()
//	s.Link()                 // names scenario, version, setting, schedule and step
//
// The terminal, the page, side by side, the quiz, the levels and the exports know no rule of the allocator: they draw a
// [View], which is data, and pass on what the user decides.
//
// # What is run
//
// The allocator's own code, under [explore.Stepper]: one primitive at a time, with the plain accesses before it. Where code
// has a choice, such as an either of the scenario or whether there is a page for a batch, each way is a move of its own. A
// thread that cannot move says why, and by whom it is held up: a lock and who has it, a grace period and its readers, BH.
//
// # What is shown
//
// [View] has the pages with their two halves and six bits, each mm with its counts and list, batches, queued callbacks and
// whom they wait for, files and mappings, and a lane for each thread with the primitive that it is about to run and the line
// of this project's code that it stands at. What differs from the state before is marked by a word ([Change]), and said in
// [Did].Changes. Things that were freed stay, marked so, since they are what a story is about. Each step has a sentence,
// see package explain.
//
// # The tree of tries
//
// Every state come to is kept as a [Try]. To take a step from a state that was left before begins another branch. The code
// runs forward only: to go on from an earlier state, the steps that lead there are run again, which takes a millisecond for
// a hundred of them. What was seen is kept, so that going back, jumping and going forward again cost nothing.
//
// # What lies ahead
//
// [Session.Ahead] searches from the state that is shown: the shortest way to a violation, or the proof that there is none,
// with the number of states that were tried for it.
//
// # Links
//
// [Session.Link] is the text of a schedule, as the explorer has it, and the number of a step; [Open] opens it. It carries a
// checksum of what happened along the schedule. If the code or the scenario has changed since, so that it would show
// something else, Open says so and stands where it still fits.
//
// # What it does not do
//
// It does not judge: violations are found by the code's own checks and the scenario's. It keeps [MaxTries] states. A session
// is one goroutine's.
//
// # Where to start
//
// The Example; view.go for what there is to see; session.go for what can be done.
package stepper
