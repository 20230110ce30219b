package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
)

// auto is a schedule that plays by itself, as on the page: it goes on along the steps that were taken, and takes none of its
// own. It lives until the last of them, or until the next key.
type auto struct{ from int } // the step that it began at

// autoTick has the next step shown. One of a play that was stopped, or that another has followed, does nothing.
type autoTick struct{ of *auto }

// speeds are how fast a schedule may play, and what each is called.
var speeds = []struct {
	wait time.Duration
	name string
}{
	{2 * time.Second, "a step in 2 seconds"}, {time.Second, "1 step a second"}, {time.Second / 2, "2 steps a second"}, {time.Second / 4, "4 steps a second"},
}

// usualSpeed is the one to begin with.
const usualSpeed = 1

// toggleAuto plays from here, and from the first state where this is the last.
func (m *Model) toggleAuto() tea.Cmd {
	last := len(m.opt.Session.Line()) - 1
	if last == 0 {
		m.say("there is no step to play yet: take some, or let v find a violation")
		return nil
	}
	if m.view.Step == last {
		m.seek(0)
	}
	m.auto = &auto{m.view.Step}
	return m.nextAuto()
}

func (m *Model) nextAuto() tea.Cmd {
	a := m.auto
	return tea.Tick(speeds[m.speed].wait, func(time.Time) tea.Msg { return autoTick{a} })
}

// played shows the next step.
func (m *Model) played(t autoTick) tea.Cmd {
	if m.auto == nil || m.auto != t.of {
		return nil
	}
	m.seek(m.view.Step + 1)
	switch last := len(m.opt.Session.Line()) - 1; {
	case m.isError:
		m.auto = nil
	case m.view.Step < last:
		return m.nextAuto()
	default:
		m.auto = nil
		m.say("this is the last step; r plays it again")
	}
	return nil
}

// autoKey takes a key while a schedule plays. It says whether that was all: every key stops, and all but r, esc and those of
// the speed do what they do besides.
func (m *Model) autoKey(k string) (tea.Cmd, bool) {
	switch k {
	case "+", "=", "-":
		m.changeSpeed(k)
		m.auto = &auto{m.view.Step} // the tick under way is of the old speed
		return m.nextAuto(), true
	}
	m.auto = nil
	return nil, k == "r" || k == "esc"
}

// changeSpeed makes a schedule play faster or slower, also the next one.
func (m *Model) changeSpeed(k string) {
	by := 1
	if k == "-" {
		by = -1
	}
	m.speed = min(max(m.speed+by, 0), len(speeds)-1)
	m.say("r plays the schedule at " + speeds[m.speed].name)
}

// playing is the last line while a schedule plays.
func (m *Model) playing() string {
	return fmt.Sprintf("step %d of %d, %s  + faster  - slower  r stops", m.view.Step, len(m.opt.Session.Line())-1, speeds[m.speed].name)
}
