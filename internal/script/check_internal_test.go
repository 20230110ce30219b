package script

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/mmctx"
	"ptsim/pgalloc"
)

func runner(t *testing.T, text string, opt Options) *Runner {
	s, err := Parse("f", strings.NewReader(text))
	require.NoError(t, err)
	r, err := New(s, opt)
	require.NoError(t, err)
	return r
}

// step runs n operations and returns the last state.
func step(t *testing.T, r *Runner, n int) *State {
	var s *State
	for range n {
		var err error
		s, err = r.Step()
		require.NoError(t, err)
	}
	return s
}

// TestCountsFound: a reference that nobody accounts for is found, once.
func TestCountsFound(t *testing.T) {
	for _, v := range pgalloc.Variants() {
		r := runner(t, "mm 7\nmm 8\ngp\ngp", Options{Variant: v.Variant})
		step(t, r, 2)
		r.sys.MMs.Grab(r.m.CPU(scriptCPU), r.spaces[8].mm)
		s := step(t, r, 1)
		if assert.Len(t, s.Violations, 1, v.Variant) {
			got := s.Violations[0]
			assert.Equal(t, mmctx.MMCount, got.Kind)
			assert.Equal(t, 3, got.Step)
			assert.Equal(t, "wrong mm_count: mm8: it is 2, but there are 1 references: 1 for users, 0 of mmgrab, 0 pins", got.Sentence())
		}
		assert.Empty(t, step(t, r, 1).Violations, "once")
	}
}

// TestPins: what each pin holds, mask by mask, for a page with a pending lower and an allocated upper half, and so on.
func TestPins(t *testing.T) {
	masks := []pgalloc.Mask{0x00, 0x01, 0x03, 0x12, 0x16, 0x30, 0x3c, 0x20}
	want := map[pgalloc.Pin][]int{
		pgalloc.PinHalf:       {0, 0, 0, 1, 1, 2, 2, 1},
		pgalloc.PinTable:      {0, 1, 2, 2, 2, 2, 2, 1},
		pgalloc.PinPage:       {0, 0, 0, 1, 1, 1, 1, 1},
		pgalloc.PinPageLocked: {0, 0, 0, 1, 1, 1, 1, 1},
		pgalloc.PinPageLife:   {0, 1, 1, 1, 1, 1, 1, 1},
	}
	for _, pin := range pgalloc.Pins() {
		r := runner(t, "gp", Options{Pin: pin})
		for i, m := range masks {
			assert.Equal(t, want[pin][i], r.pins(m), "%s %s", pin, m)
		}
	}
}

// TestLostFound: a page whose table the script forgets is lost at once, unless somebody has a reference to it.
func TestLostFound(t *testing.T) {
	r := runner(t, "mm 1\nalloc 1 -> t1\nref t1 1\ngp\nunref t1 1\ngp", Options{})
	step(t, r, 3)
	r.names["t1"].state = freed
	assert.Empty(t, step(t, r, 1).Violations)
	s := step(t, r, 1)
	if assert.Len(t, s.Violations, 1) {
		assert.Equal(t, "page lost: page p0 is not free, and nothing leads to it any more: no callback or open batch is left for mask --|--|-A",
			s.Violations[0].Sentence())
		assert.Equal(t, "[upper: free | lower: allocated] --|--|-A  on the list", s.Violations[0].Picture)
	}
	assert.True(t, s.Pages[0].Lost)
	assert.Empty(t, step(t, r, 1).Violations, "once")
}

// TestNoChecks: the checks after each operation can be left out, what stops a script cannot.
func TestNoChecks(t *testing.T) {
	lost := "mm 1\nalloc 1 -> t1\nalloc 1 -> t2\ndefer t1\ndefer t2\ngp"
	r := runner(t, lost, Options{Variant: pgalloc.RFCAsPosted, NoChecks: true})
	require.NoError(t, r.Run(nil))
	assert.Empty(t, r.Violations())
	r = runner(t, lost, Options{Variant: pgalloc.RFCAsPosted})
	require.NoError(t, r.Run(nil))
	assert.Len(t, r.Violations(), 1)

	r = runner(t, "mm 1\nalloc 1 -> t1\nalloc 1 -> t2\ndefer t1\nhook exit 1\ngp\ngp", Options{Variant: pgalloc.RFC, NoChecks: true})
	require.NoError(t, r.Run(nil))
	assert.NotEmpty(t, r.err)
	assert.Equal(t, 6, r.next)
}

func TestCompareNames(t *testing.T) {
	sorted := []string{"_", "a", "a1b", "a1c", "a2", "a02b", "a10", "b", "t1", "t2", "t10", "t11x2", "t11x10", "t100"}
	for i, a := range sorted {
		for j, b := range sorted {
			got := compareNames(a, b)
			switch {
			case i < j:
				assert.Negative(t, got, "%s %s", a, b)
			case i > j:
				assert.Positive(t, got, "%s %s", a, b)
			default:
				assert.Zero(t, got)
			}
		}
	}
}

func TestRanges(t *testing.T) {
	assert.Equal(t, "p1", ranges([]int{1}))
	assert.Equal(t, "p3 to p5, p9, p7 to p8", ranges([]int{3, 4, 5, 9, 7, 8}))
}
