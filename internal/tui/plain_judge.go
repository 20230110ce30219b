package tui

import (
	"ptsim/explore"
	"ptsim/internal/levels"
	"ptsim/internal/prose"
)

// judge says of a level whether it is solved.
func (t *talk) judge() {
	if t.opt.Level == nil || !t.s.View().Ended {
		return
	}
	t.verdict(t.opt.Level.Judge(t.s))
}

func (t *talk) verdict(j levels.Judgement) {
	if j.Reached {
		t.say("Solved, %s %s: %s.", stars(j), j.Against, j.Sentence)
		t.covers(j.Covers)
		t.solved(j)
		return
	}
	t.say("Not solved: %s.", j.Sentence)
}

// covers says what a proof covers.
func (t *talk) covers(lines []string) {
	for _, l := range lines {
		t.say("  %s", l)
	}
}

func (t *talk) solved(j levels.Judgement) {
	if t.opt.Solved != nil {
		t.opt.Solved(j)
	}
}

// run takes the shortest way to a violation.
func (t *talk) run() {
	before := t.s.View().Step
	a, err := t.s.Ahead(t.ctx, t.opt.States)
	if err != nil {
		t.say("error: %v", err)
		return
	}
	if t.opt.Level != nil {
		t.say("%s.", prose.Capital(hint(a)))
		t.covers(a.Covers)
		return
	}
	t.say("%s.", prose.Capital(a.Sentence))
	t.covers(a.Covers)
	if a.Verdict != string(explore.Violated) || len(a.Moves) == 0 {
		return
	}
	for _, mv := range a.Moves {
		if err := t.s.Take(mv); err != nil {
			t.say("error: %v", err)
			return
		}
		t.step()
	}
	t.say("That was steps %d to %d.", before+1, t.s.View().Step)
}
