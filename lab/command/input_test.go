package command

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/report"
)

// retractJSON runs ptsim retract on classic and returns its row, or what it said and its exit code.
func retractJSON(t *testing.T, args ...string) (r report.Row, said string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"retract", "--variant", "classic", "--format", "json"}, args...), streams{in: strings.NewReader(""), out: &out, err: &errs})
	if code != 2 {
		var rows []report.Row
		require.NoError(t, json.Unmarshal(out.Bytes(), &rows), out.String())
		require.Len(t, rows, 1)
		r = rows[0]
	}
	return r, errs.String(), code
}

// Small inputs that each stand for a kind.
func TestInputs(t *testing.T) {
	type figures struct {
		mms      int
		tables   uint64 // but for those of argument stacks, one an exec
		live     int64
		retracts uint64
		huge     uint64
	}
	const dir = "../../testdata/inputs/"
	read := map[string]figures{
		"share-by-fork.right":    {3, 4, 0, 4, 1},
		"share-by-name":          {3, 4, 0, 4, 1},
		"no-tgid-thread":         {2, 2, 0, 0, 0},
		"trace-cmd-report":       {2, 2, 0, 0, 0},
		"trace-cmd-report.right": {2, 2, 0, 0, 0},
		"perf-script":            {2, 1, 1, 0, 0},
		"two-blanks":             {1, 1, 1, 0, 0},
		"raw-syscalls":           {2, 2, 0, 0, 0},
		"option-latency-format":  {1, 1, 1, 0, 0},
		"clock-counter":          {1, 1, 1, 0, 0},
		"clock-uptime":           {1, 1, 1, 0, 0},
		"percpu-header":          {1, 1, 1, 0, 0},
		"marker-newline":         {1, 1, 1, 0, 0},
		"time-backwards":         {4, 2, 0, 0, 0},
	}
	refused := map[string][]string{
		"trace-cmd-report-tsdiff-silent": {"--ts-diff"},
		"option-fields":                  {"option fields", "echo 0 > options/fields", "page_fault_user"},
	}
	files, err := filepath.Glob(dir + "*.txt")
	require.NoError(t, err)
	assert.Len(t, files, len(read)+len(refused), "every file has its value here")
	rows := map[string]report.Row{}
	for name, want := range read {
		text, err := os.ReadFile(dir + name + ".txt")
		require.NoError(t, err)
		execs := uint64(strings.Count(string(text), "sched_process_exec:"))
		r, said, code := retractJSON(t, dir+name+".txt")
		require.Zero(t, code, "%s: %s", name, said)
		assert.Equal(t, want, figures{int(r.MMs), uint64(r.TablesAllocated) - execs, int64(r.LiveTables), uint64(r.Retracts), uint64(r.HugeFaults)}, name)
		rows[name] = r
	}
	for name, words := range refused {
		_, said, code := retractJSON(t, dir+name+".txt")
		assert.Equal(t, 2, code, name)
		assert.Equal(t, 1, strings.Count(said, "\n"), said)
		for _, w := range words {
			assert.Contains(t, said, w, name)
		}
	}
	r, said, code := retractJSON(t, dir+"plain.xz")
	require.Zero(t, code, said)
	assert.Equal(t, uint64(1), uint64(r.TablesAllocated))

	assert.Equal(t, int64(1), rows["clock-counter"].Input.Ticks)
	assert.Equal(t, int64(2), rows["percpu-header"].Input.Missing)
	assert.True(t, rows["percpu-header"].Input.OneCPU)
	assert.Equal(t, int64(1), rows["marker-newline"].Input.Torn)
	assert.Equal(t, 1, rows["time-backwards"].Input.Joined)
	assert.InDelta(t, 3.0, float64(rows["time-backwards"].TraceSeconds), 1e-6)
	assert.Equal(t, "x86-64", rows["raw-syscalls"].Input.Arch)
	assert.True(t, rows["raw-syscalls"].Input.ArchSeen)
	assert.Contains(t, rows["two-blanks"].NeverMet, "sched/sched_process_exit")
}

