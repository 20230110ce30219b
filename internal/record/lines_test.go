package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/internal/ftrace"
	_ "ptsim/internal/nofiles"
)

// mend passes a text through a lineWriter, in pieces of so many bytes.
func mend(t require.TestingT, text string, piece int) (string, Counts) {
	var b strings.Builder
	l := lineWriter{w: &b}
	for len(text) > 0 {
		n := min(piece, len(text))
		wrote, err := l.Write([]byte(text[:n]))
		require.NoError(t, err)
		require.Equal(t, n, wrote)
		text = text[n:]
	}
	require.NoError(t, l.flush())
	return b.String(), l.counts
}

const (
	execLine  = "              sh-12      (     12) [000] .....     1.000001: sched_process_exec: filename=/bin/sh pid=12 old_pid=12\n"
	faultLine = "              sh-12      (     12) [000] d....     1.000002: page_fault_user: address=0x10 ip=0x4 error_code=0x6\n"
)

// The line breaks of names, as a kernel prints them: within the task's own name, in another's, in a file's.
func TestLinesAreMended(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		torn             int64
	}{
		{"nothing to mend", execLine + faultLine, execLine + faultLine, 0},
		{"task", strings.Replace(faultLine, "              sh", "             a\nb", 1), strings.Replace(faultLine, "              sh", "             a?b", 1), 0},
		{"three in a task", strings.Replace(faultLine, "             sh", "            \n\n\n", 1), strings.Replace(faultLine, "             sh", "            ???", 1), 0},
		{"child", "              sh-12      (     12) [000] .....     1.000001: sched_process_fork: comm=sh pid=12 child_comm=c\nd child_pid=13\n" + faultLine,
			"              sh-12      (     12) [000] .....     1.000001: sched_process_fork: comm=sh pid=12 child_comm=c?d child_pid=13\n" + faultLine, 0},
		{"file", strings.Replace(execLine, "/bin/sh", "/bin/\ns\nh", 1) + faultLine, strings.Replace(execLine, "/bin/sh", "/bin/?s?h", 1) + faultLine, 0},
		{"task and file", strings.NewReplacer("              sh", "             a\nb", "/bin/sh", "x\ny").Replace(execLine),
			strings.NewReplacer("              sh", "             a?b", "/bin/sh", "x?y").Replace(execLine), 0},
		{"a marker of two lines", "tracing_mark_write: hello\n" + faultLine + "world\n", faultLine, 2},
		{"much that is no event", strings.Repeat("noise\n", 5000) + faultLine, faultLine, 4},
		{"the end of a line is missing", faultLine + "              sh-12      (     12) [000] .....     1.0: sched_process_exec: filename=", faultLine, 1},
		{"no newline at the end", faultLine + strings.TrimSuffix(faultLine, "\n"), faultLine + faultLine, 0},
		{"notes of the kernel", "##### CPU 1 buffer started ####\n" + faultLine + "\n", faultLine, 0},
		{"lost", faultLine + "CPU:1 [LOST 12 EVENTS]\n" + faultLine, faultLine + "CPU:1 [LOST 12 EVENTS]\n" + faultLine, 0},
		{"a task called as if something was lost", strings.Replace(faultLine, "              sh", "   CPU:1 [LOST 1", 1),
			strings.Replace(faultLine, "              sh", "   CPU:1 [LOST 1", 1), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			have, counts := mend(t, c.text, 1<<20)
			assert.Equal(t, c.want, have)
			if c.torn == 4 {
				assert.Positive(t, counts.Torn)
			} else {
				assert.Equal(t, c.torn, counts.Torn)
			}
		})
	}
}

