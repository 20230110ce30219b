package ftrace

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// countInPlace reads a trace to its end. Events that were read in place are counted.
func countInPlace(t require.TestingT, r *Reader) (events []Event, inPlace int, stats Stats, err error) {
	for {
		var ev Event
		if r.quick(&ev) {
			inPlace++
		} else if err = r.Next(&ev); err != nil {
			return events, inPlace, r.Stats(), err
		}
		events = append(events, ev)
	}
}

// A fault that is read in place is what is read line by line: random faults of a few tasks, one after the other, some of the lines
// damaged. A line that comes byte by byte is never read in place.
func TestQuickFaults(t *testing.T) {
	inPlace, failed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		now := int64(5_000_000_000)
		name := rapid.SampledFrom([]string{"cc1", "cc1", "a b-7", "# x", " => x", "CPU:1 [LOST 12", "sixteen-letters!"})
		tasks := []string{name.Draw(t, "task"), name.Draw(t, "task"), name.Draw(t, "task")}
		flags := rapid.SampledFrom([]string{".....", "d...."}).Draw(t, "flags")
		lines := rapid.IntRange(20, 100).Draw(t, "lines")
		hurt := rapid.IntRange(0, 2*lines).Draw(t, "damaged line")
		for i := range lines {
			tid := rapid.IntRange(101, 103).Draw(t, "tid")
			task := tasks[tid%3]
			now += rapid.SampledFrom([]int64{0, 1, 999, 1_000_000, -1}).Draw(t, "passed")
			end := rapid.SampledFrom([]string{"\n", "\n", "\n", "\n", "\r\n", " \n"}).Draw(t, "end")
			event := fmt.Sprintf("page_fault_user: address=0x%x ip=0x%x error_code=0x%x", rapid.SampledFrom([]uint64{0x7fd9d5c1d8e0, 0x100000000000, 0x7fd9d5c10000, 0x10000}).Draw(t, "addr")+
				rapid.Uint64Range(0, 0xffff).Draw(t, "low"), rapid.SampledFrom([]uint64{0x7fd9d5b8a0b1, 0x55853ed3d000, 0x55853ed3d004, 0xabc}).Draw(t, "ip"), rapid.SampledFrom([]int{4, 6, 0x14, 6, 0x115}).Draw(t, "code"))
			switch rapid.IntRange(0, 29).Draw(t, "other") {
			case 0:
				event = "sys_brk -> 0x55853ed3d000"
			case 1:
				event, end = "kernel_stack: <stack trace>", rapid.SampledFrom([]string{"\n", "\n => f\n"}).Draw(t, "frames")
			case 2:
				event = "tracing_mark_write: torn\n  by a line break"
			}
			line := fmt.Appendf(nil, "%16s-%-7d [%03d] %s %5d.%06d: %s", task, tid, tid%2, flags, now/1_000_000, now%1_000_000, event)
			if i == hurt {
				line[rapid.IntRange(0, len(line)-1).Draw(t, "at")] = rapid.SampledFrom([]byte("\n .:0-(]xG\r")).Draw(t, "byte")
			}
			b.Write(line)
			b.WriteString(end)
		}
		text := "# tracer: nop\n" + b.String()
		open := func(name string, slow bool) *Reader {
			in := iotest.OneByteReader(strings.NewReader(text))
			if !slow {
				in = strings.NewReader(text)
			}
			r, err := NewReader(in, Options{Name: name})
			require.NoError(t, err)
			return r
		}
		want, none, wantStats, wantErr := countInPlace(t, open("x", true))
		have, n, haveStats, haveErr := countInPlace(t, open("x", false))
		require.Zero(t, none)
		assert.Equal(t, wantErr, haveErr)
		assert.Equal(t, want, have)
		wantStats.BytesRead, haveStats.BytesRead = 0, 0
		assert.Equal(t, wantStats, haveStats)
		inPlace += n
		if haveErr.Error() != "EOF" {
			failed++
		}
	})
	assert.Positive(t, inPlace)
	if !testing.Short() { // of 20 traces all may be fine
		assert.Greater(t, inPlace, 50)
		assert.Positive(t, failed)
	}
}

// What looks like a fault of a known task at first is read in place only if it is one to its end.
func TestAlmostQuickFaults(t *testing.T) {
	const known = "            => x-101     [001] d....  5303.361206: page_fault_user: address=0x7fd9d5c1d8e0 ip=0x7fd9d5b8a0b1 error_code=0x6\n"
	for name, last := range map[string]string{
		"it is":         known,
		"a break in ip": strings.Replace(known, "ip=0x7fd9", "ip=0x7f\n9", 1),
		"a late break":  strings.Replace(known, "a0b1", "a0\n1", 1),
		"no digit":      strings.Replace(known, "=0x6\n", "=0xg\n", 1),
		"a frame":       strings.Replace(known, "page_fault_user: a", "kernel_stack: <stack trace>\n => x", 1),
		"more":          strings.Replace(known, "=0x6\n", "=0x6 x\n", 1),
		"before":        strings.Replace(known, "5303.36", "5303.26", 1),
		"another name":  strings.Replace(known, "page_fault_user", "page_fault_usex", 1),
	} {
		r, err := NewReader(strings.NewReader(strings.Repeat(known, 3)+last), Options{})
		require.NoError(t, err)
		var ev Event
		for range 3 {
			require.NoError(t, r.Next(&ev))
		}
		assert.Equal(t, name == "it is", r.quick(&ev), name)
	}
	stack := "            => x-101     [001] d....  5303.361206: kernel_stack: <stack trace>\n"
	r, err := NewReader(strings.NewReader(strings.ReplaceAll(strings.Repeat(known, 3)+stack+known, "            => x", " => sixteen-char")), Options{})
	require.NoError(t, err)
	events, _, _, err := countInPlace(t, r)
	assert.ErrorIs(t, err, io.EOF)
	assert.Len(t, events, 4, "a frame of the stack")
}
