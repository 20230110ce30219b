package export

import (
	"errors"
	"io"

	"ptsim/internal/stepper"
)

// Options say how an export looks.
type Options struct {
	Title string // "" is the scenario's title and the version
	Dark  bool   // of svg
	Step  int    // of svg: which frame
}

// Formats returns the formats that Write knows.
func Formats() []string { return []string{"html", "svg", "storyboard", "prose", "text", "json"} }

// Write writes the line that s is on.
func Write(w io.Writer, s *stepper.Session, format string, o Options) error {
	return errors.New("export: not there yet")
}
