package tui

import (
	"context"
	"os"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/levels"
)

func path(m *Model) string {
	_, text, _ := strings.Cut(m.opt.Session.View().Path, ":")
	return text[strings.LastIndex(text, ":")+1:]
}

// Steps forward and back, by every key that takes them.
func TestStepKeys(t *testing.T) {
	for _, k := range []string{"space", "enter", "right", "n"} {
		m := model(t, Options{Session: session(t, "S1", "rfc")}, 80, 24)
		press(t, m, k+" "+k)
		assert.Equal(t, "Ax2", path(m), k)
	}
	for _, k := range []string{"left", "b", "backspace"} {
		m := model(t, Options{Session: session(t, "S1", "rfc")}, 80, 24)
		press(t, m, "space space "+k)
		assert.Equal(t, 1, m.view.Step, k)
		press(t, m, k+" "+k)
		assert.Equal(t, 0, m.view.Step, k)
		assert.Contains(t, plainScreen(m), "this is the first state")
	}
	for keys, want := range map[string]int{"home": 0, "g": 0, "home end": 3, "g G": 3, "left left right": 2} {
		m := model(t, Options{Session: session(t, "S1", "rfc")}, 80, 24)
		press(t, m, "space space space "+keys)
		assert.Equal(t, want, m.view.Step, keys)
	}
}

// After going back, a step forward is the one that was taken before, whatever lane it was.
func TestBackAndForwardKeepTheLine(t *testing.T) {
	m := model(t, Options{Session: flaw(t)}, 80, 24)
	want := path(m)
	press(t, m, "home"+strings.Repeat(" space", 16))
	assert.Equal(t, want, path(m))
	assert.Len(t, leaves(m.opt.Session), 1)
}

// Letters, arrows and digits choose.
func TestChoosing(t *testing.T) {
	m := model(t, Options{Session: session(t, "S1", "rfc"), NoColour: true}, 80, 24)
	at := func() string {
		lane, move := m.chosen()
		if move == nil {
			return lane.Letter
		}
		return move.Text
	}
	assert.Equal(t, "A", at())
	press(t, m, "B")
	assert.Equal(t, "B", at())
	assert.Contains(t, plainScreen(m), "B can go 2 ways")
	press(t, m, "down")
	assert.Equal(t, "B?1", at())
	press(t, m, "down down down down down down")
	assert.Equal(t, "s1", at())
	press(t, m, "space")
	assert.Contains(t, plainScreen(m), "s1 cannot move: no callback is queued")
	assert.Equal(t, 0, m.view.Step)
	press(t, m, "up up up up up up up up a")
	assert.Equal(t, "A", at())
	press(t, m, "3")
	assert.Equal(t, "B?1", m.view.Did.Move)
	assert.Equal(t, "B", at(), "the lane that moved goes on")
	press(t, m, "9")
	assert.Contains(t, plainScreen(m), "there is no move 9; possible: 1 A, 2 B")
	press(t, m, "C")
	assert.Contains(t, plainScreen(m), "there is no thread C; choose one with up and down, or a move by its number")
	press(t, m, "A A A")
	assert.Equal(t, 1, m.view.Step, "letters choose, they do not step")
}

// Where there is a lane G, the letter is the lane's.
func TestLaneGBeforeEnd(t *testing.T) {
	text := "title eight\nmm 1 users 8\n"
	for _, c := range "abcdefgh" {
		text += "task " + string(c) + "\n  mmput 1\n"
	}
	m := model(t, Options{Session: sessionOf(t, parse(t, text), "rfc")}, 80, 24)
	for _, k := range "ABCDEFGH" {
		press(t, m, string(k))
		lane, _ := m.chosen()
		assert.Equal(t, string(k), lane.Letter)
	}
	press(t, m, "b")
	assert.Contains(t, plainScreen(m), "this is the first state", "b goes back")
	press(t, m, "h")
	lane, _ := m.chosen()
	assert.Equal(t, "H", lane.Letter, "h means nothing else")
}

