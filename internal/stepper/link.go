package stepper

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ptsim/explore"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
)

// Schedule returns the schedule that the session is on, which Replay of the explorer runs again.
func (s *Session) Schedule() string {
	line := s.Line()
	return line[len(line)-1].View.Path
}

// Link names all there is to name: scenario, version, setting, schedule, and the step that is shown.
func (s *Session) Link() string { return s.Schedule() + "#" + strconv.Itoa(s.at.View.Step) }

// Open opens a link, or the text of a schedule. load finds its scenario by name, unless the link holds the scenario's text
// behind a ~, as [scenario.Encode] writes it. A link that has gone stale returns the session as far as it goes, and an
// *explore.StaleError.
func Open(link string, load func(name string) (*scenario.Scenario, error)) (*Session, error) {
	link, code, holds := strings.Cut(link, "~")
	if holds {
		source, err := scenario.Decode(code)
		if err != nil {
			return nil, err
		}
		load = func(name string) (*scenario.Scenario, error) { return scenario.Parse(name+".scn", source) }
	}
	text, step, hasStep := strings.Cut(link, "#")
	at := -1
	if hasStep {
		n, err := strconv.Atoi(step)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("step %s; expected a number", quote.Short(step))
		}
		at = n
	}
	var q Question
	sched, err := explore.ParseSchedule(text, func(model string) (int, int, error) {
		name, version, _ := strings.Cut(model, "/")
		v, err := verdicts.ParseVersion(version)
		if err != nil {
			return 0, 0, fmt.Errorf("model %s; expected SCENARIO/VERSION: %w", quote.Short(model), err)
		}
		s, err := load(name)
		if err != nil {
			return 0, 0, err
		}
		if s.Name != name {
			return 0, 0, fmt.Errorf("a schedule of %s; expected one of %s", name, s.Name)
		}
		q.Scenario, q.Version = s, v
		return len(s.Tasks), explore.Defaults().Workers, nil
	})
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	q.Setting = verdicts.Setting{Softirqs: sched.Softirqs, Grace: sched.Grace}
	s, err := New(q)
	if err != nil {
		return nil, err
	}
	if err := s.Follow(sched); err != nil {
		var stale *explore.StaleError
		if errors.As(err, &stale) {
			return s, err
		}
		s.Close()
		return nil, err
	}
	if at >= 0 {
		if err := s.Seek(at); err != nil {
			return s, &explore.StaleError{Step: at, Why: err.Error()}
		}
	}
	return s, nil
}
