package shrinker

import (
	"fmt"

	"ptsim/lab"
	protocol "ptsim/shrinker"
)

// sensible looks whether a scenario makes sense: besides its names, whether there are ids for its shrinkers, and whether it wants what the
// lab does not have.
func sensible(s *lab.Scenario) error {
	if err := lab.NamesFit(s); err != nil {
		return err
	}
	fail := func(line int, expected, what string, args ...any) error {
		return &lab.Error{File: s.File, Line: line, What: fmt.Sprintf(what, args...), Expected: expected}
	}
	for i := range s.Settings {
		if s.Settings[i].Word == "memcg" && len(s.Things) > protocol.MaxIDs {
			return fail(s.Things[protocol.MaxIDs].Number, fmt.Sprintf("at most %d", protocol.MaxIDs), "too many super_blocks with memcg: each has an id in shrinker_idr")
		}
	}
	for i := range s.Tasks {
		if t := &s.Tasks[i]; t.MayFail {
			return fail(t.Line, "the task without it", "task %s may fail: no allocation of this lab fails", t.Name)
		}
	}
	return nil
}
