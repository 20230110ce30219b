package ftrace

import (
	"errors"
	"io"
)

// mostHeld is how long a line that is mended may be.
const mostHeld = 8 << 10

// mend deals with a line that is no event, for the reason f. A task, a file or a marker may have a line break in its name,
// which the kernel prints as it is:
//
//   - A line after an event of kind Other is the rest of its text; it is left out.
//   - Another is held, and completed by those after it, with a question mark for the line break. The dash before the PID
//     has to be in the column where the kernel prints it, so that lines that do not belong together do not fit.
//
// What fits nothing is the fault that it was.
func (r *Reader) mend(line []byte, f *fault, ev *Event) (found bool, n int, err error) {
	n = r.stats.Lines
	if f.final {
		return false, n, r.syntax(n, f)
	}
	if tells := foreignLine(line); tells != nil {
		return false, n, r.syntax(n, tells)
	}
	if r.other && !tracefsLine(line) {
		r.stats.Torn++
		return false, n, nil
	}
	const mostLines = 16
	r.held = append(r.held[:0], trimRight(line)...)
	for range mostLines {
		next, whole, err := r.in.next()
		if err != nil {
			if err != io.EOF && !errors.Is(err, errTooLong) && r.in.broken(err, n) == nil {
				return false, n, r.sourceError(err)
			}
			break
		}
		if r.held = append(append(r.held, '?'), trimRight(next)...); len(r.held) > mostHeld || !whole {
			break
		}
		r.stats.Lines++
		if checkText(r.held, false) != nil || !tracefsLine(r.held) {
			continue
		}
		if found, joined := r.line(r.held, ev); joined == nil && found {
			r.stats.Mended++
			return true, n, nil
		}
	}
	return false, n, r.syntax(n, f)
}

// tracefsLine reports whether a line has its dash and PID where the kernel prints them.
func tracefsLine(line []byte) bool {
	return len(line) > dashColumn+1 && line[dashColumn] == '-' && '0' <= line[dashColumn+1] && line[dashColumn+1] <= '9'
}