// Branches: another lane first makes another try, and [ ] go round them.
func TestTries(t *testing.T) {
	m := model(t, Options{Session: session(t, "S1", "rfc"), NoColour: true}, 80, 24)
	press(t, m, "]")
	assert.Contains(t, plainScreen(m), "there is one try so far")
	press(t, m, "space space left left 3 left 2 right")
	require.Len(t, leaves(m.opt.Session), 3)
	var ends []string
	for range 4 {
		ends = append(ends, path(m))
		press(t, m, "]")
	}
	assert.Equal(t, []string{"Bx2", "Ax2", "B?1", "Bx2"}, ends)
	press(t, m, "[")
	assert.Equal(t, "Bx2", path(m))
	press(t, m, "t")
	assert.Contains(t, plainScreen(m), "tries: 3, 6 states")
	press(t, m, "home up up up enter")
	press(t, m, "t up up up up up down enter")
	assert.Equal(t, "Ax2", path(m))
	press(t, m, "t esc")
	assert.Nil(t, m.over)
}

// v takes the shortest way, or proves that there is none; where something is broken it says so.
func TestRunToViolation(t *testing.T) {
	m := model(t, Options{Session: session(t, "S1", "rfc")}, 80, 24)
	press(t, m, "v")
	assert.Equal(t, 16, m.view.Step)
	require.NotNil(t, m.view.Violation)
	press(t, m, "v")
	assert.Contains(t, m.message, "it has happened")
	m = model(t, Options{Session: session(t, "S1", "active")}, 80, 24)
	press(t, m, "v")
	assert.Equal(t, 0, m.view.Step)
	assert.Contains(t, m.message, "nothing can go wrong any more")
	assert.LessOrEqual(t, width(m.message), 78, "what was proved is to be read whole on 80 columns")
	assert.Contains(t, plainScreen(m), "covers sequential consistency;")
	press(t, m, "space")
	assert.NotContains(t, plainScreen(m), "covers sequential", "that was of another state")
	m = model(t, Options{Session: session(t, "S1", "rfc"), States: 10}, 80, 24)
	press(t, m, "v")
	assert.Contains(t, m.message, "not everything was tried")
}

// A search says how far it is, and is stopped by esc; meanwhile no other key does anything.
func TestSearchIsStopped(t *testing.T) {
	m := model(t, Options{Session: session(t, "S1", "rfc"), NoColour: true}, 80, 24)
	_, cmd := m.Update(named["space"])
	assert.Nil(t, cmd)
	_, cmd = m.Update(tea.KeyPressMsg{Code: 'v', Text: "v"})
	batch := cmd().(tea.BatchMsg)
	require.NotNil(t, m.search)
	for range 2 * perSecond {
		m.Update(tick{m.search})
	}
	m.search.states = 20_000
	assert.Contains(t, plainScreen(m), "looking for a violation, 2 s: none in 20000 states; esc stops it")
	for _, k := range []string{"left", "space", "?", "t", "p"} {
		m.Update(named[k])
	}
	assert.Equal(t, 1, m.view.Step)
	assert.Nil(t, m.over)
	m.Update(named["esc"])
	_, next := m.Update(batch[0]())
	assert.Nil(t, next)
	assert.Nil(t, m.search)
	assert.Contains(t, plainScreen(m), "the search was stopped")
	// What comes late is of no interest any more.
	m.Update(tick{&search{}})
	m.Update(found{of: &search{}})
	press(t, m, "left")
	assert.Equal(t, 0, m.view.Step)
}

// The end of the program ends a search, and waits for it.
func TestQuitEndsSearch(t *testing.T) {
	m := New(context.Background(), Options{Session: session(t, "S3r4", "active")})
	_, cmd := m.Update(tea.KeyPressMsg{Code: 'v', Text: "v"})
	done := make(chan tea.Msg)
	go func() { done <- cmd().(tea.BatchMsg)[0]() }()
	_, quit := m.Update(tea.KeyPressMsg{Code: 'q', Text: "q"})
	require.Equal(t, tea.QuitMsg{}, quit())
	<-done
	m.busy.Wait()
}

func TestQuit(t *testing.T) {
	for _, k := range []string{"q", "ctrl+c"} {
		m := model(t, Options{Session: session(t, "page", "rfc")}, 80, 24)
		assert.Equal(t, tea.QuitMsg{}, press(t, m, k)(), k)
		press(t, m, "?")
		if k == "q" {
			press(t, m, k) // closes the help
			assert.Nil(t, m.over)
			continue
		}
		assert.Equal(t, tea.QuitMsg{}, press(t, m, k)(), k)
	}
	m := model(t, Options{Session: session(t, "page", "rfc")}, 80, 24)
	assert.Equal(t, tea.SuspendMsg{}, press(t, m, "ctrl+z")())
}

