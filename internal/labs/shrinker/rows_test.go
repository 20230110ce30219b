package shrinker

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	protocol "ptsim/shrinker"
)

func explored(t *testing.T, r *Row, v protocol.Variant, opt explore.Options) explore.Result {
	t.Helper()
	mo, err := r.Model(v)
	require.NoError(t, err)
	res, err := explore.Exhaustive(mo, opt)
	require.NoError(t, err, "%s", r.ID)
	return res
}

// shortest returns the shortest schedule of the row's kind, as its replay tells of it.
func shortest(t *testing.T, r *Row) *explore.Trace {
	t.Helper()
	mo, err := r.Model(r.Variant)
	require.NoError(t, err)
	kind := kern.NoViolation
	if r.Only {
		kind = r.Kind
	}
	res, err := explore.Shortest(mo, Setting(), kind)
	require.NoError(t, err, "%s", r.ID)
	require.Equal(t, explore.Violated, res.Verdict, "%s", r.ID)
	tr, err := explore.Replay(mo, Setting(), res.Schedule, nil)
	require.NoError(t, err, "%s", r.ID)
	return tr
}

// Every row of the table, with the repaired version of each broken one exhausted beside it.
func TestRows(t *testing.T) {
	for _, r := range Rows() {
		res := explored(t, &r, r.Variant, Setting())
		assert.Equal(t, r.Verdict, res.Verdict, "%s", r.ID)
		if r.Verdict == explore.Safe {
			assert.Equal(t, r.States, res.States, "%s: states", r.ID)
			continue
		}
		tr := shortest(t, &r)
		assert.Equal(t, r.Kind, tr.Violation.Kind, "%s: %s", r.ID, tr.Violation.Sentence())
		assert.Equal(t, r.Switches, tr.Switches, "%s: switches", r.ID)
		fixed := explored(t, &r, r.Repaired, Setting())
		assert.Equal(t, explore.Safe, fixed.Verdict, "%s on %s", r.ID, r.Repaired)
	}
}

// What is safe is so in every setting, and without any folding.
func TestSafeRowsInOtherSettings(t *testing.T) {
	for _, r := range Rows() {
		if r.Verdict != explore.Safe {
			continue
		}
		for _, change := range []func(o *explore.Options){
			func(o *explore.Options) { o.Softirqs = 2 },
			func(o *explore.Options) { o.Softirqs = explore.SoftirqsOnCPU },
			func(o *explore.Options) { o.Grace = explore.GraceAny },
			func(o *explore.Options) { o.Plain = true },
		} {
			opt := Setting()
			change(&opt)
			if r.States > 2000 && (opt.Plain || testing.Short()) {
				continue
			}
			res := explored(t, &r, r.Variant, opt)
			assert.Equal(t, explore.Safe, res.Verdict, "%s, softirqs %d, grace %s, plain %v", r.ID, opt.Softirqs, opt.Grace, opt.Plain)
		}
	}
}

// Right versions keep the invariants in every state. One that is wrong does not: it is no check that passes anything.
func TestInvariants(t *testing.T) {
	for _, name := range []string{"walk", "owners", "memcg"} {
		sc, _ := Find(name)
		for v, want := range map[protocol.Variant]explore.Verdict{
			protocol.Merged: explore.Safe, protocol.KmemPut: explore.Safe, protocol.Sync: explore.Safe, protocol.V1: explore.Safe, protocol.V2: explore.Violated,
		} {
			mo, err := sc.Checked(v)
			require.NoError(t, err)
			res, err := explore.Exhaustive(mo, Setting())
			require.NoError(t, err)
			assert.Equal(t, want, res.Verdict, "%s on %s", name, v)
		}
	}
	sc, _ := Find("walk")
	mo, err := sc.Checked(protocol.UnlinkFirst)
	require.NoError(t, err)
	res, err := explore.Shortest(mo, Setting(), kern.Assertion)
	require.NoError(t, err)
	assert.Equal(t, explore.Violated, res.Verdict, "unlinked with references left")
}

// The rows name what there is, and every scenario and version is in one.
func TestRowsAreComplete(t *testing.T) {
	seen, ids := map[string]bool{}, map[string]bool{}
	for _, r := range Rows() {
		assert.False(t, ids[r.ID], "%s is there twice", r.ID)
		ids[r.ID], seen[r.Scenario], seen[string(r.Variant)] = true, true, true
		assert.NotEmpty(t, r.Says, r.ID)
		assert.Equal(t, r.Verdict == explore.Violated, r.Repaired != "", "%s: repaired by %q", r.ID, r.Repaired)
	}
	for _, sc := range Scenarios() {
		assert.True(t, seen[sc.Name], "no row for scenario %s", sc.Name)
	}
	for _, i := range protocol.Variants() {
		assert.True(t, seen[string(i.Variant)], "no row for version %s", i.Variant)
	}
}

func TestBadScenarios(t *testing.T) {
	for does, want := range map[string]string{
		"shrnk":    "shrnk: there is no such verb",
		"umount":   "umount: expected the number of a super_block, 1 to 4",
		"umount 9": "umount 9: expected the number of a super_block, 1 to 4",
	} {
		sc := Scenario{Tasks: []Task{{"a", []string{does}}}}
		_, err := sc.Model(protocol.Merged)
		assert.EqualError(t, err, want)
	}
	sc := Scenario{}
	_, err := sc.Model("v9")
	assert.ErrorContains(t, err, "unknown variant")
}
