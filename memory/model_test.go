package memory_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/memory"
)

// What a schedule says of its memory is read back as it was, with the rules that were taken out.
func TestSpecs(t *testing.T) {
	specs := memory.Specs()
	for _, r := range []memory.Release{memory.Linux61, memory.Linux612} {
		specs = append(specs, memory.Spec{Model: memory.LKMM, Release: r.Less(memory.UnlockLock)},
			memory.Spec{Model: memory.LKMM, Release: r.Less(memory.UnlockLock).Less(memory.Address)})
	}
	for _, s := range specs {
		back, err := memory.ParseSpec(s.String())
		require.NoError(t, err, s)
		assert.Equal(t, s, back)
	}
	for text, want := range map[string]string{
		"sc!address":      "no memory model",
		"lkmm!":           `no rule ""`,
		"lkmm-6.1!nobody": `no rule "nobody" of the memory model: there are unlock-lock and address`,
	} {
		_, err := memory.ParseSpec(text)
		assert.ErrorContains(t, err, want)
	}
}