// l shows the link and gives it to the terminal to copy.
func TestLink(t *testing.T) {
	m := model(t, Options{Session: flaw(t), NoColour: true}, 80, 24)
	press(t, m, "left left")
	cmd := press(t, m, "l")
	require.NotNil(t, cmd)
	link := m.opt.Session.Link()
	assert.Contains(t, link, "#14")
	assert.Contains(t, plainScreen(m), link)
	// bubbletea keeps the message to itself; it prints as what is to be copied.
	assert.Equal(t, link, strings.TrimSpace(strings.Trim(asText(cmd()), "{}")))
	press(t, m, "esc")
	assert.NotContains(t, plainScreen(m), link)
}

// tab goes round the panels that are shown, and back; the one with the focus is scrolled by the arrows.
func TestFocus(t *testing.T) {
	m := model(t, Options{Session: session(t, "S1", "rfc"), NoColour: true}, 80, 24)
	seen := map[panelID]bool{}
	for range 4 {
		m.Screen()
		seen[m.focus] = true
		press(t, m, "tab")
	}
	assert.Equal(t, map[panelID]bool{lanesPanel: true, sourcePanel: true, stepPanel: true, statePanel: true}, seen)
	assert.Equal(t, lanesPanel, m.focus)
	press(t, m, "tab")
	m.Screen()
	require.Equal(t, sourcePanel, m.focus)
	before := m.scroll[sourcePanel]
	press(t, m, "down down")
	m.Screen()
	assert.Equal(t, before+2, m.scroll[sourcePanel])
	press(t, m, "pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup pgup")
	m.Screen()
	assert.Zero(t, m.scroll[sourcePanel])
	press(t, m, "pgdown")
	m.Screen()
	assert.Positive(t, m.scroll[sourcePanel])
	press(t, m, "shift+tab")
	assert.Equal(t, lanesPanel, m.focus)
	press(t, m, "tab esc")
	assert.Equal(t, lanesPanel, m.focus)
}

func TestSourceOnAndOff(t *testing.T) {
	m := model(t, Options{Session: flaw(t), NoColour: true}, 80, 24)
	assert.Contains(t, plainScreen(m), "KASAN")
	press(t, m, "left")
	assert.Contains(t, plainScreen(m), "pgalloc/rfc.go:208")
	press(t, m, "tab s")
	assert.NotContains(t, plainScreen(m), "pgalloc/rfc.go:208")
	assert.Equal(t, lanesPanel, m.focus)
	press(t, m, "s")
	assert.Contains(t, plainScreen(m), "pgalloc/rfc.go:208")
}

// Every key that the help lists does something, and the help lists every key.
func TestHelpHasAllKeys(t *testing.T) {
	m := model(t, Options{Session: session(t, "S1", "rfc"), NoColour: true}, 100, 60)
	press(t, m, "?")
	text := plainScreen(m)
	for _, b := range bindings() {
		for _, k := range b.keys {
			if k != "esc" && k != "ctrl+z" {
				assert.Contains(t, text, k)
			}
		}
		assert.Contains(t, text, b.does)
		assert.Equal(t, b.name == "", b.does == "", "%v", b.keys)
	}
	for _, word := range []string{"allocated", "pending", "rcu_head", "new", "changed", "gone", "wrong"} {
		assert.Contains(t, text, word)
	}
	press(t, m, "down pgdown end home up pgup esc")
	assert.Nil(t, m.over)
}

