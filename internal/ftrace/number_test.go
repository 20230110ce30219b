package ftrace

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The parsers of numbers take what they can, refuse what does not fit, and leave the rest.
func TestNumbers(t *testing.T) {
	for s, want := range map[string]struct {
		v    uint64
		rest string
		ok   bool
	}{
		"0": {0, "", true}, "dEaDbEeF,": {0xdeadbeef, ",", true}, "0xABCDEF)": {0xabcdef, ")", true}, "ffffffffffffffff": {math.MaxUint64, "", true},
		"10000000000000000": {0, "", false}, "0x": {0, "x", true}, "0x,": {0, "", false}, "": {0, "", false}, "g": {0, "", false}, "0xg": {0, "", false},
	} {
		v, rest, ok := cutHex([]byte(s))
		assert.Equal(t, want.ok, ok, s)
		if ok {
			assert.Equal(t, want.v, v, s)
			assert.Equal(t, want.rest, string(rest), s)
		}
	}
	for s, want := range map[string]bool{"2147483647": true, "2147483648": false, "99999999999999999999": false, "": false, "7x": false, "-1": false} {
		_, ok := pid([]byte(s))
		assert.Equal(t, want, ok, s)
	}
	assert.EqualValues(t, math.MaxInt64, addSaturated(math.MaxInt64-1, 2))
	assert.EqualValues(t, math.MaxInt64-1, addSaturated(math.MaxInt64-2, 1))
}

// What is read eight digits at a time is what is read one by one: each byte in each place.
func TestManyDigitsAtOnce(t *testing.T) {
	for at := range 8 {
		for c := range 256 {
			s := []byte("3a6f09de")
			s[at] = byte(c)
			v, ok := eightHex(s)
			want, rest, _ := cutHex(s)
			if all := len(rest) == 0 && s[1] != 'x' && !('A' <= c && c <= 'F'); assert.Equal(t, all, ok, "%q", s) && ok {
				assert.EqualValues(t, want, v, "%q", s)
			}
			s = []byte("905174??")
			s[at] = byte(c)
			six, ok := sixDigits(s)
			value, rest, _ := cutDecimal(s[:6], math.MaxInt64)
			if assert.Equal(t, len(rest) == 0, ok, "%q", s) && ok {
				assert.Equal(t, value, six, "%q", s)
			}
		}
	}
	for _, v := range []uint32{0, 1, 0x12345678, 0x9abcdef0, math.MaxUint32} {
		got, ok := eightHex(fmt.Appendf(nil, "%08x", v))
		assert.True(t, ok)
		assert.Equal(t, v, got)
	}
	for _, v := range []int64{0, 1, 123456, 999999} {
		got, ok := sixDigits(fmt.Appendf(nil, "%06d  ", v))
		assert.True(t, ok)
		assert.Equal(t, v, got)
	}
}
