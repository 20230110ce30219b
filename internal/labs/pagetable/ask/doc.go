// Package ask has the quiz's questions about the page tables: the next mask bit by bit, what happens to the page's place on pgtable_list,
// what is given to RCU, who frees the page, and what becomes of the mm.
//
// [Asker] is the Asker of the lab. The quiz takes a move, and hands it over with all that there was to see on the way, a lab.Sight; what
// comes back is what is asked, with the right answer and the rules that decide it. The quiz shuffles, grades and draws. It knows no word
// of this package.
//
// # Where the answers come from
//
// They are seen, not derived: no rule of the allocator is written down here. Who frees a page that an operation leaves to others is found
// by running the schedule on to where it is free.
//
// # What is asked
//
// Only what can be told from what is shown: the mask where it is about to be changed; the list where a lock is about to be released behind
// a change; an mm where its count is about to change, or its lock to be taken by a callback. The choices of a question are one statement
// each and exclude each other, so that no wrong one is right by accident. Operations that touch several pages are asked about the first.
// Tables with PGSTEs have no mask worth asking about.
//
// # Cards
//
// A card is a row of the tables of package masks, from one of the places in which a page can be in its life. There is no schedule behind
// it, and so it needs no explorer to be asked.
//
// # Hints
//
// A hint tells the rules of package tell's catalogue that decide a question, with where they are from. Which rules those are depends on the
// operation and the version only, never on the answer.
//
// # Where to start
//
// The Example; observe.go for how an answer is found, outcome.go for how a question is made of it. The package keeps no state and has no
// locks.
package ask
