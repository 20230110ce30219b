//go:build linux

package record

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// countLine is the header line that promises a number of events. What the kernel says of its buffer, that so many events
// were held of so many written, holds for a file as well; a reader that finds fewer knows that some are missing.
const (
	countLine  = "# entries-in-buffer/entries-written: "
	countWidth = 2*20 + 1 // two numbers of 64 bits and a slash
)

// promise is a place in the output that is kept for the count line.
type promise struct {
	kept bool
	off  int64
}

// keep fills it in.
func (p *promise) keep(w io.Writer, events int64) error {
	if !p.kept {
		return nil
	}
	text := fmt.Sprintf("%s%-*s", countLine, countWidth, fmt.Sprintf("%d/%[1]d", events))
	if _, err := w.(io.WriterAt).WriteAt([]byte(text), p.off); err != nil {
		return &OutputError{err}
	}
	return nil
}

const columns = `#
#                                          _-----=> irqs-off/BH-disabled
#                                         / _----=> need-resched
#                                        | / _---=> hardirq/softirq
#                                        || / _--=> preempt-depth
#                                        ||| / _-=> migrate-disable
#                                        |||| /     delay
#           TASK-PID       TGID    CPU#  |||||  TIMESTAMP  FUNCTION
#              | |           |       |   |||||     |         |
`

// writeHeader writes the comments that a trace begins with. The replayer needs none of them: it is for 4 KiB pages and
// collapses of 2 MiB, and a machine that has others is refused or noted. They are for who reads the trace later.
func (r *recording) writeHeader() error {
	r.out = bufio.NewWriterSize(r.o.Output, 64<<10)
	r.lines.w = r.out
	head := "# tracer: nop\n#\n"
	if _, ok := r.o.Output.(io.WriterAt); ok {
		r.promise = promise{true, int64(len(head))}
		head += fmt.Sprintf("%s%-*s\n#\n", countLine, countWidth, "0/0")
	}
	words := make([]string, len(r.o.Command))
	for i, w := range r.o.Command {
		words[i] = strconv.QuoteToASCII(w)
	}
	huge := "none"
	if text, err := os.ReadFile("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"); err == nil {
		huge = strings.TrimSpace(string(text))
		if huge != "2097152" {
			r.result.note("huge pages of this kernel have %s bytes; the replay takes each collapse for one of 2097152", huge)
		}
	}
	head += fmt.Sprintf("# recorded by ptsim record: %s, page size %d, huge page %s, clock mono, %d KiB of buffer a CPU\n",
		uname(), os.Getpagesize(), huge, r.result.BufferKiB)
	head += fmt.Sprintf("# command, PID %d: %s\n", r.command.pid(), strings.Join(words, " "))
	if len(r.others) > 0 {
		head += fmt.Sprintf("# khugepaged: PID %v\n", r.others[0])
	}
	if _, err := r.out.WriteString(head + columns); err != nil {
		return r.outputError(err)
	}
	return nil
}

// uname names the running kernel as uname -srm does.
func uname() string {
	var u syscall.Utsname
	if err := syscall.Uname(&u); err != nil {
		return "Linux"
	}
	return text(u.Sysname[:]) + " " + text(u.Release[:]) + " " + text(u.Machine[:])
}

// text is a C string; C's char is signed here and unsigned there.
func text[C int8 | uint8](chars []C) string {
	var b strings.Builder
	for _, c := range chars {
		if c == 0 {
			break
		}
		b.WriteByte(byte(c))
	}
	return b.String()
}
