package web_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/internal/web"
)

// Whatever is packed comes out again, told apart by type: "1" is not 1, and null is not "null".
func TestPackLosesNothing(t *testing.T) {
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		scalar := rapid.OneOf(
			rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Map(rapid.IntRange(-3, 3), func(i int) any { return float64(i) }),
			rapid.Map(rapid.SampledFrom([]string{"", "1", "null", "true", "<nil>", "[-1]", "a", "\x00</script>", "é"}), func(s string) any { return s }))
		if depth == 0 {
			return scalar
		}
		below := rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) })
		return rapid.OneOf(scalar,
			rapid.Map(rapid.SliceOfN(below, 0, 4), func(l []any) any { return append([]any{}, l...) }),
			rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"", "a", "b", `"`, "a b", "c"}), below, 0, 4), func(m map[string]any) any { return m }))
	}
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(rapid.Map(value(3), func(v any) any { return map[string]any{"v": v} }), 1, 6).Draw(rt, "values")
		p, err := web.PackOf(list...)
		require.NoError(rt, err)
		got := views(t, p)
		require.Len(rt, got, len(list))
		for i := range list {
			require.Equal(rt, list[i], any(got[i]))
		}
	})
}

// The same twice costs next to nothing.
func TestPackWritesEachThingOnce(t *testing.T) {
	s := session(t, "S1", "rfc", 2)
	once, err := web.PackOf(s.View())
	require.NoError(t, err)
	list := make([]any, 200)
	for i := range list {
		list[i] = s.View()
	}
	often, err := web.PackOf(list...)
	require.NoError(t, err)
	a, err := json.Marshal(once)
	require.NoError(t, err)
	b, err := json.Marshal(often)
	require.NoError(t, err)
	assert.Less(t, len(b), len(a)+200*6)
	assert.False(t, strings.Contains(string(b), "</"), "safe inside a script element")
}
