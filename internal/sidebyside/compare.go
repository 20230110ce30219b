package sidebyside

import (
	"fmt"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/lab"
)

// Row is a moment of both versions. A side that has no step there stands where it stood.
type Row struct {
	Left    *stepper.View `json:"left"`  // the state after the row; nil where the left has no step there
	Right   *stepper.View `json:"right"` // and the right
	Differs bool          `json:"differs"`
	What    []string      `json:"what"` // what differs, each in words
	Why     string        `json:"why"`  // of the first row that differs: what, and the rules
	NoStep  bool          `json:"-"`    // one side has a step here that the other variant does not have
	Note    string        `json:"note"` // why the right has no step there, or has one of its own
}

// Comparison is a schedule of one version, and what another one does meanwhile.
type Comparison struct {
	Scenario  string `json:"scenario"`
	LeftName  string `json:"left_name"` // the versions: rfc, pinned/half
	RightName string `json:"right_name"`
	Rows      []Row  `json:"rows"`     // row 0 is both first states
	First     int    `json:"first"`    // the first row that differs, -1 if none does
	Sentence  string `json:"sentence"` // where they part, and what each comes to
	LeftEnd   string `json:"left_end"`
	RightEnd  string `json:"right_end"`
	LeftLink  string `json:"left_link"`
	RightLink string `json:"right_link"` // the right's own schedule, which the stepper opens
}

// Compare follows the schedule that left is on, all of it, on another version. left is not changed.
func Compare(left *stepper.Session, right question.Version) (*Comparison, error) {
	line := left.Line()
	q := left.Question
	q.Version = right
	r, err := stepper.New(q)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", right, err)
	}
	defer r.Close()
	f := newFollower(line, left.Question, r)
	if err := f.follow(); err != nil {
		return nil, fmt.Errorf("%s: %w", right, err)
	}
	c := &Comparison{
		Scenario: scenario.FullName(q.Scenario), LeftName: left.Question.Version.String(), RightName: r.Question.Version.String(), Rows: f.rows, First: f.first(),
		LeftEnd: ending(line[len(line)-1].View), RightEnd: ending(r.View()),
		LeftLink: link(line[len(line)-1].View), RightLink: link(r.View()),
	}
	if c.LeftName == c.RightName {
		c.LeftName, c.RightName = c.LeftName+" (left)", c.RightName+" (right)"
	}
	f.explain(c)
	return c, nil
}

func link(v *stepper.View) string { return fmt.Sprintf("%s#%d", v.Path, v.Step) }

// ending says what a side has come to.
func ending(v *stepper.View) string {
	switch {
	case v.Violation != nil:
		return fmt.Sprintf("after %s: %s", prose.Count(v.Step, "step", "steps"), v.Violation.Sentence)
	case v.Ended:
		return fmt.Sprintf("after %s all is quiet, and nothing is wrong", prose.Count(v.Step, "step", "steps"))
	}
	return fmt.Sprintf("after %s it is not at its end", prose.Count(v.Step, "step", "steps"))
}

// explain has the first row that differs, and the comparison, say why.
func (f *follower) explain(c *Comparison) {
	both := fmt.Sprintf("In the end, %s %s. %s: %s.", c.LeftName+":", c.LeftEnd, c.RightName, c.RightEnd)
	if c.First < 0 {
		c.Sentence = "No difference along this schedule. " + both
		return
	}
	row := &c.Rows[c.First]
	if c.First == 0 {
		row.Why = "From the start: " + strings.Join(row.What, "; ") + "."
		c.Sentence = "They differ from the start only: " + strings.Join(row.What, "; ") + ". " + both
		return
	}
	why := []string{"The first difference: " + strings.Join(f.news(c.First), "; ") + "."}
	for _, side := range []struct {
		name string
		v    *stepper.View
	}{{c.LeftName, row.Left}, {c.RightName, row.Right}} {
		if side.v != nil && side.v.Did != nil {
			why = append(why, says(side.name, &side.v.Did.Sentence))
		}
	}
	if row.Note != "" {
		why = append(why, prose.Capital(row.Note)+".")
	}
	row.Why = strings.Join(why, " ")
	c.Sentence = fmt.Sprintf("They part at row %d: %s. %s", c.First, strings.Join(f.news(c.First), "; "), both)
}

// says is a step's sentence and rule.
func says(name string, s *lab.Sentence) string {
	text := name + ": " + strings.TrimSuffix(s.Text, ".") + "."
	if s.Rule != "" {
		text += " The rule: " + strings.TrimSuffix(s.Rule, ".") + "."
	}
	return text
}
