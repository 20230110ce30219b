// Package quiz asks what the allocator will do, before it is shown, and grades the answer: the next mask bit by bit, what
// happens to the page's place on pgtable_list, what is given to RCU, who frees the page, and what becomes of the mm.
//
//	q, err := quiz.Predict(s, "B")       // s is a stepper.Session, B a move that it could take
//	q.Questions[0].Prompt                // "B (exit on CPU1) begins tlbfree t1, ..."
//	g, err := q.Grade("mask", answer)    // g.PerBit, g.Score of g.Of, g.Sentence
//
// # Where the answers come from
//
// They are seen, not derived. [Predict] takes the move on a session of its own, beside the user's, of which neither place nor
// tree changes; no rule of the allocator is written down here. A move that begins an operation or a callback is asked about as
// a whole: the session goes on with that thread until it is done, as nobody else would move meanwhile. A move in the middle of
// one, or one after which somebody else would have to move first or there is a choice, is asked about as the one step that it
// is. Who frees a page that an operation leaves to others is found by running the schedule on to where it is free.
//
// # What is asked
//
// Only what can be told from what is shown: the mask where it is about to be changed; the list where a lock is about to be
// released behind a change; an mm where its count is about to change, or its lock to be taken by a callback. The choices of a
// question are one statement each and exclude each other, so that no wrong one is right by accident. They are in an order that
// a hash gives them, the same everywhere.
//
// # Hints
//
// A hint tells the rules of package explain's catalogue that decide a question, with where they are from. Which rules those are
// depends on the operation and the version only, never on the answer. The sentence of a [Grade] says what is right, what the
// deciding step did, and its rule.
//
// # Draw
//
// [Draw] makes a handout: situations from schedules, taken at random by a seed from scenarios and versions, and from the tables
// of package masks, in turn. The dice are splitmix64, nothing depends on time or on the order of a map, and so the same seed
// draws the same questions everywhere, as long as the code and the scenarios are the same. No situation comes twice; topics
// and versions are spread; the difficulty, 1 to 5, never falls.
//
// # What it does not ask
//
// What a reader sees, what breaks, and which schedule comes to it: that is for package levels. Operations that touch several
// pages are asked about the first. Tables with PGSTEs have no mask worth asking about.
//
// # Where to start
//
// The Examples; foresee.go and observe.go for how an answer is found, ask.go for how a question is made of it.
package quiz
