package ftrace

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden reads testdata/*.ftrace and compares what it found with the .golden
// beside it: an event a line, fields that are zero left out.
func TestGolden(t *testing.T) {
	traces, err := filepath.Glob("testdata/*.ftrace")
	require.NoError(t, err)
	require.NotEmpty(t, traces)
	for _, path := range traces {
		t.Run(filepath.Base(path), func(t *testing.T) {
			in, err := os.Open(path)
			require.NoError(t, err)
			defer func() { _ = in.Close() }()
			all, st, err := readAll(in)
			require.NoError(t, err)
			var b strings.Builder
			for _, ev := range all {
				b.WriteString(render(ev))
			}
			fmt.Fprintf(&b, "%+v\n", st)
			golden := strings.TrimSuffix(path, ".ftrace") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), b.String())
		})
	}
}

func render(ev Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%3d %12.6f cpu %d tid %3d tgid %3d %s", ev.Line, float64(ev.Time)/1e9, ev.CPU, ev.TID, ev.TGID, ev.Kind)
	v := reflect.ValueOf(arguments(ev))
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, v.Field(i)
		if name == "Kind" || f.IsZero() {
			continue
		}
		form := " %s=%v"
		if f.Kind() == reflect.Uint64 {
			form = " %s=%#x"
		}
		fmt.Fprintf(&b, form, name, f.Interface())
	}
	return b.String() + "\n"
}
