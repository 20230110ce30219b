package sidebyside

import (
	"errors"

	"ptsim/internal/stepper"
	"ptsim/internal/verdicts"
)

// Row is a moment of both versions. A side that has no step there stands where it stood.
type Row struct {
	Left    *stepper.View `json:"left"`  // the state after the row; nil where the left has no step there
	Right   *stepper.View `json:"right"` // and the right
	Differs bool          `json:"differs"`
	What    []string      `json:"what"` // what differs, each in words
	Why     string        `json:"why"`  // of the first row that differs: what, and the rules
	Note    string        `json:"note"` // why the right has no step there, or why it has one of its own
}

// Comparison is a schedule of one version, and what another one does meanwhile.
type Comparison struct {
	LeftName  string `json:"left_name"` // S1/rfc
	RightName string `json:"right_name"`
	Rows      []Row  `json:"rows"`  // the first states are row 0
	First     int    `json:"first"` // the first row that differs, -1 if none does
	Sentence  string `json:"sentence"`
	LeftEnd   string `json:"left_end"`
	RightEnd  string `json:"right_end"`
	RightLink string `json:"right_link"` // the right's own schedule, which the stepper opens
}

// Compare follows the schedule that left is on, all of it, on another version. left is not changed.
func Compare(left *stepper.Session, right verdicts.Version) (*Comparison, error) {
	return nil, errors.New("side by side: not there yet")
}
