// Package quiz asks what a protocol's code will do, before it is shown, and grades the answer: what a field of an object holds then, which
// rule the step rests on, what breaks. A lab may ask more (lab.Question), or all in its own way (lab.Asker): the page tables ask for the next
// mask bit by bit, and for who frees the page.
//
//	q, err := quiz.Predict(s, "B")       // s is a stepper.Session, B a move that it could take
//	q.Questions[0].Prompt                // "B (exit on CPU1) begins tlbfree t1, ..."
//	g, err := q.Grade("mask", answer)    // g.PerBit, g.Score of g.Of, g.Sentence
//
// # Where the answers come from
//
// They are seen, not derived. [Predict] takes the move on a session of its own, beside the user's, of which neither place nor
// tree changes; no rule of a protocol is written down here. A move that begins an operation or a callback is asked about as
// a whole: the session goes on with that thread until it is done, as nobody else would move meanwhile. A move in the middle of
// one, or one after which somebody else would have to move first or there is a choice, is asked about as the one step that it
// is.
//
// # What is asked
//
// Only what can be told from what is shown. The choices of a question are one statement each and exclude each other, so that no wrong one
// is right by accident. They are in an order that a hash gives them, the same everywhere.
//
// # Hints
//
// A hint tells the rules that decide a question, with where they are from. Which rules those are must never depend on the answer: a lab
// chooses them by the operation and the version. The sentence of a [Grade] says what is right, what the
// deciding step did, and its rule.
//
// # Draw
//
// [Draw] makes a handout: situations from schedules, taken at random by a seed from scenarios and versions, and from the lab's
// cards, in turn. The dice are splitmix64, nothing depends on time or on the order of a map, and so the same seed
// draws the same questions everywhere, as long as the code and the scenarios are the same. No situation comes twice; topics
// and versions are spread; the difficulty, 1 to 5, never falls.
//
// # What it does not ask
//
// Which schedule comes to a violation: that is for package levels. How the page tables' own questions are found: that is for
// internal/labs/pagetable/ask.
//
// # Where to start
//
// The Examples; foresee.go for how an answer is found, ask.go and things.go for how a question is made of it.
package quiz
