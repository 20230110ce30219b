// Package prose sets what the program says in words: numbers with their nouns, lists, paragraphs and tables.
//
//	prose.Count(2046, "state", "states")            2,046 states
//	prose.List([]string{"a", "b", "c"}, "and")      a, b and c
//	prose.Hang("note: ", "  ", text, 80)            a paragraph
//
// Every face, every report and every message words these things in one way, so they have one room. What a user gave and a
// message repeats is quoted by package quote; what a step did is worded by package phrase, in names that this package does
// not know.
//
// # Paragraphs
//
// A [Paragraph] breaks its words into lines at the blanks between them. A word that no line has room for is cut at a joint, which
// [Joint] finds: behind a parenthesis, a comma or a slash rather than within a name or a number. The wrappers of libraries break
// behind every hyphen, and a hyphen is part of a word here: of the mask -P|-H|-A, of rfc-as-posted, of --softirqs, of each
// schedule. So the breaks are made here. Package ansi of charmbracelet/x says how many columns a character takes in a terminal, and
// a picture, whose letters have widths of their own, gives its own measure.
//
// The package keeps no state and has no locks. It knows no styles: lines of a terminal with colours are wrapped by those who
// paint them.
//
// Start with the example of Hang.
package prose
