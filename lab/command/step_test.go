package command

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStepperText runs what docs/stepper.md shows.
func TestStepperText(t *testing.T) { checkConsole(t, "../../docs/stepper.md", 1) }

// TestIsScenario: a scenario has a task, a script has none.
func TestIsScenario(t *testing.T) {
	for _, name := range []string{"S1", "pgste", "walk"} {
		text, err := os.ReadFile("../../testdata/scenarios/" + name + ".scn")
		require.NoError(t, err)
		assert.True(t, isScenario(string(text)), name)
	}
	for _, name := range []string{"flaw", "lost"} {
		text, err := os.ReadFile("../../testdata/scripts/" + name + ".txt")
		require.NoError(t, err)
		assert.False(t, isScenario(string(text)), name)
	}
	assert.False(t, isScenario("# task\nmm 1\n"))
	assert.True(t, isScenario("title x\n\ttask a"))
}
