package quiz

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

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