// The text has every key, too.
func TestTextHasAllKeys(t *testing.T) {
	text, err := os.ReadFile("../../docs/stepper.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(text), "| key | |")
	table, _, _ = strings.Cut(table, "###")
	table = strings.NewReplacer("→", "right", "←", "left", "↑", "up", "↓", "down", "pgup, pgdn", "pgup, pgdown").Replace(table)
	words := strings.FieldsFunc(table, func(r rune) bool { return strings.ContainsRune(" ,|;:\n", r) })
	for _, b := range bindings() {
		for _, k := range b.keys {
			if k != "ctrl+c" && k != "ctrl+z" && k != "shift+tab" {
				assert.Contains(t, words, k)
			}
		}
	}
}

// Questions come before a step, once; the step comes when they are answered.
func TestPredict(t *testing.T) {
	m := model(t, Options{Session: session(t, "S1", "rfc"), NoColour: true}, 100, 40)
	press(t, m, "3 p space")
	require.NotNil(t, m.over, "the xor is asked about")
	assert.Equal(t, 1, m.view.Step, "before it is taken")
	text := plainScreen(m)
	assert.Contains(t, text, "what will B do?")
	assert.NotContains(t, text, "P-|--|-A", "the answer is not shown")
	press(t, m, "h")
	assert.Contains(t, plainScreen(m), "rule: ")
	// P1 and A0, by moving and by number.
	press(t, m, "space 6 right right left")
	press(t, m, "enter")
	assert.Contains(t, plainScreen(m), "Right.")
	assert.Equal(t, tally{6, 6}, m.tally)
	press(t, m, "left enter")
	assert.Nil(t, m.over)
	assert.Equal(t, 2, m.view.Step)
	press(t, m, "left space")
	assert.Nil(t, m.over, "it was asked before")
	assert.Equal(t, 2, m.view.Step)
	assert.Contains(t, plainScreen(m), "predict 6/6")
	press(t, m, "p")
	assert.Contains(t, m.message, "6 of 6 points")
	assert.NotContains(t, plainScreen(m), "predict 6/6")
}

func TestPredictIsLeft(t *testing.T) {
	for _, k := range []string{"esc", "p"} {
		m := model(t, Options{Session: session(t, "S1", "rfc"), Predict: true}, 80, 24)
		press(t, m, "3")
		require.NotNil(t, m.over)
		press(t, m, k)
		assert.Nil(t, m.over)
		assert.Equal(t, 1, m.view.Step)
		assert.Equal(t, k == "esc", m.predicting)
	}
}

// Choices of a question are chosen by arrow and by number.
func TestPredictChoices(t *testing.T) {
	m := model(t, Options{Session: session(t, "S1", "rfc"), NoColour: true, Predict: true}, 100, 40)
	press(t, m, "3")
	for m.over != nil {
		p := m.over.(*predict)
		if p.question().Choices != nil {
			key, err := p.quiz.Key(p.question().ID)
			require.NoError(t, err)
			press(t, m, string(rune('1'+key.Correct.Choice))+" up down enter")
			assert.True(t, p.grade.Right)
			assert.Contains(t, plainScreen(m), "right ")
		} else {
			press(t, m, "enter")
			assert.Contains(t, plainScreen(m), "was answered")
		}
		press(t, m, "enter")
	}
	assert.Equal(t, 1, m.view.Step)
	assert.Positive(t, m.tally.score)
	assert.Less(t, m.tally.score, m.tally.of)
}

// c asks for a version and puts it beside.
func TestCompare(t *testing.T) {
	m := model(t, Options{Session: session(t, "S1", "rfc"), NoColour: true}, 120, 60)
	press(t, m, "c")
	assert.Contains(t, m.message, "take some steps first")
	press(t, m, "v c")
	v := m.over.(*versions)
	for _, have := range v.list {
		assert.Contains(t, plainScreen(m), have.String())
		assert.NotEqual(t, m.opt.Session.Question.Version, have)
	}
	press(t, m, "down down up enter")
	assert.Contains(t, plainScreen(m), "side by side: rfc and "+v.list[1].String())
	press(t, m, "down esc")
	assert.Nil(t, m.over)
	assert.Equal(t, 16, m.view.Step, "the session stands where it stood")
	press(t, m, "c esc")
	assert.Nil(t, m.over)
}

// A level is judged, a claim answered, and v does not give the way away.
func TestLevel(t *testing.T) {
	play := func(name string, told *[]levels.Judgement) *Model {
		l, err := levels.Get(name)
		require.NoError(t, err)
		s, err := l.Open()
		require.NoError(t, err)
		t.Cleanup(s.Close)
		return model(t, Options{Session: s, Level: l, NoColour: true, Solved: func(j levels.Judgement) { *told = append(*told, j) }}, 100, 40)
	}
	var told []levels.Judgement
	m := play("munmap", &told)
	assert.Contains(t, plainScreen(m), "level munmap: use the mm after it was freed")
	press(t, m, "v")
	assert.Equal(t, 0, m.view.Step)
	assert.Contains(t, m.message, "something can still be broken")
	press(t, m, "i")
	assert.Contains(t, m.message, "No: it is possible")
	assert.Empty(t, told)
	a, err := m.opt.Session.Ahead(t.Context(), 100_000)
	require.NoError(t, err)
	for i, mv := range a.Moves {
		m.take(mv)
		if i == 0 { // who goes on is not told for ever that it can be done
			assert.Contains(t, plainScreen(m), "0 switches, 1 step\n")
		}
	}
	require.Len(t, told, 1)
	assert.True(t, told[0].Reached)
	assert.Contains(t, plainScreen(m), "solved, ")

	m = play("lost-again", &told)
	press(t, m, "i")
	assert.Contains(t, m.message, "Right: it is impossible")
	assert.Contains(t, plainScreen(m), "covers sequential consistency;")
	assert.Len(t, told, 2)
	m = model(t, Options{Session: session(t, "S1", "rfc")}, 80, 24)
	press(t, m, "i")
	assert.Contains(t, m.message, "this is none")
}

// A repair is chosen from a list: one that does not hold is shown what breaks it, and the right one solves the level.
func TestRepair(t *testing.T) {
	l, err := levels.Get("shrinker/repair")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	defer s.Close()
	var told []levels.Judgement
	m := model(t, Options{Session: s, Level: l, NoColour: true, Solved: func(j levels.Judgement) { told = append(told, j) }}, 100, 40)
	assert.Contains(t, plainScreen(m), "f chooses a repair")
	press(t, m, "f")
	assert.Contains(t, plainScreen(m), "take the lock, and look again")
	press(t, m, "9")
	require.NotNil(t, m.over, "there are four")
	press(t, m, "2")
	assert.Contains(t, plainScreen(m), "shrinker/walk/look-again@2,precise")
	assert.Empty(t, told)
	press(t, m, "esc f 3")
	assert.Contains(t, m.message, "Right: it holds")
	assert.Contains(t, plainScreen(m), "covers sequential consistency;")
	require.Len(t, told, 1)
	assert.Equal(t, levels.MaxStars, told[0].Stars)

	lost, err := levels.Get("lost")
	require.NoError(t, err)
	m = model(t, Options{Session: session(t, "defer2", "rfc-as-posted"), Level: lost}, 80, 24)
	press(t, m, "f")
	assert.Contains(t, m.message, "asks for one")
	assert.Nil(t, m.over)

	text := say(t, Options{Session: s, Level: l}, "repair\nrepair pi\nrepair pin\nrepair wait\n")
	assert.Contains(t, text, "repair recheck: take the lock, and look again. ")
	assert.Contains(t, text, `error: level shrinker/repair has no repair "pi"; did you mean pin?`)
	assert.Contains(t, text, "Not solved: it does not hold: shrinker/walk on v2 comes to this")
	assert.Contains(t, text, "Solved, 3 of 3 stars, ")
}

// TestKeysByAnotherName presses what terminals send for a key that was pressed: each does what the key does.
func TestKeysByAnotherName(t *testing.T) {
	for sent, want := range map[tea.KeyPressMsg]string{
		{Code: 'h', Mod: tea.ModCtrl}:               "backspace",
		{Code: 'j', Mod: tea.ModCtrl}:               "enter",
		{Code: tea.KeySpace, Mod: tea.ModShift}:     "space",
		{Code: tea.KeyEscape, Mod: tea.ModAlt}:      "esc",
		{Code: tea.KeyBackspace, Mod: tea.ModShift}: "backspace",
	} {
		assert.Equal(t, want, plainKey(sent.String()))
		a, b := model(t, Options{Session: session(t, "S1", "rfc")}, 80, 24), model(t, Options{Session: session(t, "S1", "rfc")}, 80, 24)
		press(t, a, "space space")
		press(t, b, "space space")
		a.Update(sent)
		b.Update(named[want])
		assert.Equal(t, b.View(), a.View(), "%s as %s", sent, want)
	}
}
