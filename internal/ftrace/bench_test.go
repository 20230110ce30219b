package ftrace

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// manyEvents is a trace with the proportions of a recorded one: four faults in
// five, the rest mostly system calls.
func manyEvents(events int) string {
	const prefix = "         python3-10705   (  10705) [001] %s 5301.%06d: %s\n"
	rest := []string{
		"sys_mmap(addr: 0, len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)", "sys_mmap -> 0x7f0f64dc7000",
		"sys_openat(dfd: 0xffffff9c, filename: 0x7f0f64dfa0b1, flags: 0x80000, mode: 0)", "sys_openat -> 0x3",
		"sys_close(fd: 3)", "sys_brk(brk: 0)", "sys_brk -> 0x55853ed3d000", "sys_munmap(addr: 0x7f0f64dbd000, len: 0x9047)",
		"sched_process_fork: comm=bash pid=10705 child_comm=bash child_pid=10707",
		"sched_process_exit: comm=bash pid=10707 prio=120 group_dead=true",
	}
	var b strings.Builder
	b.WriteString(entries(events, events))
	for i := range events {
		flags, text := ".....", rest[i/5%len(rest)]
		if i%5 != 0 {
			flags, text = "d....", fmt.Sprintf("page_fault_user: address=0x7f0f%08x ip=0x7f0f64debb70 error_code=0x6", i<<12)
		}
		fmt.Fprintf(&b, prefix, flags, i%1_000_000, text)
	}
	return b.String()
}

func BenchmarkReader(b *testing.B) {
	const events = 100_000
	text := manyEvents(events)
	for _, form := range []struct {
		name string
		data []byte
	}{{"plain", []byte(text)}, {"gzip", zip(b, text)}} {
		b.Run(form.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var ev Event
			for b.Loop() {
				r, err := NewReader(bytes.NewReader(form.data), Options{})
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					err = r.Next(&ev)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
			b.ReportMetric(events*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkNext is the cost of one event in steady state.
func BenchmarkNext(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"fault", fault1},
		{"mmap", columns + "sys_mmap(addr: 0, len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)\n"},
		{"fork", columns + "sched_process_fork: comm=bash pid=10705 child_comm=bash child_pid=10707\n"},
		{"other", wakeup},
		{"unindented", strings.TrimLeft(fault1, " ")},
	} {
		b.Run(c.name, func(b *testing.B) {
			r, err := NewReader(&endless{line: []byte(strings.Repeat(c.line, 100))}, Options{})
			require.NoError(b, err)
			b.SetBytes(int64(len(c.line)))
			b.ReportAllocs()
			var ev Event
			for b.Loop() {
				if err := r.Next(&ev); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// endless repeats a line.
type endless struct {
	line []byte
	pos  int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c := copy(p[n:], e.line[e.pos:])
		n += c
		e.pos = (e.pos + c) % len(e.line)
	}
	return n, nil
}

// No event of any sort costs an allocation, nor does a comment or a lost line.
func TestNextDoesNotAllocate(t *testing.T) {
	story := manyEvents(100) + "CPU:1 [LOST 12 EVENTS]\n" + columns + "<stack trace>\n => a\n" +
		columns + "mm_khugepaged_collapse_file: mm=000000008fa001f1, hpage_pfn=0x1, index=512, addr=200000, is_shmem=1, " +
		"filename=memfd:a, nr=512, result=succeeded\n" +
		columns + "sys_openat(dfd: 3, filename: 0x7f \"/x\", flags: O_RDONLY|O_CLOEXEC)\n" +
		columns + "sched_process_exec: filename=/bin/sh pid=1 old_pid=1\n" + wakeup
	r, err := NewReader(&endless{line: []byte(story)}, Options{})
	require.NoError(t, err)
	var ev Event
	assert.Zero(t, testing.AllocsPerRun(5000, func() {
		if err := r.Next(&ev); err != nil {
			t.Fatal(err)
		}
	}))
}
