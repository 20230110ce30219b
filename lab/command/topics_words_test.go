package command

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/lab"
)

// Manuals are made of package comments; what is Go in them does not show.
func TestManualsAreNoGo(t *testing.T) {
	for _, name := range []string{"scenario", "script", "workload", "lab", "traces"} {
		var out bytes.Buffer
		require.Equal(t, exitOK, run(context.Background(), []string{"help", name}, streams{strings.NewReader(""), &out, &out}))
		assert.NotRegexp(t, `\[\*?[A-Z]\w+\]`, out.String(), name)
		for line := range strings.Lines(out.String()) {
			assert.NotRegexp(t, `^  (un)?ref TABLE COUNT [^ ]`, line, "words and what they mean are two columns")
		}
	}
}

// TestHelpScenarioHasEveryWord wants the manual of the language to have all words of the lab that a scenario is of unless it says.
func TestHelpScenarioHasEveryWord(t *testing.T) {
	var out bytes.Buffer
	require.Equal(t, exitOK, run(context.Background(), []string{"help", "scenario"}, streams{strings.NewReader(""), &out, &out}))
	text := " " + strings.NewReplacer("\n", " ", ",", " ", ":", " ").Replace(out.String())
	l := labs.Default()
	var forms []string
	for _, n := range l.Nouns {
		forms = append(forms, n.Form)
	}
	for _, v := range l.Verbs {
		forms = append(forms, v.Form)
	}
	for _, e := range l.Ends {
		forms = append(forms, e.Form)
	}
	for _, form := range forms {
		assert.Contains(t, text, " "+lab.Word(form)+" ", "the manual does not say what %s is", form)
	}
	assert.Greater(t, len(forms), 20)
}
