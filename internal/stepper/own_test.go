package stepper_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// A move that comes to nothing that others can see is told like any other: each view but the first says what was done, which the
// page goes by. Under the kernel's memory model an atomic that returns a value leaves such a move behind.
func TestMovesThatAreOwn(t *testing.T) {
	s, err := stepper.Open("swap/offon/no-rmb@2,precise,lkmm-6.1:s:0566527b:Bx28-s0!485-s0x12-Bx49-Ax7-A?1", scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	own := 0
	for _, try := range s.Line()[1:] {
		d := try.View.Did
		require.NotNil(t, d, "step %d", try.View.Step)
		assert.NotEmpty(t, d.Move)
		assert.NotEmpty(t, d.Sentence.Text)
		if d.Own() {
			own++
			assert.Equal(t, "nothing that others can see", d.Text)
			assert.Contains(t, d.Sentence.Text, "goes on with", "step %d", try.View.Step)
			assert.NotEmpty(t, d.Sentence.Cites)
		}
	}
	assert.Equal(t, 2, own)
}
