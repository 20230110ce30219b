package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/memory"
)

// TestPrograms wants what each task does, result by result, with what the code itself reports.
func TestPrograms(t *testing.T) {
	m := weakModel("mp", func(c *kern.CPU, g kern.Addr) {
		kern.WriteOnce(c, g, 1)
		kern.WriteOnce(c, g+1, 1)
	}, func(c *kern.CPU, g kern.Addr) {
		if kern.ReadOnce(c, g+1) == 1 {
			kern.Assert(c, kern.ReadOnce(c, g) == 1, "who sees the flag sees the word")
		}
	})
	opt := explore.Defaults()
	opt.Model, opt.All, opt.Programs = memory.LKMM, true, true
	r, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	list := r.Reached.Programs()
	require.Len(t, list, 2)
	assert.Equal(t, "A", list[0].Task)
	flag := list[1].First
	assert.Equal(t, kern.OpRead, flag.Op.Kind)
	assert.Equal(t, "explore_test/programs_test.go", flag.Place.File)
	require.Len(t, flag.Turns, 2)
	assert.True(t, flag.Turns[0].Result == 0 && flag.Turns[0].To.Over(), "it saw no flag")
	word := flag.Turns[1].To
	require.Len(t, word.Turns, 2)
	assert.Equal(t, kern.Assertion, word.Turns[0].Bad.Kind)
	assert.Nil(t, word.Turns[1].Bad)
	assert.Equal(t, word.Addr, r.Reached.Object(flag.Addr), "the first word of their object")
	assert.Equal(t, kern.Addr(0), r.Reached.Object(0))
	assert.Equal(t, uint32(0), r.Reached.Init(word.Addr))

	opt.Programs = false
	r, err = explore.Exhaustive(m, opt)
	require.NoError(t, err)
	assert.Nil(t, r.Reached.Programs())
}
