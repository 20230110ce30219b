package ftrace

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	fault1 = columns + "page_fault_user: address=0x1000 ip=0x2 error_code=0x4\n"
	// A fault on another CPU, so that the trace is not one CPU's part.
	elsewhere = "              sh-77      (     70) [001] d....  5303.352750: page_fault_user: address=0x1000 ip=0x2 error_code=0x4\n"
	wakeup    = columns + "sched_wakeup: comm=sh pid=1 prio=120\n"
)

func entries(held, written int) string {
	return fmt.Sprintf("# tracer: nop\n#\n# entries-in-buffer/entries-written: %d/%d   #P:2\n#\n", held, written)
}

func TestStats(t *testing.T) {
	for name, c := range map[string]struct {
		trace string
		want  Stats
	}{
		"no header":      {fault1 + wakeup, Stats{Lines: 2, Events: 2, Others: 1}},
		"all there":      {entries(2, 2) + fault1 + wakeup, Stats{Lines: 6, Events: 2, Others: 1}},
		"overwritten":    {entries(1, 41) + fault1, Stats{Lines: 5, Events: 1, Lost: 40}},
		"more than said": {entries(1, 1) + fault1 + fault1, Stats{Lines: 6, Events: 2}},
		"joined files":   {entries(1, 2) + fault1 + entries(1, 4) + fault1, Stats{Lines: 10, Events: 2, Lost: 4}},
		"lost lines":     {"CPU:1 [LOST 12 EVENTS]\n" + fault1 + "CPU:0 [LOST 3 EVENTS]\n", Stats{Lines: 3, Events: 1, Lost: 15}},
		"lost, number unknown": {fault1 + "CPU:1 [LOST EVENTS]\n" + "CPU:1 [LOST 1 EVENTS]\n",
			Stats{Lines: 3, Events: 1, Lost: 1, LostGaps: 1}},
		"lost lines do not count as held": {entries(1, 3) + "CPU:1 [LOST 9 EVENTS]\n" + fault1, Stats{Lines: 6, Events: 1, Lost: 11}},
		"lost without bound": {strings.Repeat("CPU:1 [LOST 9223372036854775807 EVENTS]\n", 2),
			Stats{Lines: 2, Lost: 1<<63 - 1}},
		"blank lines":     {"\n" + fault1 + "\n  \t \n", Stats{Lines: 4, Events: 1}},
		"buffer started":  {fault1 + "##### CPU 2 buffer started ####\n", Stats{Lines: 2, Events: 1}},
		"no last newline": {strings.TrimSuffix(fault1+fault1, "\n"), Stats{Lines: 2, Events: 2}},
		"carriage return": {strings.ReplaceAll(entries(2, 2)+fault1+wakeup, "\n", "\r\n"), Stats{Lines: 6, Events: 2, Others: 1}},
		"stack trace": {entries(3, 3) + fault1 + columns + "<stack trace>\n => do_user_addr_fault\n => exc_page_fault\n" + fault1,
			Stats{Lines: 9, Events: 3, Others: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			for form, r := range map[string]io.Reader{
				"plain":      strings.NewReader(c.trace),
				"bytewise":   iotest.OneByteReader(strings.NewReader(c.trace)),
				"data + EOF": iotest.DataErrReader(strings.NewReader(c.trace)),
			} {
				_, got, err := readAll(r)
				require.NoError(t, err, form)
				want := c.want
				want.BytesRead = int64(len(c.trace))
				assert.Equal(t, want, got, form)
			}
			zipped := zip(t, c.trace)
			_, got, err := readAll(strings.NewReader(string(zipped)))
			require.NoError(t, err)
			want := c.want
			want.BytesRead = int64(len(zipped))
			assert.Equal(t, want, got, "gzip")
		})
	}
}

func TestLostEvent(t *testing.T) {
	all, _, err := readAll(strings.NewReader("CPU:2 [LOST 7 EVENTS]\n" + fault1 + "CPU:1 [LOST EVENTS]\n"))
	require.NoError(t, err)
	require.Len(t, all, 3)
	assert.Equal(t, Event{Line: 1, Kind: Lost, CPU: 2, TID: -1, TGID: -1, Count: 7}, all[0])
	assert.Equal(t, Event{Line: 3, Kind: Lost, CPU: 1, TID: -1, TGID: -1, Time: all[1].Time}, all[2])
	assert.NotZero(t, all[2].Time)
}

