package zswap

import (
	"fmt"

	"ptsim/lab"
)

// sensible looks whether a scenario makes sense: besides its names, what the verbs and the setting are not for.
func sensible(s *lab.Scenario) error {
	if err := lab.NamesFit(s); err != nil {
		return err
	}
	fail := func(line int, expected, what string, args ...any) error {
		return &lab.Error{File: s.File, Line: line, What: fmt.Sprintf(what, args...), Expected: expected}
	}
	at := map[int]int{} // offset -> line
	for i := range s.Things {
		l := &s.Things[i]
		offset := l.Int("OFFSET", 0)
		if old, twice := at[offset]; twice {
			return fail(l.Number, fmt.Sprintf("another offset; line %d has an entry there", old), "a second entry at offset %d", offset)
		}
		at[offset] = l.Number
	}
	zbud, gone := 0, 0 // the lines
	for i := range s.Settings {
		if s.Settings[i].Word == "zbud" {
			zbud = s.Settings[i].Number
		}
	}
	for i := range s.Tasks {
		for _, op := range s.Tasks[i].Flat() {
			switch {
			case op.Word == "compact" && zbud > 0:
				return fail(op.Number, fmt.Sprintf("no compaction, or no line %d, zbud", zbud), "zbud does not move its objects")
			case op.Word == "unplug" && gone > 0:
				return fail(op.Number, fmt.Sprintf("one unplug; line %d has it", gone), "CPU 0 goes offline a second time")
			case op.Word == "unplug":
				gone = op.Number
			}
		}
	}
	return nil
}
