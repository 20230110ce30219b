package stepper

import (
	"errors"
	"strconv"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
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
	k, err := question.Parse(link, load)
	if err != nil {
		return nil, err
	}
	s, err := New(k.Question)
	if err != nil {
		return nil, err
	}
	if err := s.Follow(k.Schedule); err != nil {
		var stale *explore.StaleError
		if errors.As(err, &stale) {
			return s, err
		}
		s.Close()
		return nil, err
	}
	if k.Step >= 0 {
		if err := s.Seek(k.Step); err != nil {
			return s, &explore.StaleError{Step: k.Step, Why: err.Error()}
		}
	}
	return s, nil
}
