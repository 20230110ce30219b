package ask

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs/pagetable/tell"
	"ptsim/pgalloc"
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
				for _, v := range pgalloc.Variants() {
					holds = holds || r.Holds(string(v.Variant))
				}
				for _, pin := range pgalloc.Pins() {
					holds = holds || r.Holds(string(pgalloc.Pinned)+"/"+string(pin))
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
