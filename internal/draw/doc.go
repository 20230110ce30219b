// Package draw draws a [stepper.View] as SVG: one moment of a schedule as a picture for a slide or a handout.
//
//	err := draw.SVG(w, session.View(), draw.Options{Title: "S1 on rfc"})
//
// # What is in the picture
//
// The title and the step; each mm with its counts, its list and who holds its lock; its pages, each with its two halves, the
// six bits of its mask, and what the words that lru and rcu_head share are used for; batches, queued callbacks and whom they
// wait for, files and mappings; a lane a thread, with what it is about to do or why it cannot; and below the sentence that
// says what happened and on which rule that rests.
//
// # How it is to be read
//
// Nothing is told by colour alone. What a half is doing is a pattern and a word: blank and free, plain and allocated,
// hatched and pending, dotted and pending on rcu_head. A bit that is on is a dark cell with its name, one that is off a
// dash; a bar below it says that the step flipped it. What changed in the step has a thick frame and the word: new, changed,
// gone. What was freed stays, with a dashed frame and the word, as long as that is not too much. The lane that moved has a
// bar and says so. A violation is a word in a frame of its own.
//
// Every picture has a title and a description that says the same in sentences, for those who do not see it: [Describe].
// Colours keep the contrast of WCAG AA, light and dark; a test computes it.
//
// # How it is laid out
//
// Nothing is measured by a browser. Texts are measured by the widths of the widest of the usual fonts, broken or shortened
// to the room that they have, so that a narrower font only leaves more of it. Fonts are generic. The same view gives the
// same bytes.
//
// # Many pictures in a page
//
// A [Sheet] draws many into one HTML page: what was drawn before, such as a page that did not change, is referred to and not
// drawn again, and the style is written once. A storyboard of 200 steps so stays well below a megabyte.
//
// # What it does not do
//
// It draws what the view says and knows no rule of the allocator. The graph of a page's states is package masks.
//
// # Where to start
//
// The Example; frame.go and body.go for the layout, then page.go. Colours are those of package picture.
package draw
