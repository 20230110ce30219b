package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// interrupted runs ptsim and interrupts it when it has had that much time.
func interrupted(t *testing.T, in io.Reader, after time.Duration, args ...string) (out, errOut string, code int) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := time.AfterFunc(after, cancel)
	defer stop.Stop()
	var stdout, stderr bytes.Buffer
	code = run(ctx, args, streams{in, &stdout, &stderr})
	return stdout.String(), stderr.String(), code
}

// What was interrupted is named in front.
func TestSayInterrupted(t *testing.T) {
	assert.Equal(t, "interrupted", sayInterrupted("context canceled"))
	assert.Equal(t, "mine on rfc: interrupted", sayInterrupted("mine on rfc: context canceled"))
	assert.Equal(t, "interrupted: 3 of 4 jobs", sayInterrupted("context canceled: 3 of 4 jobs"))
}

// An interrupted run prints the figures so far, leaves no half-written report, and exits 130.
func TestInterruptedRunsTellWhatTheyHave(t *testing.T) {
	dir := t.TempDir()
	html := filepath.Join(dir, "out.html")
	out, errOut, code := interrupted(t, nil, 150*time.Millisecond, "compare", "--workload", "containers", "--duration", "24h", "--html", html)
	assert.Equal(t, exitInterrupted, code)
	assert.Equal(t, "ptsim: interrupted\n", errOut)
	assert.True(t, strings.HasPrefix(out, "INTERRUPTED, the figures so far, - where there are none: workload: containers"), out[:min(len(out), 100)])
	assert.Contains(t, out, "violations")
	page, err := os.ReadFile(html)
	require.NoError(t, err)
	assert.True(t, bytes.HasSuffix(page, []byte("</html>\n")), "what is there is whole")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "no other file is left")

	out, _, code = interrupted(t, nil, 100*time.Millisecond, "retract", "--workload", "jvm", "--duration", "24h", "--variant", "active")
	assert.Equal(t, exitInterrupted, code)
	assert.True(t, strings.HasPrefix(out, "INTERRUPTED"), out[:min(len(out), 100)])

	out, _, code = interrupted(t, nil, 100*time.Millisecond, "retract", "--workload", "jvm", "--native", "--for", "1h", "--variant", "active")
	assert.Equal(t, exitInterrupted, code)
	assert.True(t, strings.HasPrefix(out, "INTERRUPTED"), out[:min(len(out), 100)])

	// A trace that never ends.
	out, _, code = interrupted(t, &endless{}, 200*time.Millisecond, "retract", "-")
	assert.Equal(t, exitInterrupted, code)
	assert.True(t, strings.HasPrefix(out, "INTERRUPTED: the figures so far, - where there are none\ntrace: standard input, "), out[:min(len(out), 100)])
}

// What an interrupted run did not come to is no figure: "-" for people and in CSV, null in JSON, in every command that runs
// several versions. With one processor they run one after the other, so that some never begin.
func TestInterruptedFiguresAreNone(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	long := []string{"--workload", "containers", "--duration", "24h"}
	native := []string{"--workload", "jvm", "--native", "--for", "1h"}
	for _, c := range [][]string{append([]string{"compare"}, long...), append([]string{"retract"}, long...), append([]string{"retract"}, native...)} {
		const soon = 150 * time.Millisecond
		out, _, code := interrupted(t, nil, soon, c...)
		require.Equal(t, exitInterrupted, code, c)
		assert.Regexp(t, `(?m)^(violations .* - +-|fullpage( +-){8})$`, out, c)

		out, _, code = interrupted(t, nil, soon, append(c, "--format", "json")...)
		require.Equal(t, exitInterrupted, code, c)
		var rows []map[string]any
		require.NoError(t, json.Unmarshal([]byte(out), &rows), out)
		require.GreaterOrEqual(t, len(rows), 7, c)
		last := rows[len(rows)-1]
		assert.Equal(t, "fullpage", last["variant"])
		for _, name := range []string{"violations_total", "violations", "callbacks", "retracts", "peak_pages", "tables_allocated", "stalls"} {
			assert.Nil(t, last[name], "%v: %s", c, name)
			assert.NotContains(t, []any{0.0}, last[name], "%v: %s", c, name)
		}
		assert.Nil(t, rows[0]["violations_total"], "that there is none is known at the end")

		out, _, code = interrupted(t, nil, soon, append(c, "--format", "csv")...)
		require.Equal(t, exitInterrupted, code, c)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		assert.Regexp(t, `^fullpage,.*-,.*-$`, lines[len(lines)-1], c)
		assert.Regexp(t, `^[^,]*(,[0-9]+|,-)+$`, strings.ReplaceAll(strings.ReplaceAll(lines[1], ".", ""), "e-", ""), c)
	}
}

// endless is a trace in which a process faults for ever.
type endless struct{ rest string }

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		e.rest = strings.Repeat("           a-100     [000] .....     1.000000: page_fault_user: address=0x7f0000001000 ip=0x1 error_code=0x6\n", 100)
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// A report on its way has no name yet: a program that is killed leaves nothing. Errors name the file as the user does.
func TestFilesHaveNoNameUntilTheyAreWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "out.svg")
	f, err := createOut(name)
	require.NoError(t, err)
	_, err = f.Write([]byte("half"))
	require.NoError(t, err)
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	if f.unnamed {
		assert.Empty(t, list)
	}
	require.NoError(t, f.commit())
	f.discard()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "half", string(text))
	list, err = os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, list, 1)

	f, err = createOut(name)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(dir))
	err = f.commit()
	require.Error(t, err)
	assert.Regexp(t, "^"+regexp.QuoteMeta(name)+": cannot write: [a-z ]+$", err.Error())
	if full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0); err == nil {
		f := &outFile{bufio.NewWriterSize(full, 16), full, "x.svg", "", false}
		_, err := f.Write(make([]byte, 100))
		assert.EqualError(t, err, "x.svg: cannot write: no space left on device")
		assert.EqualError(t, cannotWrite("x.svg", err), "x.svg: cannot write: no space left on device", "said once")
		assert.EqualError(t, buffered(full, func(w io.Writer) error { fmt.Fprint(w, "half"); return nil }),
			"standard output: cannot write: no space left on device", "not /dev/stdout, as the system calls it")
		full.Close()
	}
}

