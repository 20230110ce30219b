package zsmalloc_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/labtest"
	zs "ptsim/internal/labs/zsmalloc"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/memory"
	"ptsim/zsmalloc"
)

const root = "../../.."

func verdict(r explore.Result) string {
	if r.Violation == nil {
		return string(r.Verdict)
	}
	return string(r.Verdict) + " " + r.Violation.Kind.String()
}

// judge asks the explorer: every state if the row expects safe, or any violation; the shortest schedule of its kind otherwise.
func judge(t testing.TB, r lab.Row) (explore.Result, *explore.Model, explore.Options) {
	t.Helper()
	m, err := lab.Build(labtest.Scenario(t, root, zs.Lab(), r.Scenario), r.Version)
	require.NoError(t, err)
	opt := labtest.Options(&r)
	kind := kern.NoViolation
	if r.Kind != "" {
		require.NoError(t, kind.UnmarshalText([]byte(r.Kind)))
	}
	if kind == kern.NoViolation {
		all, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		if all.Verdict != explore.Violated {
			return all, m, opt
		}
	}
	short, err := explore.Shortest(m, opt, kind)
	require.NoError(t, err)
	return short, m, opt
}

// pins are the states of the safe rows; of the others the switches of the shortest schedule, and the version that is right.
var pins = map[string]labtest.Pin{
	"Z0t":       {States: 4989},
	"Z0u":       {States: 3985},
	"Z0v":       {States: 2087},
	"Z0w":       {States: 2314},
	"Z0x":       {States: 1141},
	"Z0y":       {States: 1305},
	"Z6n":       {Switches: 2, Repaired: "v6.8"},
	"Z6o":       {States: 2214},
	"Z12l":      {States: 2116},
	"Z12m":      {Switches: 2, Repaired: "rcu-repaired"},
	"Z12n":      {States: 1238},
	"Z0":        {States: 2087},
	"Z0a":       {States: 2672},
	"Z0b":       {Switches: 1, Repaired: "v6.8"},
	"Z0c":       {States: 2754},
	"Z0d":       {States: 1849},
	"Z0e":       {States: 1602},
	"Z0f":       {States: 8748},
	"Z0g":       {States: 20650},
	"Z0p":       {States: 49398},
	"Z0q":       {States: 39623},
	"Z0r":       {States: 1077},
	"Z0s":       {States: 2138},
	"Z0h":       {States: 110126},
	"Z0i":       {States: 522},
	"Z0j":       {States: 707},
	"Z0k":       {States: 19354},
	"Z0l":       {States: 29884},
	"Z0o":       {States: 3979},
	"Z0m":       {States: 3553},
	"Z0n":       {States: 269317},
	"Z1":        {Switches: 2, Repaired: "v6.8"},
	"Z1u":       {Switches: 1, Repaired: "v6.8"},
	"Z2":        {Switches: 0, Repaired: "rcu-repaired"},
	"Z2r":       {States: 23},
	"Z2s":       {States: 14},
	"Z3":        {Switches: 2, Repaired: "rcu-repaired"},
	"Z3b":       {Switches: 1, Repaired: "rcu-repaired"},
	"Z4":        {Switches: 3, Repaired: "rcu-repaired"},
	"Z4b":       {Switches: 3, Repaired: "rcu-repaired"},
	"Z5":        {Switches: 2, Repaired: "rcu-repaired"},
	"Z6":        {Switches: 0, Repaired: "v6.8"},
	"Z6r":       {States: 17},
	"Z6l":       {Switches: 1, Repaired: "v6.8"},
	"Z6m":       {States: 2201},
	"Z7":        {Switches: 4, Repaired: "v6.8"},
	"Z7a":       {Switches: 6, Repaired: "v6.8"},
	"Z7b":       {States: 3494},
	"Z7c":       {Switches: 4, Repaired: "v6.8"},
	"Z7e":       {Switches: 4, Repaired: "v6.8"},
	"Z7d":       {Switches: 4, Repaired: "v6.8"},
	"Z8":        {Switches: 2, Repaired: "v6.8"},
	"Z8c":       {Switches: 2, Repaired: "v6.17"},
	"Z9":        {Switches: 0, Repaired: "rcu-repaired"},
	"Z9a":       {Switches: 0, Repaired: "rcu-repaired"},
	"Z9r":       {States: 30},
	"Z9b":       {States: 1933},
	"Z9c":       {States: 3734},
	"Z9d":       {States: 6053},
	"Z10":       {Switches: 0, Repaired: "rcu-repaired"},
	"Z10a":      {Switches: 0, Repaired: "rcu-repaired"},
	"Z10b":      {Switches: 0, Repaired: "rcu-repaired"},
	"Z10t":      {States: 18},
	"Z10r":      {States: 22},
	"Z10s":      {States: 21},
	"Z11":       {States: 20},
	"Z11a":      {States: 20},
	"Z11b":      {States: 20},
	"Z11-lkmm":  {Switches: 1, Repaired: "drain-both"},
	"Z11a-lkmm": {Switches: 1, Repaired: "drain-both"},
	"Z11b-lkmm": {States: 37},
	"Z12-lkmm":  {States: 2156},
	"Z11c":      {Switches: 2},
	"Z12":       {States: 742},
	"Z12a":      {States: 758},
	"Z12j":      {States: 1723},
	"Z12b":      {States: 742},
	"Z12c":      {Switches: 1, Repaired: "rcu-repaired"},
	"Z12d":      {Repaired: "rcu-ordered", Switches: 2},
	"Z12e":      {States: 794},
	"Z12f":      {States: 5125},
	"Z12g":      {States: 43106},
	"Z12h":      {States: 4709},
	"Z12i":      {States: 499},
	"Z12k":      {States: 1015},
}

