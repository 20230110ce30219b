package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Options say what to record.
type Options struct {
	// Command is the program and its arguments.
	Command []string
	// Output gets the trace. If it is an io.WriterAt, too, the count of events is filled in at the end.
	Output io.Writer
	// Stdin, Stdout and Stderr are the command's.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Tracefs is the root of tracefs; "" looks where it is mounted.
	Tracefs string
	// BufferKiB is the size of each CPU's buffer; 0 chooses one.
	BufferKiB int
	// OmitKhugepaged leaves out what khugepaged does: it works for all processes, not only for the command's.
	OmitKhugepaged bool
	// Signals, if not nil, yields signals that ask for the end. They are handed on to the command, unless the terminal has
	// done so; the second, or Patience after the first, ends the recording although the command still runs.
	Signals  <-chan os.Signal
	Patience time.Duration // 0 is DefaultPatience
	// Warn, if not nil, is told at once of what the user should know before the command ends.
	Warn func(string)

	files files // of the tests
}

// DefaultPatience is how long a command may take to end after a signal.
const DefaultPatience = 5 * time.Second

// Result is what a recording came to.
type Result struct {
	Counts
	Status      string // how the command ended, such as "exit status 3"; "" if it still runs
	PID         int
	Interrupted bool
	Background  int // tasks of the command that still run
	BufferKiB   int // of each CPU
	Duration    time.Duration
	Notes       []string // what else the user should know
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// OutputError says that the output could not be written.
type OutputError struct{ Err error }

// Error returns what went wrong; what the output is called, the caller knows.
func (e *OutputError) Error() string { return "cannot write: " + bare(e.Err).Error() }

// Unwrap returns the cause.
func (e *OutputError) Unwrap() error { return e.Err }

// bare is an error without the file it is about.
func bare(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// pageSize is that of the traces that can be replayed.
const pageSize = 4096
