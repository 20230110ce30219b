package command

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// onTerminal runs ptsim with its standard error on a terminal of 80 columns until that shows a text, and returns what it showed.
func onTerminal(t *testing.T, until string, args ...string) string {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	defer user.Close()
	require.NoError(t, unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	require.NoError(t, unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}))
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), mainVariable+"=1")
	cmd.Stdout, cmd.Stderr = io.Discard, program
	require.NoError(t, cmd.Start())
	program.Close()
	stop := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	var shown strings.Builder
	buf, told := make([]byte, 4096), false
	for {
		n, err := user.Read(buf)
		shown.Write(buf[:n])
		if err != nil { // everybody has closed it
			break
		}
		if !told && strings.Contains(shown.String(), until) {
			told = true // a second signal would end it at once
			_ = cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	_ = cmd.Wait()
	return shown.String()
}

// On a terminal a search that takes a while says in one line of 80 columns how far it is, and wipes the line at the end.
func TestProgressOnATerminal(t *testing.T) {
	for _, c := range []struct{ command, until, line string }{
		{"explore S3r4 --variant pinned", "to try, ", `^\d+,\d+ states.*; \d+ steps to try, (growing|steady|shrinking)`},
		{"explore S3r --variant pinned --mode shortest", "wait, ", `^[\d,]+ states.*; [\d,]+ schedules wait, (growing|steady|shrinking)`},
		{"verdicts --scenario S3r4 --variant pinned", "to try, ", `^0 of 30 cells.*; now S3r4 on pinned/half.*; \d+ steps to try, (growing|steady|shrinking)`},
	} {
		shown := onTerminal(t, c.until, strings.Fields(c.command)...)
		lines := strings.Split(shown, "\r")
		require.Greater(t, len(lines), 2, "%s: %q", c.command, shown)
		seen := 0
		for _, line := range lines[1:] {
			text, _, wiped := strings.Cut(line, "\x1b[K")
			if wiped && text != "" {
				assert.Less(t, len(text), 80, c.command)
			}
			if wiped && strings.Contains(text, c.until) { // the very first may come before anything is left
				assert.Regexp(t, c.line, text, c.command)
				seen++
			}
		}
		assert.Positive(t, seen, "%s: %q", c.command, shown)
		assert.Contains(t, shown, "\r\x1b[Kptsim: interrupted", c.command)
	}
}