// Every row of the table, with the repaired version of each broken one exhausted beside it.
func TestRows(t *testing.T) { labtest.Rows(t, root, zs.Lab(), pins) }

// docs/labs/zsmalloc.md has the table.
func TestDoc(t *testing.T) { labtest.Doc(t, root, zs.Lab(), pins) }

// TestEachFlawHasItsRepairBesideIt wants each row of a flawed version to have one on the same scenario, whose version differs in the flaw
// alone and is safe.
func TestEachFlawHasItsRepairBesideIt(t *testing.T) {
	rows := zs.Lab().Rows
	for _, r := range rows {
		info := zsmalloc.Variant(r.Version).Info()
		if info.Flawed == "" || r.Expect == "safe" {
			continue
		}
		require.NotEmpty(t, info.Right, r.Version)
		found := slices.ContainsFunc(rows, func(o lab.Row) bool {
			return o.Scenario == r.Scenario && o.Version == string(info.Right) && o.Lax == r.Lax && o.Grace == r.Grace && o.Memory == r.Memory && o.Expect == "safe"
		})
		assert.Truef(t, found, "%s: no safe row has %s on %s", r.ID, info.Right, r.Scenario)
	}
}

// TestTables wants the tables to fit together, and every version, scenario and verb to be asked about.
func TestTables(t *testing.T) {
	l := zs.Lab()
	assert.Empty(t, l.Faults())
	verbs := map[string]bool{}
	labtest.Complete(t, root, l)
	labtest.Noted(t, l)
	for _, name := range labtest.Names(t, root, l.Name) {
		for _, task := range labtest.Scenario(t, root, l, name).Tasks {
			for _, op := range task.Ops {
				verbs[op.Word] = true
			}
		}
	}
	for _, v := range l.Verbs {
		assert.True(t, verbs[lab.Word(v.Form)], "no scenario has the verb %s", v.Form)
	}
}