// What is no text of events is answered with the command that makes one of it.
func TestForeignInputs(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, says string }{
		"trace.dat":      {"\x17\x08\x44tracing6\x00\x00", "trace-cmd report -i"},
		"perf.data":      {"PERFILE2h\x00\x00", "perf script -i"},
		"strace":         {"execve(\"/bin/ls\", [\"ls\"], 0x7ffd /* 20 vars */) = 0\nbrk(NULL)                               = 0x55d0\n", "strace"},
		"strace -f -tt":  {"[pid  1234] 12:00:00.123456 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7f00\n", "strace"},
		"strace -o":      {"1234  mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0) = 0x7f00\n", "strace"},
		"strace, signal": {"--- SIGCHLD {si_signo=SIGCHLD} ---\n", "strace"},
		"perf trace":     {"     0.000 ( 0.052 ms): true/30053 mmap(len: 8192, prot: READ|WRITE, flags: PRIVATE|ANONYMOUS)           = 0x7fe196632000\n", "perf script"},
		"chrome":         {`{"traceEvents": [{"name": "x"}]}`, "JSON"},
		"chrome, array":  {`[{"name": "x", "ph": "B"}]`, "JSON"},
		"systrace":       {"<!DOCTYPE html>\n<html>\n", "systrace"},
		"dmesg":          {"[   12.345678] Dumping ftrace buffer:\n[   12.345679] ---------------------------------\n", "kernel's log"},
		"dmesg -r":       {"<4>[   12.345678] Dumping ftrace buffer:\n", "kernel's log"},
		"graph":          {"# tracer: function_graph\n 0)   0.123 us    |  mutex_unlock();\n", "echo nop > current_tracer"},
		"raw":            {"29759 1 4840347037494 type: 442\n", "options/raw"},
		"hex":            {"0000743f 00000001 00000466fb2a6f36 type: 442\n\n", "options/raw"},
		"bin":            {"?t\x00\x00\x01\x00\x00\x006o*\xfbf\x04\x00\x00type: 442\n", "options/raw"},
		"no context":     {"page_fault_user: address=0x7f6840000000 ip=0x1 error_code=0x6\n", "options/context-info"},
		"no context, 2":  {"sys_munmap(addr: 0x7f, len: 0x1000)\n", "options/context-info"},
		"UTF-16":         {"\xff\xfe#\x00 \x00", "iconv"},
		"zip":            {"PK\x03\x04\x14\x00", "unzip -p"},
		"perf, no PID":   {" 4842.353725:   sched:sched_process_exec: filename=/bin/sh pid=1 old_pid=1\n", "-F comm,pid,tid,cpu,time,event,trace"},
		"ts-diff":        {"cpus=2\n              sh-100   [000]     1.000000: (+0)     page_fault_user:      address=0x7f6840000000 ip=0x1 error_code=0x6\n", "--ts-diff"},
		"nothing of use": {"              sh-100   [000] .....     1.000000: sched_wakeup: comm=sh pid=1 prio=120\n", "page_fault_user"},
	} {
		path := filepath.Join(dir, "f")
		require.NoError(t, os.WriteFile(path, []byte(c.text), 0o600))
		_, said, code := retractJSON(t, path)
		assert.Equal(t, 2, code, name)
		assert.Contains(t, said, c.says, name)
		assert.Equal(t, 1, strings.Count(said, "\n"), said)
	}
}

