package tui

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

var update = flag.Bool("update", false, "write the goldens anew")

// session opens a scenario on a version.
func session(t testing.TB, name, version string) *stepper.Session {
	t.Helper()
	s, err := scenario.Load(name)
	require.NoError(t, err)
	return sessionOf(t, s, version)
}

func sessionOf(t testing.TB, s *scenario.Scenario, version string) *stepper.Session {
	t.Helper()
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	ss, err := stepper.New(stepper.Question{Scenario: s, Version: v, Setting: question.Setting{Softirqs: 2, Grace: explore.GracePrecise}})
	require.NoError(t, err)
	t.Cleanup(ss.Close)
	return ss
}

// flaw is a session at the end of the shortest way to the flaw.
func flaw(t testing.TB) *stepper.Session {
	s := session(t, "S1", "rfc")
	a, err := s.Run(t.Context(), 100_000)
	require.NoError(t, err)
	require.Equal(t, "violated", a.Verdict)
	return s
}

// screen is what can be sent keys and shows text: the stepper, and the course.
type screen interface {
	tea.Model
	Screen() string
}

func model(t testing.TB, opt Options, w, h int) *Model {
	m := New(context.Background(), opt)
	t.Cleanup(m.busy.Wait)
	resize(m, w, h)
	return m
}

func resize(m screen, w, h int) { m.Update(tea.WindowSizeMsg{Width: w, Height: h}) }

// named are the keys that are not a character.
var named = map[string]tea.KeyPressMsg{
	"space": {Code: tea.KeySpace, Text: " "}, "enter": {Code: tea.KeyEnter}, "tab": {Code: tea.KeyTab}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift},
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown},
	"esc": {Code: tea.KeyEscape}, "backspace": {Code: tea.KeyBackspace}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+z": {Code: 'z', Mod: tea.ModCtrl},
}

// press sends keys, parted by blanks, and returns the last command. Commands are not run, but for those of a search, which
// are run to their end.
func press(t testing.TB, m screen, keys string) tea.Cmd {
	t.Helper()
	var last tea.Cmd
	for _, k := range strings.Fields(keys) {
		msg, ok := named[k]
		if !ok {
			require.Len(t, k, 1, "key %q", k)
			msg = tea.KeyPressMsg{Code: rune(k[0]), Text: k}
		}
		require.Equal(t, k, msg.String(), "as bubbletea names it")
		_, last = m.Update(msg)
		if st, ok := m.(*Model); ok && st.search != nil {
			finish(t, st, last)
		}
	}
	return last
}

// finish runs a search to its end.
func finish(t testing.TB, m *Model, cmd tea.Cmd) {
	t.Helper()
	batch, ok := cmd().(tea.BatchMsg)
	require.True(t, ok)
	for round := batch[0]; round != nil; {
		_, round = m.Update(round())
	}
	require.Nil(t, m.search)
}

// plainScreen is the screen without escape sequences.
func plainScreen(m screen) string { return ansi.Strip(m.Screen()) }

// requireFits wants the screen to be of that size: as many lines, none wider, and nothing in it that a terminal would act
// on but attributes.
func requireFits(t require.TestingT, m screen, w, h int) {
	text := m.Screen()
	lines := strings.Split(text, "\n")
	require.Len(t, lines, h, "%dx%d", w, h)
	for _, l := range lines {
		require.LessOrEqual(t, ansi.StringWidth(l), w, "%dx%d: %q", w, h, l)
	}
	require.True(t, utf8.ValidString(text))
	for _, r := range strings.ReplaceAll(ansi.Strip(text), "\n", "") {
		require.False(t, r < ' ' || r >= 0x7f && r < 0xa0, "control character %q", r)
	}
	rest := text
	for {
		_, after, ok := strings.Cut(rest, "\x1b")
		if !ok {
			break
		}
		end := strings.IndexByte(after, 'm')
		require.Positive(t, end)
		require.Equal(t, "", strings.Trim(after[:end], "[0123456789;"), "only attributes")
		rest = after[end:]
	}
}

// golden compares with a file, or writes it.
func golden(t *testing.T, name, have string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(have), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), have, "go test ./internal/tui -update writes it anew")
}

// visible turns escape sequences into something to read: the attributes in angle brackets.
func visible(s string) string {
	s = strings.ReplaceAll(s, "\x1b[m", "</>")
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		n := strings.IndexByte(after, 'm')
		b.WriteString("<" + after[:n] + ">")
		s = after[n+1:]
	}
}

func parse(t testing.TB, text string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse("test.scn", text)
	require.NoError(t, err)
	return s
}

func asText(v any) string { return fmt.Sprint(v) }

func sessionText(text string) (*scenario.Scenario, error) { return scenario.Parse("test.scn", text) }