func TestReaderErrors(t *testing.T) {
	const text = "; expected the text of a tracefs trace or trace_pipe file"
	for name, c := range map[string]struct {
		trace, want string
		events      int
	}{
		"empty":     {"", "t:1: the input is empty" + text, 0},
		"empty zip": {string(zip(t, "")), "t:1: the input is empty" + text, 0},
		"binary":    {"\x7fELF\x02\x01\n", `t:1: not an ftrace text trace: byte 0x7f in "\x7fELF\x02\x01"` + text, 0},
		"trace.dat": {"\x17\x08\x44tracing6\x00", "t:1: this is a trace.dat of trace-cmd; expected its text: trace-cmd report -i FILE > FILE.txt", 0},
		"zipped binary": {string(zip(t, "\x00\x01")),
			`t:1: not an ftrace text trace: byte 0x00 in "\x00\x01"` + text, 0},
		"NUL later": {fault1 + "\x00\x00\n", `t:2: not an ftrace text trace: byte 0x00 in "\x00\x00"` + text, 1},
		"long line": {fault1 + strings.Repeat("x", maxLine+1) + "\n",
			"t:2: the line is longer than 65536 bytes: \"" + strings.Repeat("x", 40) + `"...` + text, 1},
		"endless line": {fault1 + strings.Repeat("x", 2*bufferSize),
			"t:2: the line is longer than 65536 bytes: \"" + strings.Repeat("x", 40) + `"...` + text, 1},
		"endless zeros": {fault1 + strings.Repeat("\x00", 2*bufferSize),
			`t:2: not an ftrace text trace: byte 0x00 in "` + strings.Repeat(`\x00`, 40) + `"...` + text, 1},
		"prose later": {fault1 + "hello\n", `t:2: no event in "hello"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`, 1},
		"header only": {entries(0, 0), "t:4: there is no event in the file; expected a trace with events", 0},
		"cut short": {entries(5, 9) + fault1 + elsewhere,
			"t:6: the file is cut short: it ends after 2 event lines; expected 5 event lines, as its header says; --partial replays what is there, and the files of several CPUs are merged", 2},
		"cut short, header only": {entries(1, 1),
			"t:4: the file is cut short: it ends after 0 event lines; expected 1 event lines, as its header says; --partial replays what is there, and the files of several CPUs are merged", 0},
		"cut short, joined": {entries(1, 1) + fault1 + entries(2, 2) + fault1,
			"t:10: the file is cut short: it ends after 2 event lines; expected 3 event lines, as its header says; --partial replays what is there, and the files of several CPUs are merged", 2},
		"cut within a line": {entries(2, 2) + fault1 + fault1[:len(fault1)-20],
			`t:6: the input ends within a line: page_fault_user: field error_code is missing; expected a line with all its fields`, 1},
		"bad header":       {entries(3, 2), `t:3: entries-in-buffer/entries-written: "3/2   #P:2"; expected two counts HELD/WRITTEN, the second not the smaller`, 0},
		"no header count":  {"# entries-in-buffer/entries-written: /2\n", `t:1: entries-in-buffer/entries-written: "/2"; expected two counts HELD/WRITTEN, the second not the smaller`, 0},
		"huge header":      {"# entries-in-buffer/entries-written: 9223372036854775808/1\n", `t:1: entries-in-buffer/entries-written: "9223372036854775808/1"; expected two counts HELD/WRITTEN, the second not the smaller`, 0},
		"bad lost line":    {"CPU:1 [LOST 12EVENTS]\n", `t:1: no event in "CPU:1 [LOST 12EVENTS]"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`, 0},
		"lost, not events": {"CPU:1 [FOUND]\n", `t:1: no event in "CPU:1 [FOUND]"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`, 0},
		"C, no CPU":        {"Cute\n", `t:1: no event in "Cute"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`, 0},
		"gzip header only": {string(zip(t, fault1)[:12]), "t:1: the gzip stream ends early, after line 0; expected the rest of the file; --partial replays what is there", 0},
		"lost CPU":         {"CPU:x [LOST 12 EVENTS]\n", `t:1: no event in "CPU:x [LOST 12 EVENTS]"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`, 0},
		"stack, no trace":  {fault1 + " => do_user_addr_fault\n", `t:2: no event in "=> do_user_addr_fault"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`, 1},
		"gzip magic only":  {"\x1f\x8b", "t:1: the gzip stream ends early, after line 0; expected the rest of the file; --partial replays what is there", 0},
		"gzip of no kind":  {"\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\x00", "t:1: the gzip stream is damaged after line 0; expected the file as it was written", 0},
	} {
		t.Run(name, func(t *testing.T) {
			events, _, err := readAll(strings.NewReader(c.trace))
			require.EqualError(t, err, c.want)
			assert.IsType(t, (*SyntaxError)(nil), err)
			assert.Len(t, events, c.events)
		})
	}
}