// TestOldWorkerAndPages tells what the worker of v5.16 needs two pages for: to miss a page. One is enough to lock a page that was taken
// out, or freed.
func TestOldWorkerAndPages(t *testing.T) {
	for _, c := range []struct {
		scenario, kind string
		want           explore.Verdict
	}{
		{"free-migrate", "null-deref", explore.Violated},
		{"free-migrate-debug", "page-lock-not-held", explore.Safe},
		{"free-migrate", "use-after-free", explore.Violated},
		{"free-migrate-second", "null-deref", explore.Violated},
		{"free-migrate-second-debug", "page-lock-not-held", explore.Violated},
	} {
		got, _, _ := judge(t, lab.Row{Scenario: c.scenario, Version: "v5.16-worker", Kind: c.kind})
		assert.Equalf(t, c.want, got.Verdict, "%s, only %s", c.scenario, c.kind)
	}
}

// large are rows of too many states to be judged again and again.
func large(r lab.Row) bool { return r.Scenario == "two-migrate" }

// TestRightVersions wants what is safe to be so, and no more: it is what judges mutants of the protocol.
func TestRightVersions(t *testing.T) {
	for _, r := range zs.Lab().Rows {
		if r.Expect == "safe" && !large(r) {
			got, _, _ := judge(t, r)
			require.Equalf(t, "safe", verdict(got), "%s: %s on %s", r.ID, r.Scenario, r.Version)
		}
	}
}

// TestOtherSettings asks again what is safe: with softirqs on the CPUs of the tasks, with grace periods that wait for rcu_read_lock() alone,
// and with every primitive a step of its own. rcu-repaired leans on other readers, see Z12d.
func TestOtherSettings(t *testing.T) {
	for _, r := range zs.Lab().Rows {
		if r.Expect != "safe" || r.Lax || r.Memory != "" || large(r) || r.Scenario == "reuse" || r.Scenario == "malloc-free" || r.Scenario == "gone" {
			continue
		}
		m, err := lab.Build(labtest.Scenario(t, root, zs.Lab(), r.Scenario), r.Version)
		require.NoError(t, err)
		for what, change := range map[string]func(o *explore.Options){
			"softirqs cpu": func(o *explore.Options) { o.Softirqs = explore.SoftirqsOnCPU },
			"grace any":    func(o *explore.Options) { o.Grace = explore.GraceAny },
			"plain":        func(o *explore.Options) { o.Plain, o.Softirqs, o.Races = true, 1, explore.Adjacent },
		} {
			opt := labtest.Options(&r)
			change(&opt)
			leans := opt.Grace == explore.GraceAny && (r.Version == "rcu-repaired" || r.Version == "rcu-nested")
			got, err := explore.Exhaustive(m, opt)
			require.NoError(t, err)
			if leans && got.Verdict == explore.Violated {
				assert.Equalf(t, kern.UseAfterFree, got.Violation.Kind, "%s, %s", r.ID, what)
				continue
			}
			assert.Equalf(t, explore.Safe, got.Verdict, "%s, %s", r.ID, what)
		}
	}
}

// TestUnderTheKernelsMemoryModel wants the rows that wait for weak memory to hang there, and both barriers, and the patch repaired, to hold.
func TestUnderTheKernelsMemoryModel(t *testing.T) {
	for _, c := range []struct{ scenario, version, want string }{
		{"drain", "drain-no-barrier", "violated deadlock"},
		{"drain", "drain-v5.3", "violated deadlock"},
		{"drain", "drain-both", "safe"},
		{"free-migrate", "rcu-repaired", "safe"},
	} {
		m, err := lab.Build(labtest.Scenario(t, root, zs.Lab(), c.scenario), c.version)
		require.NoError(t, err)
		opt := explore.Defaults()
		opt.Model = memory.LKMM
		got, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		assert.Equalf(t, c.want, verdict(got), "%s on %s", c.scenario, c.version)
	}
}

// Example asks about one row.
func Example() {
	l := zs.Lab()
	for _, r := range l.Rows {
		if r.ID == "Z3" {
			fmt.Println(r.Scenario, "on", r.Version+":", r.Expect)
		}
	}
	// Output:
	// free-migrate on rcu-as-posted: violated null-deref
}
