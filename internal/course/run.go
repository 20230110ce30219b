package course

import (
	"fmt"
	"strings"

	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
)

// RunCommand is what a run block has in front of its schedule.
const RunCommand = "ptsim step --replay"

// runBlock reads a run: what it shows, the command with the schedule, an empty line and the drawing.
func (p *parser) runBlock(begin int, body []string) error {
	r := &Run{Line: begin}
	for i := range body {
		p.line = begin + i + 1
		line := body[i]
		if note, ok := strings.CutPrefix(line, "# "); ok && r.Schedule == "" {
			r.Note = strings.TrimSpace(r.Note + " " + note)
			continue
		}
		if r.Schedule == "" {
			text, ok := strings.CutPrefix(line, "$ "+RunCommand+" '")
			text, closed := strings.CutSuffix(text, "'")
			if !ok || !closed {
				return p.errorf("a run with "+quote.Short(line), "$ "+RunCommand+" 'SCHEDULE'")
			}
			if err := p.schedule(r, text); err != nil {
				return err
			}
			continue
		}
		r.Drawing += line + "\n"
	}
	p.line = begin
	if r.Schedule == "" {
		return p.errorf("a run without a schedule", "$ "+RunCommand+" 'SCHEDULE'")
	}
	if r.Note == "" {
		return p.errorf("a run that does not say what it shows", `a line "# ..." before its schedule`)
	}
	r.Drawing = strings.TrimLeft(r.Drawing, "\n")
	p.endProse()
	p.run = len(p.l.Blocks)
	p.l.Blocks = append(p.l.Blocks, r)
	return nil
}

// schedule takes the schedule apart. Whether it still leads where it led is for who replays it.
func (p *parser) schedule(r *Run, text string) error {
	k, err := question.Parse(text, scenario.Load)
	if err == nil && k.Schedule.Model != k.Name() {
		err = fmt.Errorf("model %s; expected its name in full, %s", quote.Short(k.Schedule.Model), k.Name())
	}
	if err != nil {
		return p.errorf(err.Error(), "a schedule of a scenario that comes with ptsim")
	}
	r.Scenario, r.Version = scenario.FullName(k.Scenario), string(k.Version)
	r.Schedule, r.Softirqs, r.Grace = text, k.Setting.Softirqs, k.Setting.Grace
	return nil
}
