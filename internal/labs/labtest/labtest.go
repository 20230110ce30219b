// Package labtest judges the rows of a lab in its tests: it reads the lab's scenarios, explores each row in its setting, and holds
// what comes out against what the row expects, and against figures that the test pins.
//
// # What is judged
//
// A row says safe, or violated and a kind. [Rows] wants that of an exhaustive search, of a shortest schedule, and of the replay of that
// by the protocol's own code. Of a row that is safe it wants the number of states that was pinned. Of one that is violated it wants
// the number of switches, and that the version which repairs it is safe in the same scenario and setting: a broken version proves
// little if a right one breaks as well. [OtherSettings] wants what is safe to be so with other softirqs, with grace periods that wait
// for rcu_read_lock alone, and without any folding of steps, which is the explorer's own way to be asked twice.
//
// # What is not
//
// It shares the explorer with the faces. What shares nothing with it are the native runs of each protocol, and the Promela models in
// docs/spin.
//
// It keeps nothing between two calls, and takes no locks. A row whose scenario does not parse fails its test with the file and the
// line.
//
// # Where to start
//
// The Example, then internal/labs/shrinker/rows_test.go.
package labtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/memory"
)

// Pin is what a test knows of a row besides what the row expects.
type Pin struct {
	States   uint64 // of a safe row
	Switches int    // of the shortest schedule of a violated one
	Repaired string // the version that is safe where the row is violated, "" if there is none
}

// Options are the options that a row is explored with.
func Options(r *lab.Row) explore.Options {
	opt := explore.Defaults()
	switch r.Softirqs {
	case "cpu":
		opt.Softirqs = explore.SoftirqsOnCPU
	case "1":
		opt.Softirqs = 1
	}
	if r.Grace == "any" {
		opt.Grace = explore.GraceAny
	}
	opt.Lax = r.Lax
	if r.Memory != "" {
		spec, err := memory.ParseSpec(r.Memory)
		if err != nil {
			panic(fmt.Sprintf("row %s: %v", r.ID, err))
		}
		opt.Model, opt.LKMM = spec.Model, spec.Release
	}
	return opt
}

// Scenario reads a scenario that comes with a lab. root is the folder of the module.
func Scenario(t testing.TB, root string, l *lab.Lab, name string) *lab.Scenario {
	t.Helper()
	file := filepath.Join(root, "testdata", "scenarios", l.Name, name+".scn")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	s, err := scenario.Parse(file, string(text))
	require.NoError(t, err)
	require.Equal(t, l.Name, s.Lab.Name, file)
	s.Lab = l
	return s
}

// Rows judges all rows of a lab.
func Rows(t *testing.T, root string, l *lab.Lab, pins map[string]Pin) {
	t.Helper()
	for _, r := range l.Rows {
		pin, ok := pins[r.ID]
		if assert.True(t, ok, "row %s is not pinned", r.ID) {
			t.Run(r.ID, func(t *testing.T) { row(t, root, l, &r, pin) })
		}
	}
	for id := range pins {
		known := false
		for _, r := range l.Rows {
			known = known || r.ID == id
		}
		assert.True(t, known, "there is no row %s", id)
	}
}

// row wants a row to say what it is pinned to.
func row(t *testing.T, root string, l *lab.Lab, r *lab.Row, pin Pin) {
	t.Helper()
	s, opt := Scenario(t, root, l, r.Scenario), Options(r)
	res := explored(t, s, r.Version, opt)
	verdict, kind, _ := strings.Cut(r.Expect, " ")
	assert.Equal(t, verdict, string(res.Verdict))
	if res.Verdict != explore.Violated {
		assert.Equal(t, pin.States, res.States, "states")
		return
	}
	tr := shortest(t, s, r, opt)
	assert.Equal(t, kind, tr.Violation.Kind.String(), tr.Violation.Sentence())
	assert.Equal(t, pin.Switches, tr.Switches, "switches")
	if pin.Repaired != "" {
		assert.Equal(t, explore.Safe, explored(t, s, pin.Repaired, opt).Verdict, "on %s", pin.Repaired)
	}
}

// OtherSettings judges the safe rows of a lab in other settings. Those of more states than most are left out where nothing is folded.
func OtherSettings(t *testing.T, root string, l *lab.Lab, most uint64) {
	t.Helper()
	for _, r := range l.Rows {
		if r.Expect != "safe" || r.Lax || r.Memory != "" {
			continue
		}
		s := Scenario(t, root, l, r.Scenario)
		for what, change := range map[string]func(o *explore.Options){
			"softirqs cpu": func(o *explore.Options) { o.Softirqs = explore.SoftirqsOnCPU },
			"grace any":    func(o *explore.Options) { o.Grace = explore.GraceAny },
			"plain":        func(o *explore.Options) { o.Plain, o.Softirqs = true, 1 },
		} {
			opt := Options(&r)
			change(&opt)
			if opt.Plain && explored(t, s, r.Version, Options(&r)).States > most {
				continue
			}
			assert.Equal(t, explore.Safe, explored(t, s, r.Version, opt).Verdict, "%s, %s", r.ID, what)
		}
	}
}

