package levels

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"ptsim/internal/prose"
)

// Par is the shortest solution, or the proof that there is none.
type Par struct {
	Possible bool   `json:"possible"`
	Switches int    `json:"switches"`
	Steps    int    `json:"steps"`
	Schedule string `json:"schedule"` // as text, single steps; "" if there is none
	States   uint64 `json:"states"`   // that the explorer met to find it; if there is none, until every schedule was tried
}

// Text says what par is, of a level whose answer may be known: "3 switches, 16 steps", "impossible: 156 states".
func (p Par) Text() string {
	if p.Possible {
		return prose.Count(p.Switches, "switch", "switches") + ", " + prose.Count(p.Steps, "step", "steps")
	}
	return fmt.Sprintf("impossible: every schedule was tried, %s", prose.Count(int(p.States), "state", "states"))
}

//go:embed testdata/par.json
var parText []byte

// pars are the answers by level.
var pars = sync.OnceValues(func() (map[string]Par, error) {
	var list map[string]Par
	err := json.Unmarshal(parText, &list)
	return list, err
})

// Par returns the shortest solution of the level, or says that there is none.
func (l *Level) Par() (Par, error) {
	list, err := pars()
	if err != nil {
		return Par{}, fmt.Errorf("par.json: %w", err)
	}
	p, ok := list[l.Name]
	if !ok {
		return Par{}, fmt.Errorf("nothing is known about level %s; expected it in par.json", l.Name)
	}
	return p, nil
}
