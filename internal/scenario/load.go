package scenario

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"ptsim"

	"ptsim/internal/labs"
	"ptsim/internal/quote"
	"ptsim/lab"
)

const (
	folder = "testdata/scenarios"
	ending = ".scn"
)

// Names returns the names of the scenarios of the page tables that come with the project, sorted.
func Names() []string { return namesIn(filesOf(labs.Default())) }

// NamesOf returns the names of the scenarios of a lab that come with the project, sorted, as Load takes them: stack/aba.
func NamesOf(l *lab.Lab) []string {
	if l == labs.Default() {
		return Names()
	}
	names := namesIn(filesOf(l))
	for i := range names {
		names[i] = l.Name + "/" + names[i]
	}
	return names
}

// filesOf are the files of a lab's scenarios, and the folder that they are in.
func filesOf(l *lab.Lab) (files fs.FS, in string) {
	switch {
	case l.Scenarios != nil:
		return l.Scenarios, "."
	case l == labs.Default():
		return ptsim.Scenarios, folder
	}
	return ptsim.Scenarios, path.Join(folder, l.Name)
}

// AllNames returns those of all labs.
func AllNames() []string {
	var names []string
	for _, l := range labs.All() {
		names = append(names, NamesOf(l)...)
	}
	return names
}

func namesIn(files fs.FS, in string) []string {
	entries, err := fs.ReadDir(files, in)
	if err != nil {
		return nil // a lab that has none
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ending); ok {
			names = append(names, name)
		}
	}
	return names
}

// FullName is the name of a scenario as Load and schedules have it: stack/aba, or S1 of the page tables.
func FullName(s *Scenario) string {
	if s.Lab == labs.Default() {
		return s.Name
	}
	return s.Lab.Name + "/" + s.Name
}

// Load returns the scenario of that name that comes with the project.
func Load(name string) (*Scenario, error) {
	text, ok := Text(name)
	if !ok {
		return nil, fmt.Errorf("unknown scenario %s; %s", quote.Short(name), quote.ExpectedOf(name, Near(name), "ptsim scenarios"))
	}
	return Parse(fileOf(name), text)
}

// Near are the names that a wrong one could have been: those of the lab that it names, else those of the page tables.
func Near(name string) []string {
	of, _, _ := strings.Cut(name, "/")
	if l, err := labs.Get(of); err == nil {
		return NamesOf(l)
	}
	return Names()
}

func fileOf(name string) string { return folder + "/" + name + ending }

// Known tells whether a scenario of that name comes with ptsim.
func Known(name string) bool {
	_, known := Text(name)
	return known
}

// Text returns the text of a scenario that comes with ptsim.
func Text(name string) (string, bool) {
	if !fs.ValidPath(name) {
		return "", false
	}
	if of, rest, cut := strings.Cut(name, "/"); cut {
		if l, err := labs.Get(of); err == nil && l.Scenarios != nil {
			text, err := fs.ReadFile(l.Scenarios, rest+ending)
			return string(text), err == nil
		}
	}
	text, err := ptsim.Scenarios.ReadFile(fileOf(name))
	return string(text), err == nil
}
