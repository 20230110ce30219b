package quiz

import (
	"testing"

	"ptsim/internal/labs/pagetable/tell"
	"ptsim/internal/question"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every rule that hints name is in the catalogue, and some version has it.
func TestHintsAreRules(t *testing.T) {
	for topic, byVerb := range hints {
		for verb, ids := range byVerb {
			assert.NotEmpty(t, ids)
			for _, id := range ids {
				r, ok := tell.Lookup(id)
				require.True(t, ok, "%s %s: there is no rule %s", topic, verb, id)
				holds := false
				for _, v := range question.Versions() {
					holds = holds || r.Holds(string(v))
				}
				assert.True(t, holds, id)
			}
		}
	}
}

// The choices of one kind of question begin differently, and none is part of another.
func TestChoicesAreTold(t *testing.T) {
	for _, list := range [][]string{texts(listTexts), texts(rcuTexts), texts(flushTexts), texts(freeTexts)} {
		require.Len(t, list, 4)
		for i, a := range list {
			for j, b := range list {
				if i != j {
					assert.NotEqual(t, a, b)
				}
			}
		}
	}
}

// The dice fall the same everywhere: splitmix64 from 0 is a known sequence.
func TestDice(t *testing.T) {
	d := dice(0)
	for _, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f} {
		before := d
		assert.EqualValues(t, want%1000, d.roll(1000))
		assert.NotEqual(t, before, d)
	}
	list := []int{1, 2, 3, 4}
	shuffle(list, "the same salt")
	again := []int{1, 2, 3, 4}
	shuffle(again, "the same salt")
	assert.Equal(t, list, again)
	first := map[int]int{}
	for i := range 400 {
		list := []int{0, 1, 2, 3}
		shuffle(list, string(rune('a'+i)))
		first[list[0]]++
	}
	for i := range 4 {
		assert.InDelta(t, 100, first[i], 40, "each choice comes first about as often")
	}
}
