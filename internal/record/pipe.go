//go:build linux

package record

import (
	"fmt"
	"io"
	"time"
)

// copier carries trace_pipe to the output on a goroutine of its own.
type copier struct {
	stop chan struct{} // closed when tracing is off: what is in the pipe then is all there is
	done chan struct{} // closed when nothing is copied any more
	err  error         // why, if it was no end; valid after done
}

// pause is how long to wait for more. The buffers hold far more than what comes in the meantime.
const pause = 5 * time.Millisecond

// writeError is an error of the output, as opposed to one of the pipe.
type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

func startCopy(to io.Writer, from io.Reader) *copier {
	c := &copier{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(c.done)
		defer func() {
			// A panic here would end the program with the settings as they are.
			if p := recover(); p != nil {
				c.err = fmt.Errorf("record: copying the trace: %v", p)
			}
		}()
		c.err = c.copy(to, from)
	}()
	return c
}

func (c *copier) copy(to io.Writer, from io.Reader) error {
	buf := make([]byte, 64<<10)
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		stopped := false
		select { // before the read: what is not there after the stop will never be
		case <-c.stop:
			stopped = true
		default:
		}
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return &writeError{err}
			}
			continue
		}
		if err != nil && err != io.EOF {
			return err
		}
		if stopped {
			return nil
		}
		wait.Reset(pause)
		select {
		case <-wait.C:
		case <-c.stop:
		}
	}
}

// finish waits until everything is copied.
func (c *copier) finish() error {
	close(c.stop)
	<-c.done
	return c.err
}
