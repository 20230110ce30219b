// Package export writes a schedule for people who do not have ptsim: a page that steps offline, pictures, a storyboard to
// print, prose, the text of a commit message, data.
//
//	err := export.Write(w, session, "storyboard", export.Options{})
//
// # What is exported
//
// The whole line that the session is on, from the first state to its end, with the sentence and the rule of each step.
// A session that has taken no step has nothing but its first picture to export: [ErrNoSteps].
//
// # Formats
//
//	html        one self-contained file that steps offline, without a server
//	svg         a numbered frame a step, see package draw; one file or a directory of them
//	storyboard  one page to print, or to save as PDF: frames with their sentences, two columns, no script
//	prose       numbered steps, each with its rule and where that is from
//	text        columns by CPU, 72 wide, as commit messages draw races; see package counterexample
//	json        the views
//
// Every export names the version, the setting and the link that opens it again in ptsim at the same step.
//
// # What it does not do
//
// It writes what the session shows and judges nothing. A link in an export is as good as the code it was made with: opened
// by a later ptsim that does something else it is said to be stale, and the export still shows what was.
//
// # Where to start
//
// The Example; formats.go, then storyboard.go.
package export
