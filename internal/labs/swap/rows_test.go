package swap_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/labtest"
	"ptsim/internal/labs/swap"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/memory"
)

const root = "../../.."

// pins are the states of the safe rows, and of the others the switches of the shortest schedule and the version that is right.
var pins = map[string]labtest.Pin{
	"S-final-tso":         {States: 12846},
	"S5-offon-tso":        {States: 12366},
	"S5-tso":              {States: 1592},
	"S1b-tso":             {States: 558},
	"S0":                  {Switches: 2, Repaired: "v5.14"},
	"S0-uaf":              {Switches: 2, Repaired: "v5.14"},
	"S1":                  {States: 147},
	"S1-lkmm":             {States: 313},
	"S1-on":               {States: 49},
	"S1-on-lkmm":          {States: 112},
	"S1a":                 {Switches: 2, Repaired: "v5.3"},
	"S1a-uaf":             {Switches: 2, Repaired: "v5.3"},
	"S1b":                 {States: 141},
	"S1b-lkmm":            {Switches: 1, Repaired: "v5.3"},
	"S1c":                 {States: 43},
	"S1c-lkmm":            {Switches: 1, Repaired: "v5.3"},
	"S1d-lkmm":            {States: 105},
	"S1d-offon-lkmm":      {States: 325},
	"S1e":                 {States: 34},
	"S1e-lkmm":            {Switches: 1, Repaired: "valid-rmb"},
	"S2":                  {Switches: 0, Repaired: "v5.14"},
	"S2-fix":              {States: 9},
	"S4":                  {Switches: 2, Repaired: "v5.14"},
	"S4-uaf":              {Switches: 2, Repaired: "v5.14"},
	"S5":                  {States: 341},
	"S5-lkmm":             {Switches: 1, Repaired: "v5.14"},
	"S5-entry-lkmm":       {Switches: 1, Repaired: "v5.14"},
	"S5-offon":            {States: 1581},
	"S5-offon-lkmm":       {Switches: 3, Repaired: "v5.14"},
	"S6":                  {Switches: 1, Repaired: "v5.14"},
	"S7":                  {Switches: 1, Repaired: "v5.14"},
	"S8":                  {Switches: 2, Repaired: "v5.14"},
	"S8-fix":              {States: 186},
	"S9":                  {Switches: 4, Repaired: "v5.14"},
	"S-v1":                {Switches: 1, Repaired: "v5.14"},
	"S-v1-again":          {Switches: 3, Repaired: "v5.14"},
	"S10":                 {States: 238},
	"S10-lkmm":            {States: 560},
	"S11":                 {Switches: 2, Repaired: "v5.14"},
	"S11-fix":             {States: 164},
	"S-final-on":          {States: 341},
	"S-final-on-lkmm":     {States: 818},
	"S-final-off":         {States: 1035},
	"S-final":             {States: 1581},
	"S-final-lkmm":        {States: 11465},
	"S-final-users":       {States: 14190},
	"S-final-owners":      {States: 11727},
	"S-final-lookup":      {States: 406},
	"S5-atomic-lkmm":      {States: 428},
	"S-final-atomic":      {States: 185},
	"S-final-atomic-lkmm": {States: 446},
	"S12":                 {Switches: 1},
	"S12-on":              {Switches: 1},
	"S-final-twice":       {States: 5058},
	"S-cache":             {States: 610},
	"S-cache-lkmm":        {Switches: 3, Repaired: "v5.3"},
	"S1-cache":            {States: 143},
	"S1-cache-lkmm":       {States: 323},
	"S-dennis-twice":      {States: 702},
	"S-dennis":            {States: 1489},
	"S-dennis-on-lkmm":    {States: 72},
	"S-dennis-lkmm":       {States: 13135},
	"S-dennis-rcu":        {Switches: 5, Repaired: "replaced"},
}

// Every row of the table, with the repaired version of each broken one exhausted beside it.
func TestRows(t *testing.T) { labtest.Rows(t, root, swap.Lab(), pins) }

// What is safe is so in every setting, and without any folding.
func TestOtherSettings(t *testing.T) { labtest.OtherSettings(t, root, swap.Lab(), 1600) }

// Every version and every scenario is in a row, and every row says what it shows.
func TestRowsAreComplete(t *testing.T) {
	labtest.Complete(t, root, swap.Lab())
	labtest.Noted(t, swap.Lab())
}

// docs/labs/swap.md has the table.
func TestDoc(t *testing.T) { labtest.Doc(t, root, swap.Lab(), pins) }

// plain returns the states of a scenario and a version under sequential consistency with nothing folded, and under lkmm.
func plain(t *testing.T, name, version string) (sc, lkmm uint64) {
	t.Helper()
	states := func(change func(o *explore.Options)) uint64 {
		mo, err := lab.Build(labtest.Scenario(t, root, swap.Lab(), name), version)
		require.NoError(t, err)
		opt := explore.Defaults()
		change(&opt)
		r, err := explore.Exhaustive(mo, opt)
		require.NoError(t, err)
		return r.States
	}
	return states(func(o *explore.Options) { o.Plain = true }), states(func(o *explore.Options) { o.Model = memory.LKMM })
}

// The kernel's memory model costs states. docs/labs/swap.md has the figures, and says at most four times what sequential consistency
// takes with nothing folded.
func TestCostOfWeakMemory(t *testing.T) {
	for _, q := range [][2]string{{"on", "v5.14"}, {"off", "v5.14"}, {"offon-fault", "v5.14"}, {"on", "v5.3"}, {"offon", "v5.3"}} {
		sc, lkmm := plain(t, q[0], q[1])
		t.Logf("%s on %s: %d under sc unfolded, %d under lkmm", q[0], q[1], sc, lkmm)
		assert.LessOrEqual(t, lkmm, 4*sc, q)
	}
}

// Seed 002: the first swapon, with no smp_rmb(). The shortest schedule has one switch, and one load that reads an older store: a step
// that takes another way than the first.
func TestOneStaleRead(t *testing.T) {
	for _, kind := range []kern.Kind{kern.NullDeref, kern.Assertion} {
		mo, err := lab.Build(labtest.Scenario(t, root, swap.Lab(), "on"), "no-rmb")
		require.NoError(t, err)
		opt := explore.Defaults()
		opt.Model = memory.LKMM
		r, err := explore.Shortest(mo, opt, kind)
		require.NoError(t, err)
		require.Equal(t, explore.Violated, r.Verdict)
		tr, err := explore.Replay(mo, opt, r.Schedule, nil)
		require.NoError(t, err)
		assert.LessOrEqual(t, tr.Switches, 3, kind)
		text := r.Schedule.Text()
		assert.Regexp(t, `^[^?]*\?\d+[^?]*$`, text, "one step goes another way")
	}
}
