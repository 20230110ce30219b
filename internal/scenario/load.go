package scenario

import (
	"fmt"
	"strings"

	"ptsim"

	"ptsim/internal/quote"
)

const (
	folder = "testdata/scenarios"
	ending = ".scn"
)

// Names returns the names of the scenarios that come with the project, sorted.
func Names() []string {
	entries, err := ptsim.Scenarios.ReadDir(folder)
	if err != nil {
		panic("scenario: " + err.Error()) // they are part of the binary
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ending))
	}
	return names
}

// Load returns the scenario of that name that comes with the project.
func Load(name string) (*Scenario, error) {
	for _, n := range Names() {
		if n != name {
			continue
		}
		file := folder + "/" + name + ending
		text, err := ptsim.Scenarios.ReadFile(file)
		if err != nil {
			return nil, err
		}
		return Parse(file, string(text))
	}
	return nil, fmt.Errorf("unknown scenario %s; %s", quote.Short(name), quote.Expected(name, Names()))
}

// Text returns the text of a scenario that comes with ptsim.
func Text(name string) (string, bool) {
	text, err := ptsim.Scenarios.ReadFile(folder + "/" + name + ending)
	return string(text), err == nil
}
