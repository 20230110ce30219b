package tui

import (
	"fmt"
	"strconv"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/sidebyside"
	"ptsim/internal/stepper"
)

// command is a command of the stepper line by line. The letters are those of the keys.
type command struct {
	names []string
	takes string // what stands behind it, "" if nothing does
	does  string
	run   func(t *talk, rest string) (quit bool)
}

func commands() []command {
	do := func(f func(*talk)) func(*talk, string) bool {
		return func(t *talk, _ string) bool { f(t); return false }
	}
	return []command{
		{[]string{"n", "next", "step", ""}, "", "take the move marked (n): what comes next, or the thread that moved last", do((*talk).next)},
		{[]string{"b", "back"}, "", "one step back", do((*talk).back)},
		{[]string{"jump"}, "N", "to step N of this try", func(t *talk, rest string) bool { t.jump(rest); return false }},
		{[]string{"g", "first"}, "", "to the first state", do(func(t *talk) { t.seek(0) })},
		{[]string{"G", "last"}, "", "to the last step of this try", do(func(t *talk) { t.seek(len(t.s.Line()) - 1) })},
		{[]string{"["}, "", "to the end of the try before", do(func(t *talk) { t.branch(-1) })},
		{[]string{"]"}, "", "to the end of the next try", do(func(t *talk) { t.branch(1) })},
		{[]string{"t", "tree"}, "", "the tree of tries", do((*talk).tree)},
		{[]string{"v", "run"}, "", "take the shortest way to a violation, or prove that there is none", do((*talk).run)},
		{[]string{"state"}, "", "all there is to see", do((*talk).state)},
		{[]string{"moves"}, "", "what is possible", do((*talk).moves)},
		{[]string{"threads", "lanes"}, "", "every thread: what it is about to do, or why it cannot", do((*talk).lanes)},
		{[]string{"s", "source"}, "", "the source that the next move is in", do((*talk).source)},
		{[]string{"l", "link"}, "", "the link that leads here", do(func(t *talk) { t.say("%s", t.s.Link()) })},
		{[]string{"p", "predict"}, "on|off", "questions about each step before it is said", func(t *talk, rest string) bool { t.predict(rest); return false }},
		{[]string{"c", "beside", "compare"}, "VARIANT", "have another variant follow this schedule", func(t *talk, rest string) bool { t.compare(rest); return false }},
		{[]string{"i", "impossible"}, "", "of a level: say that it cannot be", do((*talk).claim)},
		{[]string{"f", "repair"}, "WAY", "of a level that asks for a repair: choose one", func(t *talk, rest string) bool { t.repair(rest); return false }},
		{[]string{"h", "hint"}, "", "of a level: a hint; each time it says more", do((*talk).hint)},
		{[]string{"?", "help"}, "", "this list", do((*talk).help)},
		{[]string{"q", "quit"}, "", "end", func(*talk, string) bool { return true }},
	}
}

func (t *talk) help() {
	t.say("A move, such as A, B?1 or its number: that thread takes its step. Several, such as B?1 Bx4 s0, are taken one after the other.")
	for _, c := range commands() {
		var names []string
		for _, n := range c.names {
			if n != "" {
				names = append(names, n)
			}
		}
		takes := ""
		if c.takes != "" {
			takes = " " + c.takes
		}
		t.say("%s%s: %s.", strings.Join(names, ", "), takes, c.does)
	}
	t.say("An empty line is next.")
}

func (t *talk) next() {
	_, move := preferred(t.s)
	if move == nil {
		t.say("error: %s", possible(t.s.View()))
		return
	}
	t.take(move.Text)
}

func (t *talk) back() {
	if !t.s.Back() {
		t.say("error: this is the first state")
		return
	}
	t.arrive()
}

// arrive says where the session stands now.
func (t *talk) arrive() {
	t.step()
	t.moves()
}

func (t *talk) jump(rest string) {
	n, err := strconv.Atoi(rest)
	if err != nil {
		t.say("error: jump %s; expected the number of a step, 0 to %d", quote.Short(rest), len(t.s.Line())-1)
		return
	}
	t.seek(n)
}

func (t *talk) seek(n int) {
	if err := t.s.Seek(n); err != nil {
		t.say("error: %v", err)
		return
	}
	t.arrive()
}

func (t *talk) branch(by int) {
	ends := leaves(t.s)
	if len(ends) == 1 {
		t.say("error: there is one try so far; expected another: go back, and take another move")
		return
	}
	line := t.s.Line()
	at := 0
	for i, e := range ends {
		if e == line[len(line)-1] {
			at = i
		}
	}
	if err := t.s.Jump(ends[(at+by+len(ends))%len(ends)].ID); err != nil {
		t.say("error: %v", err)
		return
	}
	t.arrive()
}

