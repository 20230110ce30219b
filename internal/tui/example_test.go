package tui_test

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/tui"
	"ptsim/pgalloc"
)

// The model can be driven without a terminal: it is told of keys, and its Screen is text.
func Example() {
	s1, err := scenario.Load("S1")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := stepper.New(stepper.Question{
		Scenario: s1, Version: question.Version(pgalloc.RFC), Setting: question.Setting{Softirqs: 2, Grace: explore.GracePrecise},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	m := tui.New(context.Background(), tui.Options{Session: s, ASCII: true, NoColour: true})
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	m.Update(tea.KeyPressMsg{Code: 'A', Text: "A"}) // choose the lane
	for range 4 {
		m.Update(tea.KeyPressMsg{Code: tea.KeyEnter}) // and have it take steps
	}
	for _, l := range strings.Split(ansi.Strip(m.Screen()), "\n")[9:12] {
		fmt.Println(strings.TrimRight(l, " "))
	}
	// Output:
	// * page1   [# t1 ###########|: t0* ::::::::::] -P|-H|A-* off mm1's list
	//   mm1     mm_users 0  mm_count 1  list empty  lock held by A khugepaged on CPU0
	//   f       i_mmap_rwsem held by A khugepaged on CPU0
}
