package question

import (
	"fmt"
	"strconv"
	"strings"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/lab"
)

// Link is a question with a schedule, and a step of that.
type Link struct {
	Question
	Schedule *explore.Schedule
	Step     int // -1 if none is named
}

// Split takes the name of a model apart: the lab, the name of its scenario as [scenario.Load] has it, and the version.
func Split(model string) (l *lab.Lab, name, version string) {
	l = labs.Default()
	first, rest, _ := strings.Cut(model, "/")
	prefix := ""
	if k, err := labs.Get(first); err == nil {
		if l, model = k, rest; k != labs.Default() {
			prefix = first + "/"
		}
	}
	name, version, _ = strings.Cut(model, "/")
	return l, prefix + name, version
}

// Parse reads a link, or the text of a schedule. load finds its scenario by name, unless the link holds the scenario's text behind a
// ~, as [scenario.Encode] writes it.
func Parse(link string, load func(name string) (*scenario.Scenario, error)) (*Link, error) {
	link, code, holds := strings.Cut(link, "~")
	if holds {
		source, err := scenario.Decode(code)
		if err != nil {
			return nil, err
		}
		load = func(name string) (*scenario.Scenario, error) {
			return scenario.Parse(name[strings.LastIndexByte(name, '/')+1:]+".scn", source)
		}
	}
	text, step, hasStep := strings.Cut(link, "#")
	k := &Link{Step: -1}
	if hasStep {
		n, err := strconv.Atoi(step)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("step %s; expected a number", quote.Short(step))
		}
		k.Step = n
	}
	var err error
	if k.Schedule, err = explore.ParseSchedule(text); err == nil {
		err = k.find(k.Schedule.Model, load)
	}
	if err == nil {
		err = k.Schedule.Fits(len(k.Scenario.Tasks), explore.Defaults().Workers)
	}
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	k.Setting = Setting{Softirqs: k.Schedule.Softirqs, Grace: k.Schedule.Grace, Memory: k.Schedule.Memory}
	var edits []string
	for _, e := range k.Schedule.Edits {
		edits = append(edits, e.String())
	}
	k.Setting.Edits = strings.Join(edits, ",")
	return k, nil
}

// find reads the name of a model, and loads its scenario.
func (q *Question) find(model string, load func(name string) (*scenario.Scenario, error)) error {
	l, name, version := Split(model)
	v, err := VersionOf(l, version)
	if err != nil {
		return fmt.Errorf("model %s; expected SCENARIO/VERSION: %w", quote.Short(model), err)
	}
	s, err := load(name)
	if err != nil {
		return err
	}
	if s.Lab != l || scenario.FullName(s) != name {
		return fmt.Errorf("a schedule of %s; expected one of %s", name, scenario.FullName(s))
	}
	q.Scenario, q.Version = s, v
	return nil
}