// The files of all CPUs, merged, are the whole trace; after one another they are refused.
func TestPerCPUFiles(t *testing.T) {
	const head = "# tracer: nop\n#\n# entries-in-buffer/entries-written: 4/4   #P:2\n#\n"
	line := func(cpu, at, text string) string {
		return "              sh-100     (    100) [" + cpu + "] .....     1.00000" + at + ": " + text + "\n"
	}
	zero := line("000", "0", "sched_process_exec: filename=/sh pid=100 old_pid=100") +
		line("000", "2", "page_fault_user: address=0x7f6840200000 ip=0x1 error_code=0x6")
	one := line("001", "1", "page_fault_user: address=0x7f6840000000 ip=0x1 error_code=0x6") +
		line("001", "3", "sched_process_exit: comm=sh pid=100 prio=120 group_dead=true")
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	a, b, idle := write("cpu0", head+zero), write("cpu1", head+one), write("cpu2", head)
	r, said, code := retractJSON(t, b, a, idle)
	require.Zero(t, code, said)
	assert.Equal(t, []any{int64(4), report.Figure(2), report.Figure(3), report.Figure(0), int64(0)}, []any{r.Events, r.MMs, r.TablesAllocated, r.LiveTables, r.Input.Missing})

	r, said, code = retractJSON(t, a)
	require.Zero(t, code, said)
	assert.Equal(t, int64(2), r.Input.Missing)

	_, said, code = retractJSON(t, write("both", head+zero+head+one))
	assert.Equal(t, 2, code)
	assert.Contains(t, said, "the part of CPU 1 follows that of CPU 0")

	_, said, code = retractJSON(t, a, a)
	assert.Equal(t, 2, code)
	assert.Contains(t, said, "named twice")

	cut := write("whole", strings.Replace(head, "4/4", "9/9", 1)+zero+one)
	_, said, code = retractJSON(t, cut)
	assert.Equal(t, 2, code)
	assert.Contains(t, said, "--partial")
	r, said, code = retractJSON(t, cut, "--partial")
	require.Zero(t, code, said)
	assert.Equal(t, int64(5), r.Input.Missing)
}

// Every command sets bounds for the whole numbers that it takes. An error about a number out of bounds names both bounds.
func TestWholeNumbersAreBounded(t *testing.T) {
	var all func(cmd *cobra.Command)
	seen := 0
	all = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() != "int" && f.Value.Type() != "uint64" {
				return
			}
			seen++
			err := f.Value.Set("99999999999999999999")
			require.Error(t, err, "%s --%s", cmd.CommandPath(), f.Name)
			assert.Regexp(t, "^expected [0-9]+ to [0-9]+$", err.Error(), "%s --%s", cmd.CommandPath(), f.Name)
			assert.NotContains(t, err.Error(), "9223372036854775807", "%s --%s", cmd.CommandPath(), f.Name)
		})
		for _, sub := range cmd.Commands() {
			all(sub)
		}
	}
	all(newRoot(streams{}, ""))
	assert.Greater(t, seen, 30)
	for args, want := range map[string]string{
		"quiz -n abc":          "ptsim: -n: \"abc\"; expected a whole number, 1 to 200\n",
		"quiz -n 0":            "ptsim: -n: 0; expected 1 to 200\n",
		"explore S1 --bound -": "ptsim: --bound: \"-\"; expected a whole number, 0 to 1000\n",
	} {
		var stderr bytes.Buffer
		assert.Equal(t, exitBadInput, run(t.Context(), strings.Fields(args), streams{strings.NewReader(""), io.Discard, &stderr}))
		assert.Equal(t, want, stderr.String())
	}
}

// Somebody who gives a command the wrong kind of thing is told which command takes it.
func TestWrongKindsAreTold(t *testing.T) {
	test := filepath.Join(t.TempDir(), "mine.litmus")
	require.NoError(t, os.WriteFile(test, []byte("C mine\n\n{\n}\n\nP0(int *x)\n{\n\tsmp_store_relese(x, 1);\n}\n\nexists (x=1)\n"), 0o644))
	t.Chdir("../../testdata/scenarios")
	for args, want := range map[string]string{
		"explore " + test:  test + ": is a litmus test; expected a scenario; ptsim litmus runs such tests",
		"verdicts " + test: test + ": is a litmus test; expected a scenario",
		"litmus swap/on":   "swap/on: is a scenario; expected a litmus test; --write swap/on makes one of it",
		"litmus nothing":   "nothing: no such file or directory; expected a litmus test, a folder or an archive with some",
		"litmus " + test:   "smp_store_relese: it is no macro of linux-kernel.def that is known here; did you mean smp_store_release?",
		"explore zswap":    "zswap: is a lab, and a directory here; expected a scenario of it, such as zswap/",
	} {
		var stderr bytes.Buffer
		assert.Equal(t, exitBadInput, run(t.Context(), strings.Fields(args), streams{strings.NewReader(""), io.Discard, &stderr}), args)
		assert.Contains(t, stderr.String(), want, args)
		assert.Equal(t, 1, strings.Count(stderr.String(), "\n"), args)
	}
}
