package question

import (
	"errors"
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

// Cut takes a link apart, SCHEDULE#STEP~CODE: the text of a schedule, a step of it, -1 if none is named, and a scenario's text as
// [scenario.Encode] writes it, "" if there is none.
func Cut(link string) (schedule string, step int, code string, err error) {
	link, code, holds := strings.Cut(link, "~")
	if holds && code == "" {
		return "", -1, "", errors.New("a link ends with ~; expected all of what follows its ~")
	}
	schedule, number, named := strings.Cut(link, "#")
	if !named {
		return schedule, -1, code, nil
	}
	if step, err = strconv.Atoi(number); err != nil || step < 0 {
		return "", -1, "", fmt.Errorf("step %s; expected a number", quote.Short(number))
	}
	return schedule, step, code, nil
}

// VersionIn returns the version that a link, or the text of a schedule, is about.
func VersionIn(link string) (Version, error) {
	text, _, _, err := Cut(link)
	if err != nil {
		return "", err
	}
	sched, err := explore.ParseSchedule(text)
	if err != nil {
		return "", fmt.Errorf("schedule: %w", err)
	}
	l, _, version := Split(sched.Model)
	v, err := VersionOf(l, version)
	if err != nil {
		return "", fmt.Errorf("model %s; expected SCENARIO/VERSION: %w", quote.Short(sched.Model), err)
	}
	return v, nil
}

// Parse reads a link, or the text of a schedule. load finds its scenario by name, unless the link holds the scenario's text behind a
// ~, as [scenario.Encode] writes it.
func Parse(link string, load func(name string) (*scenario.Scenario, error)) (*Link, error) {
	text, step, code, err := Cut(link)
	if err != nil {
		return nil, err
	}
	if code != "" {
		source, err := scenario.Decode(code)
		if err != nil {
			return nil, err
		}
		load = func(name string) (*scenario.Scenario, error) {
			return scenario.Parse(name[strings.LastIndexByte(name, '/')+1:]+".scn", source)
		}
	}
	k := &Link{Step: step}
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