// tree says what was tried: a line for each piece without a fork.
func (t *talk) tree() {
	t.say("%s, %s.", prose.Count(len(leaves(t.s)), "try", "tries"), prose.Count(len(t.s.Tries()), "state", "states"))
	for _, r := range runs(t.s) {
		what := compress(r.moves)
		if what == "" {
			what = "the first state"
		}
		from, to := r.first.View.Step, r.last.View.Step
		steps := fmt.Sprintf("step %d", from)
		if to > from {
			steps = fmt.Sprintf("steps %d to %d", from, to)
		}
		end := ""
		switch v := r.last.View; {
		case v.Violation != nil:
			end = ": " + v.Violation.Kind
		case v.Ended:
			end = ": ends well"
		}
		if r.here {
			end += fmt.Sprintf(" (here, at step %d)", t.s.View().Step)
		}
		t.say("%s%s: %s%s", strings.Repeat("  ", min(r.depth, 30)), steps, what, end)
	}
}

func (t *talk) source() {
	lane, _ := preferred(t.s)
	at, who := stepper.Place{}, ""
	if lane != nil {
		at, who = lane.At, lane.Letter+" is about to run"
	} else if d := t.s.View().Did; d != nil {
		at, who = d.At, d.Letter+" ran"
	}
	lines := t.s.Excerpt(at, 4)
	if len(lines) == 0 {
		t.say("There is no source of it.")
		return
	}
	t.say("%s, line %d: what %s", at.File, at.Line, who)
	for _, l := range lines {
		mark := "  "
		if l.Here {
			mark = "> "
		}
		t.put(fmt.Sprintf("%s%d %s", mark, l.Number, l.Text))
	}
}

func (t *talk) predict(rest string) {
	switch rest {
	case "on":
		t.predicting = true
	case "off":
		t.predicting = false
	case "":
		t.predicting = !t.predicting
	default:
		t.say("error: predict %s; expected on or off", quote.Short(rest))
		return
	}
	if t.predicting {
		t.say("Predict is on: before each step there are questions about it.")
	} else {
		t.say("Predict is off: %s.", t.tally.String())
	}
}

func (t *talk) compare(rest string) {
	var names []string
	for _, v := range question.Versions() {
		names = append(names, v.String())
	}
	v, err := question.ParseVersion(rest)
	if err != nil {
		t.say("error: beside %s; %s", quote.Short(rest), quote.Expected(rest, names))
		return
	}
	c, err := sidebyside.Compare(t.s, v)
	if err != nil {
		t.say("error: %v", err)
		return
	}
	t.say("%s, left, and %s, right.", c.LeftName, c.RightName)
	for i := range c.Rows[1:] {
		row := &c.Rows[i+1]
		side := func(v *stepper.View) string {
			if v == nil || v.Did == nil {
				return "no step"
			}
			return fmt.Sprintf("%s %s", v.Did.Letter, v.Did.Text)
		}
		l, r := side(row.Left), side(row.Right)
		differs := ""
		if row.Differs {
			differs = "; they differ"
		}
		if l == r {
			t.say("Row %d: both %s%s", i+1, l, differs)
		} else {
			t.say("Row %d: left %s; right %s%s", i+1, l, r, differs)
		}
		if row.Why != "" {
			t.say("  %s", row.Why)
		}
	}
	t.say("%s", c.Sentence)
}

func (t *talk) claim() {
	if t.opt.Level == nil {
		t.say("error: this is no level; expected one that ptsim play lists")
		return
	}
	j := t.opt.Level.Claim()
	if j.Reached {
		t.say("Right, %s %s: %s.", stars(j), j.Against, j.Sentence)
		t.solved(j)
	} else {
		t.say("No: %s.", j.Sentence)
	}
}

// lanes says of every lane what it is about to do, or why it cannot.
func (t *talk) lanes() {
	for _, l := range t.s.View().Lanes {
		what := l.Next
		if l.Why != "" {
			what = "cannot move: " + l.Why
		} else if what == "" && len(l.Moves) > 0 {
			what = l.Moves[0].Label
		}
		flags := ""
		if l.BH {
			flags += ", BH off"
		}
		if l.RCU {
			flags += ", in rcu_read_lock"
		}
		doing := ""
		if l.Doing != "" {
			doing = ", in " + l.Doing
		}
		t.say("%s, %s on CPU%d%s%s: %s.", l.Letter, l.Name, l.CPU, doing, flags, what)
	}
}
