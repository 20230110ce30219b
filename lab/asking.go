package lab

import "ptsim/explore"

// Question is a question of the quiz that a lab asks itself. The quiz asks by itself what the fields of objects hold after a move,
// which rule a step rests on, and what a scenario comes to. A Question is about what is peculiar to the protocol: what
// becomes of a zspage, who frees it, whether a walker sees a shrinker.
//
// The answer is seen, not derived: Ask looks at what the lab's own code did.
type Question struct {
	Topic string // as --about has it, one word in small letters: "zspage"
	About string // what it asks about, a few words for the help: "what becomes of the zspage"
	Look  string // the first hint: where to look, one sentence
	// Ask looks at a move that was taken, on a session that nobody sees. It returns what is asked about it, nil if the move decides
	// nothing of the kind. It is data in, data out: it may be called in any order.
	Ask func(m *Move) *Asked
}

// Move is a move as a [Question] sees it: an operation of a task or a callback from its beginning to its end, if nobody else has to move
// meanwhile, or one step.
type Move struct {
	Scenario *Scenario
	Version  string
	Who      string         // who moves: "A (one on CPU0)"
	Line     *Line          // the line of the scenario that it is of; nil of a callback or work item
	Func     string         // the callback or work function, "" of a line
	Item     string         // the object that the callback is about, "" of a line
	Whole    bool           // it goes from the beginning of the line or callback to its end
	Steps    []explore.Step // what was done
	Texts    []string       // the same in the kernel's words, step by step
	Before   []Thing        // the objects before it
	After    []Thing        // and behind it; Freed is what is gone
	Broken   string         // the kind of violation that it came to, "" if none
}

// Asked is a question about one move.
type Asked struct {
	Topic  string   // of a question that an [Asker] asks; that of a [Question] is its own
	Prompt string   // "What becomes of zspage1?"
	Right  string   // the right answer, a statement in small letters without a full stop: "it is freed by this operation itself"
	Wrong  []string // statements that are wrong, one to three; the quiz shuffles them
	Rules  []string // the IDs of the lab's rules that decide it: the hint
	Why    string   // a sentence that says why, shown with the grade; "" is the rules

	// What an Asker may say besides.
	Choices []string // the right answer among the wrong ones, where their order is part of what the quiz shuffles; else nil
	Bits    []string // of a question about a mask: the names of the bits, left to right; there are no choices then
	Set     []bool   // the right answer to that
	Hint    string   // the rules as they are told to who asks, in place of Rules
	Cites   []Cite   // where they are from
}
