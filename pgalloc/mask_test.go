package pgalloc_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// binary is a mask as eight binary digits, highest first: the tests take it apart as text, never with bit operations.
func binary(m uint8) string { return fmt.Sprintf("%08s", strconv.FormatUint(uint64(m), 2)) }

// digits are the places in binary of the bits of one half, by letter.
var digits = map[string][2]int{"A": {7, 6}, "H": {5, 4}, "P": {3, 2}}

// letters returns the set of letters of a half, in the order A, H, P.
func letters(m uint8, half int) string {
	s := ""
	for _, l := range []string{"A", "H", "P"} {
		if binary(m)[digits[l][half]] == '1' {
			s += l
		}
	}
	return s
}

// everyMask calls f for all 256 values a byte can have, and the two halves.
func everyMask(f func(m uint8, half int)) {
	for m := range 256 {
		f(uint8(m), 0)
		f(uint8(m), 1)
	}
}

func TestMaskBits(t *testing.T) {
	assert.Equal(t, []string{"00000001", "00000100", "00010000"},
		[]string{binary(uint8(pgalloc.A)), binary(uint8(pgalloc.H)), binary(uint8(pgalloc.P))}, "the bits of half 0")
	everyMask(func(v uint8, half int) {
		m, h := pgalloc.Mask(v), uint32(half)
		has := letters(v, half)
		assert.Equal(t, strings.Contains(has, "A"), m.Allocated(h), "%s half %d", binary(v), half)
		assert.Equal(t, strings.Contains(has, "H"), m.PendingHead(h), "%s half %d", binary(v), half)
		assert.Equal(t, strings.Contains(has, "P"), m.Pending(h), "%s half %d", binary(v), half)
	})
}

// TestMaskPairs: AA, HH and PP read as two digits, half 1 first.
func TestMaskPairs(t *testing.T) {
	pair := func(v uint8, letter string) string {
		s := ""
		for _, half := range []int{1, 0} {
			s += string(binary(v)[digits[letter][half]])
		}
		return s
	}
	for v := range 256 {
		m := pgalloc.Mask(v)
		for letter, have := range map[string]uint32{"A": m.AA(), "H": m.HH(), "P": m.PP()} {
			want, err := strconv.ParseUint(pair(uint8(v), letter), 2, 32)
			assert.NoError(t, err)
			assert.EqualValues(t, want, have, "%s %s", binary(uint8(v)), letter)
		}
	}
}

func TestMaskHalf(t *testing.T) {
	want := map[string]pgalloc.HalfState{
		"":   pgalloc.HalfFree,
		"A":  pgalloc.HalfAllocated,
		"P":  pgalloc.HalfPending,
		"HP": pgalloc.HalfPendingHead,
		"H":  pgalloc.HalfBroken, "AH": pgalloc.HalfBroken, "AP": pgalloc.HalfBroken, "AHP": pgalloc.HalfBroken,
	}
	everyMask(func(v uint8, half int) {
		assert.Equal(t, want[letters(v, half)], pgalloc.Mask(v).Half(uint32(half)), "%s half %d", binary(v), half)
	})
}

func TestHalfStateString(t *testing.T) {
	var have []string
	for s := pgalloc.HalfFree; s <= pgalloc.HalfBroken; s++ {
		have = append(have, s.String())
	}
	assert.Equal(t, []string{"free", "allocated", "pending", "pending on rcu_head", "broken"}, have)
}

// TestMaskString: the letter of a bit stands where its digit does, with a bar between the pairs; what has a seventh or
// eighth digit is printed in hex.
func TestMaskString(t *testing.T) {
	seen := map[string]uint8{}
	for v := range 256 {
		b, have := binary(uint8(v)), pgalloc.Mask(v).String()
		other, twice := seen[have]
		assert.False(t, twice, "%s prints as %s does: %s", b, binary(other), have)
		seen[have] = uint8(v)
		if strings.Contains(b[:2], "1") {
			back, err := strconv.ParseUint(have, 0, 8)
			assert.NoError(t, err)
			assert.EqualValues(t, v, back)
			assert.Len(t, have, len("0x00"))
			continue
		}
		pairs := strings.Split(have, "|")
		if !assert.Len(t, pairs, 3, have) {
			continue
		}
		joined := strings.Join(pairs, "")
		for i, letter := range strings.Split("PPHHAA", "") {
			want := map[byte]string{'0': "-", '1': letter}[b[2+i]]
			assert.Equal(t, want, joined[i:i+1], "%s prints as %s", b, have)
		}
	}
	assert.Len(t, seen, 256)
}

