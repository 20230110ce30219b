//go:build linux

package record

import (
	"os"
	"syscall"
	"time"
)

// attend waits until the command has ended, or a signal asks for the end of the recording. If copying fails, tracing ends
// at once; the command is not to suffer from that and goes on, and the error is returned at its end.
func (r *recording) attend() error {
	r.result.PID = r.command.pid()
	type end struct {
		state *os.ProcessState
		err   error
	}
	ended := make(chan end, 1)
	go func() {
		state, err := r.command.wait()
		ended <- end{state, err}
	}()
	copied := r.copier.done
	var failed error
	var late <-chan time.Time
	for {
		select {
		case e := <-ended:
			if e.err != nil && failed == nil {
				failed = commandError(r.o.Command[0], e.err)
			}
			if e.state != nil {
				r.result.Status = e.state.String()
			}
			return failed
		case <-copied:
			copied = nil
			failed = r.copyError(r.copier.err)
			if err := r.restore(); err != nil {
				failed = both(failed, err)
			}
			if r.o.Warn != nil {
				r.o.Warn("recording ended early: " + failed.Error() + "; the command goes on without it")
			}
		case sig := <-r.o.Signals:
			if r.result.Interrupted {
				return failed
			}
			r.result.Interrupted = true
			if byKey := sig == os.Interrupt || sig == syscall.SIGQUIT; !byKey || !foreground() {
				_ = r.command.cmd.Process.Signal(sig) // it may have ended just now
			}
			patience := r.o.Patience
			if patience == 0 {
				patience = DefaultPatience
			}
			late = time.After(patience)
		case <-late:
			return failed
		}
	}
}
