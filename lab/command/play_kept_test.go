package command

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/levels"
)

// What was solved is kept with its most stars, is shown in the list, and is forgotten when that is asked for. A file that is
// none of ours stops nobody from playing.
func TestKept(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	assert.Empty(t, loadKept())
	loadKept().keep("lost", levels.Judgement{Reached: true, Stars: 2})
	loadKept().keep("lost", levels.Judgement{Reached: true, Stars: 1})
	loadKept().keep("munmap", levels.Judgement{Stars: 3}) // not solved
	assert.Equal(t, kept{"lost": 2}, loadKept())

	var out bytes.Buffer
	require.NoError(t, (&playFlags{format: "text"}).writeList(&out, 80, loadKept()))
	assert.Regexp(t, `(?m)^ 3  lost +A page that nobody will free +\*\*$`, out.String())
	assert.Contains(t, out.String(), fmt.Sprintf("\n1 of %d levels solved, 2 of %d stars\n", len(levels.All()), len(levels.All())*levels.MaxStars))

	// The list that is no terminal's is the same for everybody.
	out.Reset()
	require.Equal(t, exitOK, run(context.Background(), []string{"play"}, streams{strings.NewReader(""), &out, &out}))
	assert.NotContains(t, out.String(), "*")

	require.NoError(t, os.WriteFile(keptFile(), []byte("[1"), 0o600))
	assert.Empty(t, loadKept())
	require.Equal(t, exitOK, run(context.Background(), []string{"play", "--forget"}, streams{strings.NewReader(""), &out, &out}))
	assert.NoFileExists(t, keptFile())
	require.Equal(t, exitOK, run(context.Background(), []string{"play", "--forget"}, streams{strings.NewReader(""), &out, &out}))
	out.Reset()
	require.Equal(t, exitBadInput, run(context.Background(), []string{"play", "lost", "--forget"}, streams{strings.NewReader(""), &out, &out}))
	assert.Contains(t, out.String(), "--forget: expected it alone")
}

// What stays on the terminal names the next level, if there is one.
func TestAfterLevel(t *testing.T) {
	l, err := levels.Get("munmap")
	require.NoError(t, err)
	assert.Equal(t, "munmap is solved: 3 of 3 stars, at par\nptsim play one-cpu is the next level\n", afterLevel(l, levels.Judgement{Stars: 3, Against: "at par"}))
	all := levels.All()
	assert.NotContains(t, afterLevel(all[len(all)-1], levels.Judgement{Stars: 1, Against: "2 steps over"}), "next")
}