// TestMaskOfHalves: a mask is the sum of its halves, and neither shows in the other.
func TestMaskOfHalves(t *testing.T) {
	states := map[pgalloc.HalfState][2]pgalloc.Mask{
		pgalloc.HalfFree:        {0x00, 0x00},
		pgalloc.HalfAllocated:   {0x01, 0x02},
		pgalloc.HalfPending:     {0x10, 0x20},
		pgalloc.HalfPendingHead: {0x14, 0x28},
	}
	var all []pgalloc.Mask
	for s0, bits0 := range states {
		for s1, bits1 := range states {
			m := bits0[0] + bits1[1]
			all = append(all, m)
			assert.Equal(t, s0, m.Half(0), m)
			assert.Equal(t, s1, m.Half(1), m)
		}
	}
	slices.Sort(all)
	assert.Equal(t, []pgalloc.Mask{
		0x00, 0x01, 0x02, 0x03, 0x10, 0x12, 0x14, 0x16, 0x20, 0x21, 0x28, 0x29, 0x30, 0x34, 0x38, 0x3c,
	}, all, "the RFC's 15 combinations, and none")
}

// TestLegalAndListed: for all 256 values, a version's rules in words on the letters of each half.
func TestLegalAndListed(t *testing.T) {
	for _, info := range pgalloc.Variants() {
		s, err := pgalloc.New(kern.NewMachine(kern.Config{}), pgalloc.Config{Variant: info.Variant})
		require.NoError(t, err)
		for v := range 256 {
			l0, l1 := letters(uint8(v), 0), letters(uint8(v), 1)
			legal := binary(uint8(v))[:2] == "00"
			for _, l := range []string{l0, l1} {
				switch info.Variant {
				case pgalloc.FullPage:
					legal = legal && l == ""
				case pgalloc.Classic, pgalloc.Active:
					legal = legal && slices.Contains([]string{"", "A", "P"}, l)
				default:
					legal = legal && slices.Contains([]string{"", "A", "P", "HP"}, l)
				}
			}
			listed := legal && (l0 == "A") != (l1 == "A")
			if info.Variant != pgalloc.Classic && info.Variant != pgalloc.Active {
				listed = listed && (l0 == "" || l1 == "")
			}
			m := pgalloc.Mask(v)
			assert.Equal(t, legal, s.PT.Legal(m), "%s: %s legal", s.Name(), m)
			assert.Equal(t, listed, s.PT.ListRule(m, false), "%s: %s on the list", s.Name(), m)
			assert.False(t, s.PT.ListRule(m, true), "%s: %s on the list with PageActive", s.Name(), m)
		}
	}
}

// The lower half waits for its grace period on the page's rcu_head, the upper one is allocated.
func ExampleMask() {
	m := (pgalloc.P|pgalloc.H)<<0 | pgalloc.A<<1
	fmt.Printf("%#02x %s\n", uint8(m), m)
	fmt.Println("half 0:", m.Half(0))
	fmt.Println("half 1:", m.Half(1))
	fmt.Println("AA, HH, PP:", m.AA(), m.HH(), m.PP())
	// Output:
	// 0x16 -P|-H|A-
	// half 0: pending on rcu_head
	// half 1: allocated
	// AA, HH, PP: 2 1 1
}

func ExampleMask_String() {
	for _, m := range []pgalloc.Mask{0x00, 0x03, 0x15, 0x28, 0x80} {
		fmt.Println(m)
	}
	// Output:
	// --|--|--
	// --|--|AA
	// -P|-H|-A
	// P-|H-|--
	// 0x80
}

func ExampleMask_Half() {
	for half := range uint32(2) {
		fmt.Printf("half %d is %s\n", half, pgalloc.Mask(0x12).Half(half))
	}
	// Output:
	// half 0 is pending
	// half 1 is allocated
}
