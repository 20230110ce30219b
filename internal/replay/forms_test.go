package replay

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/ftrace"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// run replays a trace on classic.
func runOn(t *testing.T, in *ftrace.Reader) *Result {
	t.Helper()
	res, err := Run(context.Background(), in, Options{Machines: []s390sim.Config{{CPUs: 4, Variant: pgalloc.Classic, Checks: true}}})
	require.NoError(t, err)
	return res
}

func runText(t *testing.T, text string) *Result {
	t.Helper()
	in, err := ftrace.NewReader(strings.NewReader(text), ftrace.Options{Name: "t"})
	require.NoError(t, err)
	return runOn(t, in)
}

// One recording of a real kernel, printed by tracefs and by trace-cmd report with each of its options, is one replay.
func TestRealForms(t *testing.T) {
	read := func(name string) *Result {
		f, err := ftrace.Open("../../testdata/forms/" + name + ".xz")
		require.NoError(t, err)
		defer f.Close()
		return runOn(t, f.Reader)
	}
	want := read("tracefs")
	assert.Equal(t, int64(1959), want.Events)
	assert.Equal(t, uint64(17), want.Outcomes[0].Figures.Alloc.Allocated())
	for _, name := range []string{"report", "report-l", "report-R"} {
		got := read(name)
		assert.Equal(t, want.Outcomes[0].Figures, got.Outcomes[0].Figures, name)
		assert.Equal(t, want.Outcomes[0].Assumptions, got.Outcomes[0].Assumptions, name)
	}
	// Nanoseconds, and times in no unit, differ in nothing but time.
	for _, name := range []string{"report-t", "report-raw-ts"} {
		got := read(name)
		assert.Equal(t, want.Outcomes[0].Figures.Alloc.Allocated(), got.Outcomes[0].Figures.Alloc.Allocated(), name)
		assert.Equal(t, want.Outcomes[0].Assumptions, got.Outcomes[0].Assumptions, name)
	}
	a, b := read("perf"), read("perf-pid-tid")
	assert.Equal(t, a.Outcomes[0].Figures, b.Outcomes[0].Figures)
	assert.NotZero(t, a.Outcomes[0].Figures.Alloc.Allocated())
}

// line of tracefs with option record-tgid.
var tracefsLine = regexp.MustCompile(`^ *(.{1,15})-(\d+) +\( *(\d+|-+)\) \[(\d+)\] (\S+) +(\d+)\.(\d+): ([^:( ]+)(.*)$`)

// forms prints a line of tracefs as other tools and options do. The kernel's own order of columns is theirs to change.
var forms = map[string]func(task, pid, cpu, flags, sec, frac, name, rest string) string{
	"without TGID": func(task, pid, cpu, flags, sec, frac, name, rest string) string {
		return fmt.Sprintf("%16s-%-7s [%s] %s %s.%s: %s%s", task, pid, cpu, flags, sec, frac, name, rest)
	},
	"trace-cmd report": func(task, pid, cpu, flags, sec, frac, name, rest string) string {
		name, rest = ownName(name, rest)
		return fmt.Sprintf("%16s-%-5s [%s] %s.%s: %-21s %s", task, pid, cpu, sec, frac, name+":", rest)
	},
	"trace-cmd report of an instance": func(task, pid, cpu, flags, sec, frac, name, rest string) string {
		name, rest = ownName(name, rest)
		return fmt.Sprintf("my-inst: %16s-%-5s [%s] %s.%s: %-21s %s", task, pid, cpu, sec, frac, name+":", rest)
	},
	"trace-cmd report -l": func(task, pid, cpu, flags, sec, frac, name, rest string) string {
		name, rest = ownName(name, rest)
		return fmt.Sprintf("%8.8s-%-5s %3s%s %s.%s: %-21s %s", task, pid, strings.TrimLeft(cpu[:len(cpu)-1], "0")+cpu[len(cpu)-1:], flags, sec, frac, name+":", rest)
	},
	"perf script": func(task, pid, cpu, flags, sec, frac, name, rest string) string {
		name, rest = ownName(name, rest)
		return fmt.Sprintf("%16s %5s [%s] %s.%s: %30s: %s", task, pid, cpu, sec, frac, "group:"+name, rest)
	},
	"perf script with more fields": func(task, pid, cpu, flags, sec, frac, name, rest string) string {
		name, rest = ownName(name, rest)
		return fmt.Sprintf("%16s %5s [%s] K %s.%s: %10d %30s: %s ffffffff8139be59 __traceiter_x", task, pid, cpu, sec, frac, 1, "group:"+name, rest)
	},
	"latency-format": func(task, pid, cpu, flags, sec, frac, name, rest string) string {
		return fmt.Sprintf("%8.8s-%-7s %3s%s %s%sus+: %s%s", task, pid, strings.TrimLeft(cpu[:len(cpu)-1], "0")+cpu[len(cpu)-1:], flags, sec, frac, name, rest)
	},
	"latency-format, verbose": func(task, pid, cpu, flags, sec, frac, name, rest string) string {
		var us int64
		_, _ = fmt.Sscan(sec+frac, &us)
		return fmt.Sprintf("%16s %7s %3s 0 00000000 00000001 [%08x] %d.%03dms (+0.001ms): %s%s", task, pid, cpu, us, us/1000, us%1000, name, rest)
	},
}

// ownName turns tracefs's name of a system call into that of its event.
func ownName(name, rest string) (string, string) {
	call, ok := strings.CutPrefix(name, "sys_")
	if !ok {
		return name, strings.TrimPrefix(strings.TrimPrefix(rest, ":"), " ")
	}
	if result, ok := strings.CutPrefix(rest, " -> "); ok {
		return "sys_exit_" + call, result
	}
	return "sys_enter_" + call, strings.TrimSuffix(strings.TrimPrefix(rest, "("), ")")
}

// The same run in all forms is the same table, where the text holds the same.
func TestOneRunInAllForms(t *testing.T) {
	f, err := os.Open("../../testdata/traces/shm.ftrace.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	whole, err := io.ReadAll(z)
	require.NoError(t, err)
	want := runText(t, string(whole)).Outcomes[0]
	require.NotZero(t, want.Figures.Retracts)
	for form, print := range forms {
		t.Run(form, func(t *testing.T) {
			var b bytes.Buffer
			for line := range strings.Lines(string(whole)) {
				m := tracefsLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
				if m == nil {
					require.True(t, strings.HasPrefix(line, "#"), line)
					continue
				}
				b.WriteString(print(m[1], m[2], m[4], m[5], m[6], m[7], m[8], m[9]) + "\n")
			}
			got := runText(t, b.String()).Outcomes[0]
			assert.Equal(t, want.Figures, got.Figures)
		})
	}
}
