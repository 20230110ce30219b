// Package web is the stepper as a page: a server of this machine's own that shows a schedule, takes what the user decides,
// and has the allocator's code carry it out.
//
//	l, err := net.Listen("tcp", "127.0.0.1:0")
//	err = web.Serve(ctx, l, web.Options{Start: session.Link()})
//
// # Who knows what
//
// The page knows no rule. What a CPU can do, why another cannot, what changed, what happened and on which rule it rests:
// all that is in a [stepper.View], and the scripts in assets draw it. They are plain modules, as they are in the folder; no
// tool builds them.
//
//	dom.js       elements; what comes from the server becomes text, never markup
//	view.js      how a state looks
//	timeline.js  a row for each thread, a column for each step
//	tree.js      the states come to, and the line through them that is shown
//	autoplay.js  a schedule that plays by itself
//	player.js    the stepper: keys, buttons, what is announced
//	own.js       an editor for a scenario of one's own; words.js completes what is written
//	glossary.js  terms, explained where they stand
//	app.js       the page around it: what is stepped through, links, what lies ahead
//	file.js      what is around it in a file of its own
//
// A text that is written in the editor is checked and completed by the scenario package, which has the one table of the
// language: own.go. A link to a scenario that the server does not know by name holds its text: SCHEDULE#STEP~CODE, where the
// code is scenario.Encode's.
//
// # What the server keeps
//
// Nothing. A request says scenario, version, setting, schedule and step, as a link does, and the answer follows from that
// alone. So visitors cannot be mixed up, and none loses anything when the server is started again. Sessions that were used
// are kept in a [pool] for a while: the next step of a schedule is then one step, and not all of them again.
//
// # Who may ask
//
// Whoever has an account on this machine, and pages that this server has sent. Host must name the server by a loopback
// address: a page of another origin that has its own name lead here gets nothing. Origin, if a browser sends it, must be the
// server's own, and what is posted must be JSON, which no form can send. The content policy has the page load and reach what
// is the server's and nothing else.
//
// # Bounds
//
// Everything that is read has a limit: requests, links, scenarios, steps of a schedule, states of a search, the time of a
// request, how many compute at once. What is too much is one line that says so, with a status of the 400s.
//
// # A file that steps
//
// [Offline] writes a schedule as one file that steps without a server: the same scripts, the views along the line, and
// the sources that they speak of. Its policy allows the scripts by their hashes and nothing from anywhere.
//
// # What it does not do
//
// No user is told from another, and nothing is encrypted: open to the network, it is for a classroom, not for the internet.
//
// # Where to start
//
// The Example; place.go for how a request is answered; assets/player.js for the page.
package web
