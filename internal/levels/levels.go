package levels

import (
	"ptsim/internal/stepper"
	"ptsim/kern"
)

// Level is a scenario on a version, and what to come to in it.
type Level struct {
	Name     string // as the command has it: "lost"
	Title    string
	Story    string // what is going on, what is to be done: paragraphs, parted by an empty line
	Question stepper.Question
	Goal     Goal
}

// Goal is what solves a level.
type Goal struct {
	Kind kern.Kind // the kind of violation; NoViolation: any
	Text string    // the same in words: "lose a page"
}

// Par is the shortest solution, or the proof that there is none.
type Par struct {
	Possible bool
	Switches int
	Steps    int
	Schedule string // as text
	States   uint64 // that were tried to find it, or to find that there is none
}

// Judgement says of a schedule, or of a claim, whether it solves a level.
type Judgement struct {
	Reached  bool   `json:"reached"` // the level is solved
	Sentence string `json:"sentence"`
	Switches int    `json:"switches"`
	Steps    int    `json:"steps"`
	Stars    int    `json:"stars"`   // 0 not solved, 3 at par
	Against  string `json:"against"` // "at par", "3 steps over"; "" if not solved
}

// All returns all levels, the easiest first.
func All() []*Level { return nil }

// Get finds a level by name.
func Get(name string) (*Level, error) { return nil, nil }

// Par returns the shortest solution of the level, or says that there is none.
func (l *Level) Par() (Par, error) { return Par{}, nil }

// Judge says whether the state that a session shows solves the level, and how the way there compares with par.
func (l *Level) Judge(s *stepper.Session) Judgement { return Judgement{} }

// Claim says whether a user who says that the level is impossible is right.
func (l *Level) Claim() Judgement { return Judgement{} }
