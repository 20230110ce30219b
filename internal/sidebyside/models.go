package sidebyside

import (
	"context"
	"fmt"
	"io"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
	"ptsim/memory"
)

// Models is one schedule under several memory models: the same threads do the same primitives in the same order, with the same results,
// as far as a model lets them.
type Models struct {
	Scenario string       `json:"scenario"`
	Schedule string       `json:"schedule"`
	Steps    []ModelsStep `json:"steps"`
	Under    []Under      `json:"under"`
	First    int          `json:"first"`    // the first step that not all of them allow, -1 if all allow all
	Sentence string       `json:"sentence"` // which of them do not, in words
}

// ModelsStep is a step of the schedule.
type ModelsStep struct {
	Who   string `json:"who"`
	Text  string `json:"text"`
	Stale string `json:"stale,omitempty"` // of a read of an older store: why it may be
}

// Under says how far a model lets the schedule go.
type Under struct {
	Memory string `json:"memory"`
	Steps  int    `json:"steps"` // that are possible
	Whole  bool   `json:"whole"` // all of them
	// Instead are what the thread could do at the first step that is not possible.
	Instead   []string `json:"instead"`
	Violation string   `json:"violation"` // what the whole schedule comes to; "" if nothing
	Cut       bool     `json:"cut"`       // the times at which queues may write to memory were too many to try all
	Link      string   `json:"link"`      // the part of the schedule that this model has
	End       string   `json:"end"`       // how far that is, and what it comes to, in words

	// Views are the states of this model: the first one, and the one after each step of the schedule that the model has. A view is
	// nil where the model has no step.
	Views []*stepper.View `json:"-"`
}

// CompareModels follows the schedule that a session stands at the end of under each memory model. Under total store order it tries all
// times at which a queue may write to memory.
func CompareModels(ctx context.Context, s *stepper.Session, specs []memory.Spec) (*Models, error) {
	line := s.Line()[1:]
	m := &Models{Scenario: s.Question.Name(), Schedule: s.Schedule()}
	for _, t := range line {
		m.Steps = append(m.Steps, ModelsStep{t.View.Did.Letter + " " + t.View.Did.Name, t.View.Did.Text, t.View.Did.Stale})
	}
	for _, spec := range specs {
		q := s.Question
		q.Setting.Memory = spec
		other, err := stepper.New(q)
		if err != nil {
			return nil, fmt.Errorf("--models %s: %w", spec, err)
		}
		u := Under{Memory: spec.String(), Instead: []string{}}
		f := &underFollower{ctx: ctx, s: other, line: line, u: &u, failed: map[string]bool{}}
		f.reached(0)
		if u.Whole, err = f.from(0); err == nil && u.Whole {
			u.Link = link(other.View())
			if v := other.View().Violation; v != nil {
				u.Violation = v.Sentence
			}
		}
		other.Close()
		if err != nil {
			return nil, err
		}
		u.End = u.end()
		m.Under = append(m.Under, u)
	}
	m.part()
	return m, nil
}

// part says where the models part.
func (m *Models) part() {
	m.First = -1
	for _, u := range m.Under {
		if !u.Whole && (m.First < 0 || u.Steps < m.First) {
			m.First = u.Steps
		}
	}
	if m.First < 0 {
		m.Sentence = "Each of the models allows the whole schedule."
		return
	}
	var not []string
	for _, u := range m.Under {
		if !u.Whole && u.Steps == m.First {
			not = append(not, u.Memory)
		}
	}
	m.Sentence = fmt.Sprintf("Step %d is not possible under %s.", m.First+1, prose.List(not, "and"))
}

// end says how far the model lets the schedule go.
func (u *Under) end() string {
	switch {
	case u.Whole && u.Violation != "":
		return "all of it is possible: " + u.Violation
	case u.Whole:
		return "all of it is possible, and nothing breaks"
	case u.Cut:
		return fmt.Sprintf("not found to be possible beyond step %d; not all was tried", u.Steps)
	}
	return fmt.Sprintf("step %d is not possible", u.Steps+1)
}

// Write writes it as text, so many columns wide.
func (m *Models) Write(w io.Writer, width int) error {
	if width == 0 {
		width = 100
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", m.Scenario, m.Schedule)
	column := 0
	for _, u := range m.Under {
		column = max(column, len(u.Memory))
	}
	who := 0
	for _, s := range m.Steps {
		who = max(who, len(s.Who))
	}
	head := "     "
	for _, u := range m.Under {
		head += fmt.Sprintf("%-*s ", column, u.Memory)
	}
	b.WriteString(strings.TrimRight(head, " ") + "\n")
	for i, s := range m.Steps {
		front := fmt.Sprintf("%3d  ", i+1)
		for _, u := range m.Under {
			mark := "+"
			switch {
			case i == u.Steps && !u.Whole:
				mark = "no"
			case i > u.Steps:
				mark = "."
			}
			front += fmt.Sprintf("%-*s ", column, mark)
		}
		blank := strings.Repeat(" ", len(front)+who+2)
		b.WriteString(prose.Hang(fmt.Sprintf("%s%-*s  ", front, who, s.Who), blank, s.Text, width))
		if s.Stale != "" {
			b.WriteString(prose.Hang(blank, blank, s.Stale, width))
		}
		for _, u := range m.Under {
			if i == u.Steps && !u.Whole && len(u.Instead) > 0 {
				b.WriteString(prose.Hang(blank, blank, "under "+u.Memory+" instead: "+strings.Join(u.Instead, ", or "), width))
			}
		}
	}
	b.WriteByte('\n')
	for _, u := range m.Under {
		b.WriteString(prose.Hang("", "  ", u.Memory+": "+u.End, width))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