// The longest line that is read, and one that ends the buffer.
func TestLongestLine(t *testing.T) {
	line := columns + "sched_wakeup: "
	line += strings.Repeat("x", maxLine-len(line)) + "\n"
	all, st, err := readAll(strings.NewReader(strings.Repeat(line, 9) + fault1))
	require.NoError(t, err)
	assert.Len(t, all, 10)
	assert.Equal(t, int64(9), st.Others)
}

func TestGzipBroken(t *testing.T) {
	// Incompressible enough that the cut falls among the events.
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "%spage_fault_user: address=0x%x ip=0x%x error_code=0x6\n", columns, i*i*i*7919, i*104729)
	}
	whole := zip(t, b.String())
	for _, cut := range []int{len(whole) - 1, len(whole) / 2} {
		events, st, err := readAll(strings.NewReader(string(whole[:cut])))
		var se *SyntaxError
		require.ErrorAs(t, err, &se)
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Equal(t, fmt.Sprintf("the gzip stream ends early, after line %d", len(events)), se.What)
		assert.Equal(t, st.Lines, se.Line)
		assert.NotZero(t, len(events))
	}
	damaged := append([]byte(nil), whole...)
	damaged[len(damaged)-6] ^= 0xff // the checksum
	events, _, err := readAll(strings.NewReader(string(damaged)))
	require.EqualError(t, err, "t:2000: the gzip stream is damaged after line 2000; "+
		"expected the file as it was written")
	assert.Len(t, events, 2000)

	// A stored block, then one of the type that does not exist.
	n := len(fault1)
	stream := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" +
		string([]byte{0, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}) + fault1 + "\x07"
	events, _, err = readAll(strings.NewReader(stream))
	require.EqualError(t, err, "t:1: the gzip stream is damaged after line 1; expected the file as it was written")
	assert.Len(t, events, 1)
}

func TestSourceFails(t *testing.T) {
	broken := errors.New("disk on fire")
	_, _, err := readAll(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "t: reading after line 0: disk on fire")

	events, _, err := readAll(io.MultiReader(strings.NewReader(fault1+fault1[:9]), iotest.ErrReader(broken)))
	require.EqualError(t, err, "t: reading after line 1: disk on fire")
	assert.Len(t, events, 1)

	events, _, err = readAll(io.MultiReader(strings.NewReader(string(zip(t, fault1)[:40])), iotest.ErrReader(broken)))
	require.EqualError(t, err, "t: reading after line 0: disk on fire")
	assert.Empty(t, events)

	_, _, err = readAll(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(fault1))))
	require.ErrorIs(t, err, iotest.ErrTimeout)
}

// stuck never returns anything.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestSourceWithoutProgress(t *testing.T) {
	_, _, err := readAll(stuck{})
	require.ErrorIs(t, err, io.ErrNoProgress)
}

// The first error is final, and so is the end.
func TestErrorsStay(t *testing.T) {
	for _, trace := range []string{fault1 + "hello\n" + fault1, fault1} {
		r, err := NewReader(strings.NewReader(trace), Options{})
		require.NoError(t, err)
		var ev Event
		require.NoError(t, r.Next(&ev))
		first := r.Next(&ev)
		require.Error(t, first)
		assert.Equal(t, first, r.Next(&ev))
	}
}

// A reader of a pipe gives each event as soon as its line is there.
func TestFollowsPipe(t *testing.T) {
	pr, pw := io.Pipe()
	go func() { _, _ = io.WriteString(pw, fault1) }() // and no end
	r, err := NewReader(pr, Options{})
	require.NoError(t, err)
	var ev Event
	require.NoError(t, r.Next(&ev))
	assert.Equal(t, PageFaultUser, ev.Kind)
	require.NoError(t, pr.Close())
}

// Next leaves nothing of an earlier event in ev.
func TestNextFillsAll(t *testing.T) {
	r, err := NewReader(strings.NewReader(columns+"sys_mmap(addr: 1, len: 1, prot: 1, flags: 1, fd: 1, off: 1)\n"+
		"CPU:0 [LOST 3 EVENTS]\n"+wakeup), Options{})
	require.NoError(t, err)
	var ev Event
	for range 3 {
		require.NoError(t, r.Next(&ev))
	}
	assert.Equal(t, Event{}, arguments(ev))
}

func TestDefaultName(t *testing.T) {
	_, err := NewReader(strings.NewReader(""), Options{})
	assert.ErrorContains(t, err, "input:1: ")
}