// However the text comes in pieces, and whatever the names are, each event comes out once, and the reader of the replayer
// finds as many of each kind as were counted.
func TestLinesHoldEveryEvent(t *testing.T) {
	char := rapid.SampledFrom([]byte("ab-: ()[]=1\n,?>#"))
	rapid.Check(t, func(rt *rapid.T) {
		var text strings.Builder
		want := Counts{}
		for i := range rapid.IntRange(1, 20).Draw(rt, "events") {
			comm := string(rapid.SliceOfN(char, 1, 15).Draw(rt, "comm"))
			file := "/" + string(rapid.SliceOfN(char, 0, 20).Draw(rt, "file"))
			at := fmt.Sprintf("%16s-%-7d (%7d) [%03d] ..... %12.6f: ", comm, i+1, i+1, i%2, float64(i))
			switch rapid.IntRange(0, 4).Draw(rt, "kind") {
			case 0:
				want.Execs++
				fmt.Fprintf(&text, "%ssched_process_exec: filename=%s pid=%d old_pid=%[3]d\n", at, file, i+1)
			case 1:
				want.Forks++
				fmt.Fprintf(&text, "%ssched_process_fork: comm=%s pid=%d child_comm=%[2]s child_pid=%[4]d\n", at, comm, i+1, i+2)
			case 2:
				want.Exits++
				fmt.Fprintf(&text, "%ssched_process_exit: comm=%s pid=%d prio=120 group_dead=true\n", at, comm, i+1)
			case 3:
				want.Collapses++
				fmt.Fprintf(&text, "%smm_khugepaged_collapse_file: mm=00000000a3f54111, hpage_pfn=0x1, index=512, addr=7e0000000000, "+
					"is_shmem=1, filename=%s, nr=512, result=succeeded\n", at, file)
			case 4:
				want.Lost += int64(i + 1)
				fmt.Fprintf(&text, "CPU:%d [LOST %d EVENTS]\n", i%2, i+1)
				want.Events--
			}
			want.Events++
		}
		have, counts := mend(rt, text.String(), rapid.IntRange(1, 300).Draw(rt, "piece"))
		require.Equal(rt, want, counts)

		r, err := ftrace.NewReader(strings.NewReader("# tracer: nop\n"+have), ftrace.Options{})
		require.NoError(rt, err)
		kinds := map[ftrace.Kind]int64{}
		var e ftrace.Event
		for {
			err := r.Next(&e)
			if err == io.EOF {
				break
			}
			require.NoError(rt, err)
			kinds[e.Kind]++
		}
		s := r.Stats()
		require.Equal(rt, want, Counts{Events: s.Events, Forks: kinds[ftrace.Fork], Execs: kinds[ftrace.Exec], Exits: kinds[ftrace.Exit],
			Collapses: kinds[ftrace.CollapseFile], Lost: s.Lost})
	})
}

func TestLostLine(t *testing.T) {
	for line, want := range map[string]int64{
		"CPU:1 [LOST 12 EVENTS]": 12, "CPU:0 [LOST EVENTS]": 0, "CPU:255 [LOST 9223372036854775807 EVENTS]": 1<<63 - 1,
	} {
		n, ok := lostLine([]byte(line))
		assert.True(t, ok, line)
		assert.Equal(t, want, n, line)
	}
	for _, line := range []string{"", "CPU:1", "CPU:1 [LOST x EVENTS]", "CPU:1 [LOST 1 EVENTS] ", "cpu:1 [LOST 1 EVENTS]", "CPU:1 [LOST 1"} {
		_, ok := lostLine([]byte(line))
		assert.False(t, ok, line)
	}
}

// fullAfter fails the write after so many.
type fullAfter int

func (f *fullAfter) Write(p []byte) (int, error) {
	if *f--; *f < 0 {
		return 0, errFull
	}
	return len(p), nil
}

var errFull = errors.New("full")

func TestLinesReportErrors(t *testing.T) {
	for n := range 4 {
		f := fullAfter(n)
		l := lineWriter{w: &f}
		_, err := l.Write([]byte(faultLine + faultLine))
		assert.ErrorIs(t, err, errFull)
	}
	f := fullAfter(0)
	l := lineWriter{w: &f}
	_, err := l.Write([]byte(strings.TrimSuffix(faultLine, "\n")))
	require.NoError(t, err)
	assert.ErrorIs(t, l.flush(), errFull)
	assert.ErrorIs(t, l.lose("1", 2), errFull)
}

// Copying is the hot path: nothing is allocated for an event.
func TestLinesDoNotAllocate(t *testing.T) {
	l := lineWriter{w: io.Discard}
	text := []byte(strings.Repeat(execLine+faultLine, 50))
	half := len(text)/2 + 7 // in the middle of a line
	assert.Zero(t, testing.AllocsPerRun(20, func() {
		_, _ = l.Write(text[:half])
		_, _ = l.Write(text[half:])
	}))
}

func BenchmarkLines(b *testing.B) {
	l := lineWriter{w: &bytes.Buffer{}}
	l.w = io.Discard
	text := []byte(strings.Repeat(execLine+strings.Repeat(faultLine, 9), 10))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		_, _ = l.Write(text)
	}
	b.ReportMetric(float64(l.counts.Events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}
