package mutants

import (
	"fmt"
	"strings"
)

const heading = `# Mutants

Does the explorer notice when the code is wrong? Each line of these tables is a change of a line or two in the allocator, or in
what it stands on, and the scenario that finds it out: the first one that does, small scenarios first. The lists in
internal/mutants/list have the changes themselves; this file is generated from them (go test ./internal/mutants -update).

%d mutants: %d are killed, %d are equal to the original in what they do, and %d are wrong in what no scenario
looks at; of those, a test kills %d.

The same is asked of what is around the allocator: whether the tests notice when the explorer is wrong, or the account at
the end of a scenario, or the emulator, or the replay of a trace. [These mutants](#judged-by-tests) have no scenario; the
tests of their own package judge them.
`

const judged = `
# Judged by tests

%d mutants: %d are killed, each by the test that is named, and %d are equal to the original in what they do.

| Package | Mutants | Killed | Equal |
|---|---|---|---|
`

// Table returns the mutants as a document.
func Table(all []*Mutant) string {
	var b strings.Builder
	var ms, tested []*Mutant
	killed, equal, blind, found := 0, 0, 0, 0
	for _, m := range all {
		if m.Tests != "" {
			tested = append(tested, m)
			continue
		}
		ms = append(ms, m)
		switch {
		case m.Equal != "":
			equal++
		case m.Blind != "":
			blind++
			if m.Test.Name != "" {
				found++
			}
		default:
			killed++
		}
	}
	fmt.Fprintf(&b, heading, len(ms), killed, equal, blind, found)
	section(&b, ms, "\n## Killed\n", "Killed by", func(m *Mutant) string {
		if m.Survives() {
			return ""
		}
		return m.Killed.String()
	})
	section(&b, ms, "\n## Equal\n\nThese change nothing that matters, and every scenario is safe with them.\n", "Why",
		func(m *Mutant) string { return m.Equal })
	section(&b, ms, "\n## Beyond the scenarios\n\nThese are wrong, and every scenario is safe with them.\n", "Why, and the test that kills it",
		func(m *Mutant) string {
			if m.Blind == "" || m.Test.Name == "" {
				return m.Blind
			}
			return fmt.Sprintf("%s; `%s` in %s", m.Blind, m.Test.Name, m.Test.in())
		})
	judgedByTests(&b, tested)
	return b.String()
}

// judgedByTests writes the mutants that tests judge, with their counts by package.
func judgedByTests(b *strings.Builder, ms []*Mutant) {
	type counts struct{ all, equal int }
	of := map[string]counts{}
	var packages []string
	equal := 0
	for _, m := range ms {
		n, known := of[m.Tests]
		if !known {
			packages = append(packages, m.Tests)
		}
		n.all++
		if m.Equal != "" {
			n.equal++
			equal++
		}
		of[m.Tests] = n
	}
	fmt.Fprintf(b, judged, len(ms), len(ms)-equal, equal)
	for _, p := range packages {
		fmt.Fprintf(b, "| %s | %d | %d | %d |\n", Test{Package: p}.in(), of[p].all, of[p].all-of[p].equal, of[p].equal)
	}
	section(b, ms, "\n## Killed by a test\n", "Killed by", func(m *Mutant) string {
		switch {
		case m.Test.Name == "":
			return ""
		case m.Test.Package == m.Tests:
			return "`" + m.Test.Name + "`"
		}
		return fmt.Sprintf("`%s` in %s", m.Test.Name, m.Test.in())
	})
	section(b, ms, "\n## Equal in what they do\n\nNo test can tell these from the original.\n", "Why",
		func(m *Mutant) string { return m.Equal })
}

// in is the package of the test, without the dot.
func (t Test) in() string { return strings.TrimPrefix(t.Package, "./") }

// section writes the mutants for which a last column is not empty, a table for each source.
func section(b *strings.Builder, ms []*Mutant, title, column string, last func(m *Mutant) string) {
	b.WriteString(title)
	file := ""
	for _, m := range ms {
		text := last(m)
		if text == "" {
			continue
		}
		if m.File != file {
			file = m.File
			fmt.Fprintf(b, "\n### %s\n\n| Mutant | In | What it does | %s |\n|---|---|---|---|\n", file, column)
		}
		_, name, _ := strings.Cut(m.Name, "/")
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, m.Func, cell(m.What), cell(text))
	}
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

// String says where a mutant is found out, and as what: "illegal-mask: `pass`, classic".
func (k Kill) String() string {
	words := strings.Split(k.Job, ",")
	if len(words) != 4 {
		return k.Kind
	}
	s := fmt.Sprintf("%s: `%s`, %s", k.Kind, words[0], words[1])
	switch words[2] {
	case "1":
	case "cpu":
		s += ", softirqs on the tasks' CPUs"
	default:
		s += ", " + words[2] + " softirq CPUs"
	}
	if words[3] != "precise" {
		s += ", any grace period"
	}
	return s
}
