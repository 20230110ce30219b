package ftrace

import (
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
