package stepper

import (
	"strings"

	"ptsim/internal/scenario"
)

// Line is a line of source text.
type Line struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
	Here   bool   `json:"here"` // it is the line asked for
}

// Excerpt returns the lines around a place: those of the project's own code, or of the scenario. Of a place that there is no
// text of it returns nothing.
func (s *Session) Excerpt(at Place, around int) []Line {
	text, err := s.Text(at.File)
	if err != nil || at.Line < 1 {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if at.Line > len(lines) {
		return nil
	}
	var list []Line
	for n := max(1, at.Line-around); n <= min(len(lines), at.Line+around); n++ {
		list = append(list, Line{n, strings.ReplaceAll(lines[n-1], "\t", "    "), n == at.Line})
	}
	return list
}

// Text returns a whole file that places speak of.
func (s *Session) Text(file string) (string, error) {
	if file != "" && file == s.Question.Scenario.File {
		return s.Question.Scenario.Source, nil
	}
	return scenario.Code(file)
}
