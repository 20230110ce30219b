package script_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/script"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// system is a version, with a pin if it has one.
type system struct {
	variant pgalloc.Variant
	pin     pgalloc.Pin
}

func (s system) String() string {
	if s.pin != "" {
		return string(s.variant) + "-" + string(s.pin)
	}
	return string(s.variant)
}

func (s system) options() script.Options {
	return script.Options{Variant: s.variant, Pin: s.pin}
}

// repaired are the versions that are meant to do as rfc does, without its flaw.
func repaired() []system {
	return []system{{pgalloc.Pinned, pgalloc.PinHalf}, {pgalloc.Typesafe, ""}}
}

// sound are the versions nothing is known to be wrong with.
func sound() []system {
	list := []system{{pgalloc.Classic, ""}, {pgalloc.Typesafe, ""}, {pgalloc.Active, ""}, {pgalloc.FullPage, ""}}
	for _, p := range pgalloc.Pins() {
		list = append(list, system{pgalloc.Pinned, p})
	}
	return list
}

// apartFromMMs is a line without what a version may do differently when it keeps mms alive longer.
func apartFromMMs(t testing.TB, line []byte) map[string]any {
	var m map[string]any
	require.NoError(t, json.Unmarshal(line, &m))
	delete(m, "mm")
	delete(m, "work")
	lists := m["lists"].(map[string]any)
	for id, l := range lists {
		if len(l.([]any)) == 0 {
			delete(lists, id)
		}
	}
	return m
}

// TestRepaired compares the versions without the lifetime flaw with the recordings of the one with it.
func TestRepaired(t *testing.T) {
	for _, sys := range repaired() {
		t.Run(sys.String(), func(t *testing.T) {
			t.Parallel()
			for _, rec := range corpus(t, pgalloc.RFC) {
				r, err := script.New(rec.parse(t), sys.options())
				require.NoError(t, err)
				n := 0
				require.NoError(t, r.Run(func(s *script.State) error {
					if n < len(rec.Out) {
						if want := apartFromMMs(t, rec.Out[n]); want["err"] == nil {
							require.Equal(t, want, apartFromMMs(t, s.AppendJSON(nil)), "%s, operation %d", rec.Script, n)
						}
					}
					n++
					return nil
				}))
				assert.Equal(t, len(rec.Ops), n, "%s survives to its end", rec.Script)
			}
		})
	}
}

// TestCorpusViolations runs every script on every version: the sound ones never do wrong, the flawed ones do where it is
// known, and in no other way.
func TestCorpusViolations(t *testing.T) {
	known := map[pgalloc.Variant]map[string]kern.Kind{
		pgalloc.RFC: {"e30-flaw-tlb": kern.UseAfterFree, "e31-flaw-defer": kern.UseAfterFree},
		pgalloc.RFCAsPosted: {
			"e30-flaw-tlb": kern.UseAfterFree, "e31-flaw-defer": kern.UseAfterFree,
			"e19-defer-both": kern.PageLost, "e41-elevated-refcount": kern.UnionOverlap,
		},
	}
	systems := append(sound(), system{pgalloc.RFC, ""}, system{pgalloc.RFCAsPosted, ""})
	for _, sys := range systems {
		t.Run(sys.String(), func(t *testing.T) {
			t.Parallel()
			from := sys.variant
			if from == pgalloc.Pinned || from == pgalloc.Typesafe {
				from = pgalloc.RFC
			}
			flawed := sys.variant.Info().Flawed != ""
			for _, rec := range corpus(t, from) {
				r, err := script.New(rec.parse(t), sys.options())
				require.NoError(t, err)
				var last *script.State
				require.NoError(t, r.Run(func(s *script.State) error { last = s; return nil }))
				list := r.Violations()
				kind, want := known[sys.variant][rec.Script]
				switch {
				case want:
					if assert.NotEmpty(t, list, rec.Script) {
						assert.Equal(t, kind, list[0].Kind, "%s: %s", rec.Script, list[0].Splat())
					}
				case len(list) > 0 && (sys.variant != pgalloc.RFCAsPosted || list[0].Kind != kern.PageLost):
					t.Errorf("%s: %s", rec.Script, list[0].Splat())
				}
				if !flawed && rec.Script[0] == 'e' && rec.Ops[len(rec.Ops)-1] == "work" {
					assert.Empty(t, last.RCU, rec.Script)
				}
			}
		})
	}
}
