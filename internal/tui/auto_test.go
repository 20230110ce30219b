package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ticked has n ticks of a play come.
func ticked(m *Model, n int) (next tea.Cmd) {
	for range n {
		_, next = m.Update(autoTick{m.auto})
	}
	return next
}

// A schedule plays by itself to its last step, and from the start when it is played again.
func TestPlaysByItself(t *testing.T) {
	m := model(t, Options{Session: flaw(t), NoColour: true}, 80, 24)
	want := path(m)
	require.NotNil(t, press(t, m, "r"), "it waits for the first tick")
	assert.Equal(t, 0, m.view.Step, "from the start, since it was at the end")
	assert.Contains(t, plainScreen(m), "step 0 of 16, 1 step a second  + faster  - slower  r stops")
	assert.NotNil(t, ticked(m, 3))
	assert.Equal(t, 3, m.view.Step)
	assert.Nil(t, ticked(m, 13), "after the last step there is no other tick")
	assert.Equal(t, 16, m.view.Step)
	assert.NotNil(t, m.view.Violation)
	assert.Contains(t, plainScreen(m), "this is the last step; r plays it again")
	assert.Equal(t, want, path(m), "it took no step of its own")
	assert.Len(t, leaves(m.opt.Session), 1)

	press(t, m, "left left r")
	assert.Equal(t, 14, m.view.Step, "from where one is")
}

// Every key stops it; r and esc do nothing else, and a tick that is late does nothing.
func TestPlayIsStopped(t *testing.T) {
	for key, step := range map[string]int{"r": 5, "esc": 5, "left": 4, "space": 6, "?": 5, "home": 0} {
		m := model(t, Options{Session: flaw(t)}, 80, 24)
		press(t, m, "r")
		ticked(m, 5)
		late := autoTick{m.auto}
		press(t, m, key)
		assert.Nil(t, m.auto, key)
		assert.Equal(t, step, m.view.Step, key)
		_, cmd := m.Update(late)
		assert.Nil(t, cmd, key)
		assert.Equal(t, step, m.view.Step, key)
		assert.Equal(t, key == "?", m.over != nil, key)
	}
	m := model(t, Options{Session: session(t, "S1", "rfc")}, 80, 24)
	assert.Nil(t, press(t, m, "r"))
	assert.Contains(t, plainScreen(m), "there is no step to play yet")
}

// The speed is chosen before or while it plays, within its limits, and stays.
func TestPlaySpeed(t *testing.T) {
	m := model(t, Options{Session: flaw(t)}, 80, 24)
	assert.Equal(t, time.Second, speeds[m.speed].wait)
	press(t, m, "+")
	assert.Contains(t, plainScreen(m), "r plays the schedule at 2 steps a second")
	press(t, m, "r")
	ticked(m, 2)
	late := autoTick{m.auto}
	assert.NotNil(t, press(t, m, "="), "a tick of the new speed")
	m.Update(late)
	assert.Equal(t, 2, m.view.Step, "the tick of the old speed does nothing")
	assert.Contains(t, plainScreen(m), "step 2 of 16, 4 steps a second")
	press(t, m, "+ + - - - - -")
	assert.Contains(t, plainScreen(m), "step 2 of 16, a step in 2 seconds")
	press(t, m, "r r")
	assert.Contains(t, plainScreen(m), "a step in 2 seconds")
	for i := 1; i < len(speeds); i++ {
		assert.Less(t, speeds[i].wait, speeds[i-1].wait)
	}
}
