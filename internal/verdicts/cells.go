package verdicts

import (
	"slices"

	"ptsim/internal/question"
	"ptsim/internal/scenario"
)

// Cell is one question.
type Cell struct {
	Scenario string
	Version  question.Version
	Setting  question.Setting
}

// tooLarge are scenarios for machines with memory and people with time.
var tooLarge = []string{"S3r4"}

// Filter says which cells are wanted: empty, all of them.
type Filter struct {
	Scenarios []string
	Own       []*scenario.Scenario // scenarios that do not come with ptsim; with any of them, Scenarios are no more than it says
	Versions  []string             // by their names, in full or up to the kind: "pinned" is that version of every kind
}

// Cells returns the cells of the matrix: scenario by scenario, version by version.
func Cells(f Filter) ([]Cell, error) {
	names := f.Scenarios
	if len(names) == 0 && len(f.Own) == 0 {
		for _, name := range scenario.Names() {
			if !slices.Contains(tooLarge, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		if _, err := scenario.Load(name); err != nil {
			return nil, err
		}
	}
	for _, s := range f.Own {
		names = append(names, s.Name)
	}
	var cells []Cell
	for _, name := range names {
		for _, v := range question.Versions() {
			if len(f.Versions) > 0 && !slices.Contains(f.Versions, string(v)) && !slices.Contains(f.Versions, v.Variant()) {
				continue
			}
			for _, set := range question.Settings() {
				cells = append(cells, Cell{name, v, set})
			}
		}
	}
	return cells, nil
}
