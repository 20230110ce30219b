package tui

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// pty is a terminal: what a program sees of it, and what a user does.
type pty struct {
	user, program *os.File

	mu  sync.Mutex
	out bytes.Buffer
}

func newPTY(t *testing.T, w, h uint16) *pty {
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	require.NoError(t, unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	require.NoError(t, unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: h, Col: w}))
	p := &pty{user: user, program: program}
	t.Cleanup(func() { user.Close(); program.Close() })
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := user.Read(b)
			if err != nil {
				return
			}
			p.mu.Lock()
			p.out.Write(b[:n])
			p.mu.Unlock()
		}
	}()
	return p
}

// mode is how the terminal is set.
func (p *pty) mode(t *testing.T) unix.Termios {
	m, err := unix.IoctlGetTermios(int(p.program.Fd()), unix.TCGETS)
	require.NoError(t, err)
	return *m
}

// sees waits until the user sees a text.
func (p *pty) sees(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return bytes.Contains(p.out.Bytes(), []byte(text))
	}, 20*time.Second, 5*time.Millisecond, "%q", text)
}

func (p *pty) types(t *testing.T, keys string) {
	_, err := p.user.WriteString(keys)
	require.NoError(t, err)
}

// The terminal is found as it was left, however the program ends.
func TestTerminalIsRestored(t *testing.T) {
	t.Setenv("TERM", "xterm-256color")
	for _, how := range []string{"quit", "ctrl+c", "context", "quit in a search"} {
		t.Run(how, func(t *testing.T) {
			p := newPTY(t, 80, 24)
			before := p.mode(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			name := "S1"
			if how == "quit in a search" {
				name = "S3r4"
			}
			s := session(t, name, "active")
			go func() { done <- Run(ctx, Options{Session: s}, p.program, p.program) }()
			p.sees(t, "threads: which moves next?")
			require.NotEqual(t, before, p.mode(t), "it was raw meanwhile")
			switch how {
			case "quit":
				p.types(t, "q")
			case "ctrl+c":
				p.types(t, "\x03")
			case "context":
				cancel()
			default:
				p.types(t, "v")
				p.sees(t, "looking for a violation")
				p.types(t, "q")
			}
			select {
			case err := <-done:
				if how == "context" {
					assert.ErrorIs(t, err, context.Canceled)
				} else {
					assert.NoError(t, err)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("it does not end")
			}
			assert.Equal(t, before, p.mode(t))
			p.sees(t, "\x1b[?1049l") // off the other screen
			p.sees(t, "\x1b[?25h")   // with a cursor
		})
	}
}

// panics is a model that has a bug.
type panics struct{ *Model }

func (m panics) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "x" {
		panic("a bug")
	}
	_, cmd := m.Model.Update(msg)
	return m, cmd
}

// Even a bug leaves no raw terminal behind, and is told.
func TestTerminalIsRestoredAfterPanic(t *testing.T) {
	t.Setenv("TERM", "xterm-256color")
	p := newPTY(t, 80, 24)
	before := p.mode(t)
	done := make(chan error, 1)
	m := panics{New(t.Context(), Options{Session: session(t, "S1", "rfc")})}
	go func() { done <- program(t.Context(), m, p.program, p.program) }()
	p.sees(t, "threads: which moves next?")
	p.types(t, "x")
	assert.ErrorIs(t, <-done, tea.ErrProgramPanic)
	assert.Equal(t, before, p.mode(t))
	p.sees(t, "\x1b[?1049l")
}

// What is typed arrives, the link goes to the terminal's clipboard, and a new size is taken note of.
func TestTerminalTypes(t *testing.T) {
	t.Setenv("TERM", "xterm-256color")
	p := newPTY(t, 80, 24)
	s := session(t, "S1", "rfc")
	done := make(chan error, 1)
	go func() { done <- Run(t.Context(), Options{Session: s, NoColour: true}, p.program, p.program) }()
	p.sees(t, "step 0 of 0")
	p.types(t, "\x1b[C") // right
	p.sees(t, "step: ")
	p.types(t, "l")
	p.sees(t, "\x1b]52;c;")
	p.types(t, "\x1b")
	time.Sleep(100 * time.Millisecond) // an escape alone, not the begin of a sequence
	p.types(t, "q")
	require.NoError(t, <-done)
	assert.Equal(t, 1, s.View().Step)
	p.sees(t, "\x1b]52;c;"+base64.StdEncoding.EncodeToString([]byte(s.Link())))
}

// The course goes to the stepper and back.
func TestTerminalLearn(t *testing.T) {
	t.Setenv("TERM", "xterm-256color")
	p := newPTY(t, 80, 24)
	before := p.mode(t)
	done := make(chan error, 1)
	go func() { done <- Learn(t.Context(), Options{}, lessons(t), 0, p.program, p.program) }()
	p.sees(t, "One page, two tables")
	p.types(t, "\t\r")
	p.sees(t, "threads: which moves next?")
	p.types(t, "q")
	p.sees(t, "steps through it")
	p.types(t, "q")
	require.NoError(t, <-done)
	assert.Equal(t, before, p.mode(t))
}
