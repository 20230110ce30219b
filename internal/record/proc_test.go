//go:build linux

package record

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKhugepaged(t *testing.T) {
	proc := t.TempDir()
	for pid, stat := range map[string]string{
		"7":   "7 (khugepaged) S 1 0 0", // a name-sake
		"40":  "40 (khugepaged) S 2 0 0 0",
		"41":  "41 (a) khugepaged) S 2 0",
		"51":  "garbage",
		"99":  "99 (x) Z 7 0",
		"abc": "1 (khugepaged) S 2",
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(proc, pid), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(proc, pid, "stat"), []byte(stat), 0o644))
	}
	assert.Equal(t, []int{40}, khugepaged(proc))
	assert.Empty(t, khugepaged(filepath.Join(proc, "none")))
	assert.True(t, runs(proc, 7))
	assert.False(t, runs(proc, 99), "a zombie")
	assert.False(t, runs(proc, 12345))
	assert.True(t, runs("/proc", os.Getpid()))
}