// patient is a context that ends when somebody has asked it so many times whether it has: an interrupt that comes at the same place on
// every machine.
type patient struct {
	context.Context
	end   context.CancelFunc
	times atomic.Int64
}

func endsAfter(t *testing.T, times int64) *patient {
	ctx, end := context.WithCancel(t.Context())
	p := &patient{Context: ctx, end: end}
	p.times.Store(times)
	return p
}

func (p *patient) Err() error {
	if p.times.Add(-1) < 0 {
		p.end()
	}
	return p.Context.Err()
}

// The same of commands that come to one answer after the other: what was reached is printed, in text and in JSON, and the rest is "-"
// or null.
func TestInterruptedAnswersSoFar(t *testing.T) {
	script := filepath.Join(t.TempDir(), "long.txt")
	require.NoError(t, os.WriteFile(script, []byte(strings.Repeat("gp\n", 20)), 0o644))
	const log = "../../testdata/real/races.gz"
	for _, c := range []struct {
		args       []string
		after      int64
		text, json string
	}{
		{[]string{"bench", "--variant", "active", "--chunks", "2"}, 10, `(?s)^INTERRUPTED: the figures so far, - where there are none\nns per table .*\nclassic +[0-9.]+ \(1.00\) .* -\nactive .* -\n\n.*the quickest chunk so far\n$`, `(?s)"nanoseconds": [0-9].*"nanoseconds": null`},
		{[]string{"conform", log, "testdata", log}, 3, `(?s)^INTERRUPTED: .*races.gz +classic +[1-9][0-9,]* +[1-9][0-9,]* +-\ntestdata +- +- +- +-\n.*races.gz +- +- +- +-\n`, `(?s)"disagree": null,.*"interrupted_at": [1-9].*"variant": null,\s+"decisions": null,\s+"agree": null,\s+"disagree": null`},
		{[]string{"run", script, "--quiet"}, 7, `(?s)^.*\nINTERRUPTED, so far: 7 operations, .*no violation so far\n$`, `"operations":7,.*"found":null,.*"interrupted":true`},
		{[]string{"run", script, "--quiet"}, 0, `(?s)^.*\nINTERRUPTED, so far: no operation, .*no violation so far\n$`, `"operations":0,.*"found":null,.*"interrupted":true`},
		{[]string{"barriers", "--lab", "swap", "--variant", "v5.14"}, 3, `(?s)^INTERRUPTED: the answers so far, - where there are none\n.*swap/[a-z]+ on v5.14 under lkmm-[0-9.]+: -\n`, `"verdict": null,\s+"states": null,\s+"why": "interrupted"`},
		{[]string{"litmus", "../../testdata/litmus"}, 0, `(?m)^Test [^ ]+: interrupted after [0-9]+ states?, no verdict$`, `"verdict": "interrupted"`},
	} {
		interruptedAfter := func(args ...string) string {
			var stdout, stderr bytes.Buffer
			code := run(endsAfter(t, c.after), args, streams{strings.NewReader(""), &stdout, &stderr})
			assert.Equal(t, exitInterrupted, code, "%s: %s", args[0], &stderr)
			assert.Equal(t, "ptsim: interrupted\n", stderr.String(), args[0])
			return stdout.String()
		}
		assert.Regexp(t, c.text, interruptedAfter(c.args...), c.args[0])
		format := "json"
		if c.args[0] == "run" {
			format = "changes"
		}
		out := interruptedAfter(append(c.args, "--format", format)...)
		assert.Regexp(t, c.json, out, c.args[0])
		assert.True(t, json.Valid([]byte(out)), c.args[0])
	}
}

// A command that only has something to show at the end says how far it was; a table says of each cell that it was not reached.
func TestInterruptedBeforeTheEnd(t *testing.T) {
	over, end := context.WithCancel(t.Context())
	end()
	for args, want := range map[string]string{
		"export S3r4 --variant pinned":            "ptsim: interrupted after [0-9,]+ states?: no schedule that breaks pinned/half was found so far, and nothing was written\n",
		"beside S3r4 --variant pinned --with rfc": "ptsim: interrupted after [0-9,]+ states?: no schedule that breaks pinned/half was found so far, and nothing was written\n",
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitInterrupted, run(over, strings.Fields(args), streams{strings.NewReader(""), &stdout, &stderr}), args)
		assert.Regexp(t, "^"+want+"$", stderr.String(), args)
		assert.Empty(t, stdout.String(), args)
	}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, exitInterrupted, run(over, strings.Fields("verdicts --scenario S3r4,page"), streams{strings.NewReader(""), &stdout, &stderr}))
	assert.Regexp(t, `(?s)^INTERRUPTED: the verdicts so far, - where there are none\n.*\n  classic +- +- +- +- +- +-\n`, stdout.String())
}
