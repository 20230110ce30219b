package verdicts

import (
	"fmt"
	"slices"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/memory"
)

// Cell is one question.
type Cell struct {
	Scenario string // in full: stack/aba, or S1 of the page tables
	Version  question.Version
	Setting  question.Setting

	// Of a row of a lab: its name, and in what it differs from a cell.
	ID   string
	Lax  bool      // see explore.Options
	Kind kern.Kind // only this kind of violation counts; NoViolation: any
}

// name is what the schema calls the cell: that of its row, or the question.
func (c *Cell) name() string {
	if c.ID != "" {
		return c.ID
	}
	return fmt.Sprintf("%s/%s@%s", c.Scenario, c.Version, c.Setting.Link())
}

// tooLarge are scenarios for machines with memory and people with time.
var tooLarge = []string{"S3r4"}

// Filter says which cells are wanted: empty, all of them.
type Filter struct {
	Scenarios []string
	Own       []*scenario.Scenario // scenarios that do not come with ptsim; with any of them, Scenarios are no more than it says
	Versions  []string             // by their names, in full or up to the kind: "pinned" is that version of every kind
	Memory    memory.Spec
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
	var list []*scenario.Scenario
	for _, name := range names {
		s, err := scenario.Load(name)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	var cells []Cell
	for _, s := range append(list, f.Own...) {
		for _, v := range question.VersionsOf(s.Lab) {
			if len(f.Versions) > 0 && !slices.Contains(f.Versions, string(v)) && !slices.Contains(f.Versions, v.Variant()) {
				continue
			}
			for _, set := range question.Settings() {
				if set.Memory = f.Memory; set.Softirqs == explore.SoftirqsOnCPU && f.Memory.Model != memory.SC {
					continue // not modelled
				}
				cells = append(cells, Cell{Scenario: scenario.FullName(s), Version: v, Setting: set})
			}
		}
	}
	return cells, nil
}
