package quiz

import "ptsim/internal/stepper"

// Predict returns the questions that can be asked about a move before it is taken: one of the Moves of a Lane, as text. It
// changes neither the place of the session nor its tree. A move about which there is nothing to ask has no questions. A
// move that is not possible is an error that says why.
func Predict(s *stepper.Session, move string) (*Quiz, error) {
	return &Quiz{Questions: []Question{}}, nil
}