func explored(t *testing.T, s *lab.Scenario, version string, opt explore.Options) explore.Result {
	t.Helper()
	mo, err := lab.Build(s, version)
	require.NoError(t, err)
	res, err := explore.Exhaustive(mo, opt)
	require.NoError(t, err, "%s on %s", s.Name, version)
	return res
}

// shortest returns the row's shortest schedule, replayed.
func shortest(t *testing.T, s *lab.Scenario, r *lab.Row, opt explore.Options) *explore.Trace {
	t.Helper()
	mo, err := lab.Build(s, r.Version)
	require.NoError(t, err)
	var kind kern.Kind
	if r.Kind != "" {
		require.NoError(t, kind.UnmarshalText([]byte(r.Kind)), "%s", r.ID)
	}
	res, err := explore.Shortest(mo, opt, kind)
	require.NoError(t, err, "%s", r.ID)
	require.Equal(t, explore.Violated, res.Verdict, "%s", r.ID)
	tr, err := explore.Replay(mo, opt, res.Schedule, nil)
	require.NoError(t, err, "%s", r.ID)
	require.NotNil(t, tr.Violation, "%s", r.ID)
	return tr
}

// Names returns the scenarios that come with a lab.
func Names(t testing.TB, root, name string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "testdata", "scenarios", name, "*.scn"))
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".scn"))
	}
	require.NotEmpty(t, names)
	return names
}

// Complete wants every version and every scenario of a lab to be in a row.
func Complete(t *testing.T, root string, l *lab.Lab) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range l.Rows {
		seen["scenario "+r.Scenario], seen["version "+r.Version] = true, true
	}
	for _, v := range l.Versions {
		assert.True(t, seen["version "+v.Name], "no row for version %s", v.Name)
	}
	for _, name := range Names(t, root, l.Name) {
		assert.True(t, seen["scenario "+name], "no row for scenario %s", name)
	}
}

// Noted wants every row of a lab to say what it shows, and what it expects.
func Noted(t *testing.T, l *lab.Lab) {
	t.Helper()
	for _, r := range l.Rows {
		assert.NotEmpty(t, r.Note, r.ID)
		assert.NotEmpty(t, r.Expect, r.ID)
	}
}

// Update has the tables of docs/labs be written anew.
var Update = flag.Bool("update", false, "write the tables of docs/labs anew")

// The lines between which a document has the table of a lab's rows.
const (
	begins = "<!-- rows -->\n"
	ends   = "<!-- end -->\n"
)

// Cost says what the safe rows of a lab cost: their states in all, and the row that has the most.
func Cost(l *lab.Lab, pins map[string]Pin) (states uint64, most string) {
	for _, r := range l.Rows {
		pin := pins[r.ID]
		if r.Expect != string(explore.Safe) {
			continue
		}
		if states += pin.States; most == "" || pin.States > pins[most].States {
			most = r.ID
		}
	}
	return states, most
}

// Table is the table of a lab's rows in markdown, with what was pinned, and what the safe ones cost.
func Table(l *lab.Lab, pins map[string]Pin) string {
	var b strings.Builder
	b.WriteString("| row | scenario | version | verdict | states, or switches | right is | what it says |\n|---|---|---|---|--:|---|---|\n")
	for _, r := range l.Rows {
		pin, verdict := pins[r.ID], r.Expect
		if r.Lax {
			verdict += ", lax"
		}
		if r.Grace != "" {
			verdict += ", grace " + r.Grace
		}
		if r.Memory != "" {
			verdict += ", " + r.Memory
		}
		figure := pin.States
		if strings.HasPrefix(r.Expect, string(explore.Violated)) {
			figure = uint64(pin.Switches)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %d | %s | %s |\n", r.ID, r.Scenario, r.Version, verdict, figure, pin.Repaired, r.Note)
	}
	states, most := Cost(l, pins)
	fmt.Fprintf(&b, "\nThe safe rows take %s states in all. The largest is %s, with %s.\n", prose.Group(states), most, prose.Group(pins[most].States))
	return b.String()
}

// Doc wants docs/labs/NAME.md to have the table of the lab's rows, and docs/labs/README.md to know how many there are and what they
// cost. With -update it writes the first.
func Doc(t *testing.T, root string, l *lab.Lab, pins map[string]Pin) {
	t.Helper()
	file := filepath.Join(root, "docs", "labs", l.Name+".md")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), begins)
	require.True(t, ok, "%s has no line %s", file, begins)
	old, after, ok := strings.Cut(rest, ends)
	require.True(t, ok, "%s has no line %s", file, ends)
	if *Update {
		require.NoError(t, os.WriteFile(file, []byte(before+begins+Table(l, pins)+ends+after), 0o600))
		return
	}
	assert.Equal(t, Table(l, pins), old, "%s: go test ./internal/labs/%s -update", file, l.Name)
	course, err := os.ReadFile(filepath.Join(root, "docs", "labs", "README.md"))
	require.NoError(t, err)
	states, _ := Cost(l, pins)
	assert.Contains(t, string(course), fmt.Sprintf("\n| `%s` | %d | %s |", l.Name, len(l.Rows), prose.Group(states)), "docs/labs/README.md, what it costs")
}
