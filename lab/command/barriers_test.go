package command

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ptsim barriers says which orders are needed, what mends broken code, and what it cannot be asked.
func TestBarriers(t *testing.T) {
	var ans barriersJSON
	out, errs, code := runCommand(t.Context(), "", "barriers", "zsmalloc/drain", "--variant", "drain-both", "--format", "json")
	require.Equal(t, exitOK, code, errs)
	require.NoError(t, json.Unmarshal([]byte(out), &ans))
	require.Len(t, ans.Orders, 2)
	for _, o := range ans.Orders {
		assert.Equal(t, "needed", valueOf(o.Answer))
		require.NotNil(t, o.Without)
		assert.Equal(t, "deadlock", o.Without.Kind)
		_, errs, code := runCommand(t.Context(), "", "explore", "--replay", o.Without.Schedule)
		assert.Equal(t, exitFinding, code, "the schedule of changed code replays: %s", errs)
	}
	out, _, code = runCommand(t.Context(), "", "barriers", "zsmalloc/drain", "--variant", "drain-v5.3")
	assert.Equal(t, exitFinding, code)
	assert.Contains(t, out, "What mends it, of")
	assert.Contains(t, out, "smp_mb() before READ_ONCE()")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"barriers"}, "no scenario; expected one, or --lab with one of"},
		{[]string{"barriers", "swap/on", "--memory", "sc"}, "--memory sc: there nothing needs a barrier"},
		{[]string{"barriers", "swap/on", "--variant", "v9"}, "--variant: "},
		{[]string{"barriers", "swap/on", "--lab", "swap"}, "--lab: it is about all its scenarios"},
		{[]string{"barriers", "--lab", "sawp"}, "--lab: unknown lab"},
	} {
		_, errs, code := runCommand(t.Context(), "", tt.args...)
		assert.Equal(t, 2, code, tt.args)
		assert.Contains(t, errs, tt.want)
	}
}
