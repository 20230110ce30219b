package stepper_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// staleRead ends in a read of an old store: swapon has published the device, and its user reads the map as it was before.
const staleRead = "swap/on/no-rmb@2,precise,lkmm-6.1:s:00000000:Bx27-Ax7-A?1"

// strips is what a view draws of memory, a line for each strip.
func strips(v *stepper.View) string {
	var b strings.Builder
	for _, f := range v.Figures {
		for _, s := range f.Strips {
			fmt.Fprintf(&b, "%s:", s.Label)
			for _, c := range s.Cells {
				fmt.Fprintf(&b, " [%s]", c.Text)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// TestStaleRead wants an old store to be offered and drawn, with the letter that tells of the newer one; and the read of it to say what
// it missed, since when, and what would have forbidden it.
func TestStaleRead(t *testing.T) {
	s, err := stepper.Open(staleRead, scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	assert.Contains(t, s.View().Did.Stale, "it returns 0 from before, and misses 1 of B, step 10. An smp_rmb() between the read in step 30 and this one would forbid it")
	assert.Contains(t, s.View().Did.Sentence.Text, s.View().Did.Stale)
	require.NoError(t, s.Seek(34))
	v := s.View()
	drawn := strips(v)
	assert.Contains(t, drawn, "swap_map1->swap_map[1]: [0 from before] [1 of B, step 10]")
	assert.Contains(t, drawn, "[A: 0 or 1, after smp_rmb 1]")
	assert.Regexp(t, `letter to A, opened by smp_rmb or an acquire: read of swap_info_struct1->users, step 30:.* \[swap_map1->swap_map\[1\] = 1 of B, step 10\]`, drawn)
	require.Len(t, v.Lanes[0].Moves, 2)
	assert.False(t, v.Lanes[0].Moves[0].Stale)
	assert.True(t, v.Lanes[0].Moves[1].Stale)
	assert.Contains(t, v.Lanes[0].Moves[1].Label, "reads 0 from before, an old store")
	require.NoError(t, s.Take("A"))
	assert.Empty(t, s.View().Did.Stale)
	assert.Nil(t, s.View().Violation)

	ordered, err := stepper.Open(strings.Replace(staleRead, "no-rmb", "v5.14", 1), scenario.Load)
	if err == nil {
		ordered.Close()
	}
	assert.Error(t, err, "with its smp_rmb() the code has no such schedule")
}

// TestQueueIsDrawn wants the queue of a CPU's stores to be drawn, and that its oldest goes to memory to be a move.
func TestQueueIsDrawn(t *testing.T) {
	s, err := stepper.Open("swap/on/no-rmb@2,precise,tso:s:00000000:B", scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Take("B"))
	assert.Contains(t, strips(s.View()), "queue of B: [")
	moves := s.View().Lanes[1].Moves
	assert.Equal(t, "B!q", moves[len(moves)-1].Text)
	require.NoError(t, s.Take("B!q"))
	assert.Contains(t, s.View().Did.Text, "goes to memory")
}

// TestWhatIf follows a stale read on code with the barrier that it asks for, and finds it refused.
func TestWhatIf(t *testing.T) {
	s, err := stepper.Open(staleRead, scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	offered := s.View().WhatIf
	require.Len(t, offered, 1)
	assert.Equal(t, "smp_rmb() before this read", offered[0].Label)
	to, note, err := s.Edited(offered[0].Edit)
	require.NoError(t, err)
	defer to.Close()
	assert.Contains(t, note, "The stale read of step 35 is refused")
	assert.Contains(t, to.Link(), ","+offered[0].Edit+":")
	require.Len(t, to.View().Lanes[0].Moves, 1, "the newer store is what it must read")
	again, err := stepper.Open(to.Link(), scenario.Load)
	require.NoError(t, err)
	defer again.Close()
	assert.Equal(t, to.View().Path, again.View().Path)

	_, _, err = s.Edited("rmb")
	assert.ErrorContains(t, err, "expected +rmb=FILE:LINE")
}
