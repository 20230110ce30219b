package lab

import "ptsim/explore"

// Asker asks about the moves of a lab that has a [Scene], in place of what the quiz asks of every lab. The quiz takes the move, shuffles,
// grades and draws; what there is to ask, and what the right answer is, only the Asker knows.
//
// The answers are seen, not derived, as those of a [Question] are.
type Asker struct {
	Topics []Topic
	// Ask looks at a move that was taken. It returns nil if there is nothing to ask about.
	Ask func(s *Sight) (*Inquiry, error)
	// Walks are where the schedules begin from which the quiz draws its items. None are all scenarios of the lab, on two softirq CPUs.
	Walks []Walk
	// Cards are items that no schedule is behind, such as the rows of a table, for a version. It may be nil.
	Cards func(version string) ([]*Card, error)
}

// Topic is a topic of questions.
type Topic struct {
	Name  string // as --about has it, one word in small letters: "mask"
	About string // what it asks about, a few words for the help
	Look  string // the first hint: where to look, one sentence
}

// Walk is a scenario, and how many CPUs run callbacks: as explore.Config has it.
type Walk struct {
	Scenario string
	Softirqs int
}

// Sight is a [Move], and all that there was to see on the way.
type Sight struct {
	*Move
	Doing string             // the operation or callback: "tlbfree t1", "batch(batch1)"
	Task  bool               // it is a task's operation, and no callback or work item
	Kind  explore.ThreadKind // of the thread that moves
	Next  string             // the primitive that the thread was about to run
	Way   string             // which way the move goes, " Where it has a choice: ...", where what it begins does not tell that; else ""

	Start   Moment   // before the move
	Seen    []Moment // a moment behind each step of the operation's, at least one
	Settled *Scene   // where all that the operation did shows: as the last of Seen, or one step later
	Lead    string   // what the quiz says of a move that is asked about as a whole, but for what it begins: "Suppose that ..."

	// Earlier are the steps of the same operation that the thread took before the move, a list for each move, the latest first.
	Earlier func() [][]explore.Step
	// RunOut has callbacks move, then work items, then tasks, until the scene is as wanted. It tells which kind of thread made it so,
	// and, if nothing can move before, the kind of violation that this is, "" if none. Whatever it does is taken back.
	RunOut func(wanted func(*Scene) bool) (Outcome, error)
}

// Moment is what there is to see after a step.
type Moment struct {
	*Scene
	Steps    []explore.Step // of the operation's
	Facts    *Facts         // nil of the start
	Sentence Sentence
	Broken   string // the kind of violation that it came to, "" if none
}

// Outcome is what a schedule that was run on came to.
type Outcome struct {
	Came   bool               // the scene is as it was wanted
	Kind   explore.ThreadKind // of the thread that made it so
	Broken string             // the kind of violation that was met instead, "" if none
}

// Inquiry is all that is asked about one move, or on one card.
type Inquiry struct {
	Lead       string // what is about to happen, sentences
	Difficulty int    // from 1; the quiz adds what is under way besides
	Asked      []Asked
}

// Card is an item of the quiz without a schedule.
type Card struct {
	ID    string // unique within the lab
	Title string // "a page in rfc"
	Prose string // all that is needed to answer, a paragraph; the lead of the Inquiry follows
	Inquiry
}
