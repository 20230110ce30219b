package mutants

import (
	"fmt"
	"strings"
)

// Mutant is a change to one source file, and what is expected of it.
type Mutant struct {
	Name string // the source's name and its own: classic/alloc-no-del
	At   string // file:line of its entry in the lists
	What string // what the changed code does, in a few words

	File  string // the source, from the root of the module
	Func  string // the function that the lines are in; "" if they are in none
	Edits []Edit // top to bottom

	On    []string // the versions that the explorer runs it on, as variant or variant/pin; none if Tests is set
	Tests string   // the package whose tests judge it, as ./s390sim

	Killed Kill   // how the explorer finds it out, if it does
	Equal  string // else why it does what the original does
	Blind  string // or why no scenario can see what it does otherwise
	Test   Test   // the test that kills it: with Tests, or with Blind
}

// Edit replaces lines by others. Lines are compared without the space around them; New may be empty.
type Edit struct {
	Old, New []string
	Part     bool // of a line: Old and New are one each, and the rest of the line stays
}

// Kill is where a mutant is found out, and as what.
type Kill struct {
	Job  string // as the probe takes it
	Kind string // of violation; panic or hang if the code does not survive itself
}

// Test is a test of the module: a package and a name.
type Test struct{ Package, Name string }

// Survives tells whether nothing is expected to kill it: no scenario, or no test of the package that judges it.
func (m *Mutant) Survives() bool { return m.Equal != "" || m.Blind != "" }

// Apply makes the change in the text of its source. What each edit replaces must be there once, in the function that the
// mutant names, behind those of the edit before.
func (m *Mutant) Apply(source string) (string, error) {
	lines := strings.Split(source, "\n")
	from, to := 0, len(lines)
	if m.Func != "" {
		var err error
		if from, to, err = body(lines, m.Func); err != nil {
			return "", m.lost("%v", err)
		}
	}
	for _, e := range m.Edits {
		if e.Part {
			at, err := findPart(lines[from:to], e.Old[0])
			if err != nil {
				return "", m.lost("%v", err)
			}
			from += at
			lines[from] = strings.Replace(lines[from], e.Old[0], e.New[0], 1)
			continue
		}
		at, err := find(lines[from:to], e.Old)
		if err != nil {
			return "", m.lost("%v", err)
		}
		at += from
		lines = append(lines[:at:at], append(e.New[:len(e.New):len(e.New)], lines[at+len(e.Old):]...)...)
		from, to = at+len(e.New), to+len(e.New)-len(e.Old)
	}
	return strings.Join(lines, "\n"), nil
}

func (m *Mutant) lost(format string, args ...any) error {
	return fmt.Errorf("%s: mutant %s does not fit %s any more: %s", m.At, m.Name, m.File, fmt.Sprintf(format, args...))
}

// body returns where a function begins and ends, as gofmt leaves it.
func body(lines []string, name string) (from, to int, err error) {
	from = -1
	for i, line := range lines {
		if !strings.HasPrefix(line, "func ") || !strings.Contains(line, " "+name+"(") {
			continue
		}
		if from >= 0 {
			return 0, 0, fmt.Errorf("there are two functions %s", name)
		}
		from, to = i, i+1
		for !strings.HasSuffix(line, "}") && to < len(lines) && lines[to] != "}" {
			to++
		}
		to = min(to+1, len(lines))
	}
	if from < 0 {
		return 0, 0, fmt.Errorf("there is no function %s", name)
	}
	return from, to, nil
}

// find returns where the wanted lines are.
func find(lines, want []string) (int, error) {
	at := -1
	for i := 0; i+len(want) <= len(lines); i++ {
		if !same(lines[i:], want) {
			continue
		}
		if at >= 0 {
			return 0, fmt.Errorf("%q is there twice", strings.Join(want, "\n"))
		}
		at = i
	}
	if at < 0 {
		return 0, fmt.Errorf("%q is not there", strings.Join(want, "\n"))
	}
	return at, nil
}

// findPart returns the line that the wanted text is part of.
func findPart(lines []string, want string) (int, error) {
	at := -1
	for i, line := range lines {
		switch strings.Count(line, want) {
		case 0:
			continue
		case 1:
			if at < 0 {
				at = i
				continue
			}
		}
		return 0, fmt.Errorf("%q is there twice", want)
	}
	if at < 0 {
		return 0, fmt.Errorf("%q is not there", want)
	}
	return at, nil
}

func same(lines, want []string) bool {
	for i := range want {
		if strings.TrimSpace(lines[i]) != want[i] {
			return false
		}
	}
	return true
}
