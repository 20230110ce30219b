package verdicts_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/verdicts"
	"ptsim/memory"
)

// often is how often the files of a test are written.
const often = 5 * time.Millisecond

// open opens a folder, and returns what closes it.
func open(t *testing.T, dir string, every time.Duration) (f *verdicts.Folder, closing func()) {
	t.Helper()
	f, err := verdicts.OpenFolder(dir, every)
	require.NoError(t, err)
	return f, func() { require.NoError(t, f.Close()) }
}

// searchesIn returns the files of cells that are not answered.
func searchesIn(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*.search"))
	require.NoError(t, err)
	return list
}

// figures are what must not depend on whether a matrix was interrupted.
func figures(out []verdicts.Outcome) []verdicts.Outcome {
	list := append([]verdicts.Outcome(nil), out...)
	for i := range list {
		list[i].Elapsed, list[i].Bytes = 0, 0
	}
	return list
}

// A matrix that is interrupted again and again comes to what an uninterrupted one comes to, and computes no cell twice.
func TestFolderGoesOn(t *testing.T) {
	list := cells(t, []string{"S3a", "page"}, "rfc", "active")
	opt := verdicts.Options{Threads: 2, Races: explore.Adjacent}
	begin := time.Now()
	want, err := verdicts.Run(list, opt)
	require.NoError(t, err)
	took := time.Since(begin)

	dir := filepath.Join(t.TempDir(), "kept")
	rng := rand.New(rand.NewPCG(9, 9))
	var out []verdicts.Outcome
	inTheMiddle := 0
	elapsed := map[verdicts.Cell]time.Duration{}
	for try := 1; ; try++ {
		require.Less(t, try, 1000)
		f, closing := open(t, dir, often)
		outcomes, searches := f.Known()
		assert.Len(t, elapsed, outcomes)
		assert.Len(t, searchesIn(t, dir), searches)
		ctx, cancel := context.WithCancel(context.Background())
		if try < 12 {
			time.AfterFunc(time.Duration(rng.Int64N(int64(took)/4)), cancel)
		}
		o := opt
		o.Folder, o.Context = f, ctx
		out, err = verdicts.Run(list, o)
		cut := ctx.Err() != nil
		cancel()
		require.NoError(t, err)
		closing()
		inTheMiddle += len(searchesIn(t, dir))
		for _, c := range out {
			if was, known := elapsed[c.Cell]; known && c.Verdict != "" {
				assert.Equal(t, was, c.Elapsed, "computed again")
			}
			if c.Verdict != "" {
				elapsed[c.Cell] = c.Elapsed
			}
		}
		if !cut {
			break
		}
	}
	assert.Equal(t, figures(want), figures(out))
	assert.Positive(t, inTheMiddle, "no search was interrupted")
	assert.Empty(t, searchesIn(t, dir), "they are answered")

	// Another choice of cells, and another way to ask.
	few := cells(t, []string{"page"}, "rfc")
	f, closing := open(t, dir, often)
	again, err := verdicts.Run(few, verdicts.Options{Folder: f, Races: explore.Adjacent})
	require.NoError(t, err)
	assert.Equal(t, elapsed[few[0]], again[0].Elapsed)
	other, err := verdicts.Run(few, verdicts.Options{Folder: f, Races: explore.HappensBefore})
	require.NoError(t, err)
	assert.NotEqual(t, elapsed[few[0]], other[0].Elapsed)
	assert.Equal(t, explore.HappensBefore, other[0].Races)
	closing()
}

// A cell that was out of memory is no answer: it goes on with more.
func TestFolderGoesOnWithMoreMemory(t *testing.T) {
	list := cells(t, []string{"S3a"}, "active")[:1]
	want, err := verdicts.Run(list, verdicts.Options{})
	require.NoError(t, err)
	dir := t.TempDir()
	f, closing := open(t, dir, often)
	out, err := verdicts.Run(list, verdicts.Options{Folder: f, Memory: 300 << 10})
	require.NoError(t, err)
	closing()
	require.Equal(t, explore.Incomplete, out[0].Verdict)
	require.NotNil(t, out[0].Last)
	assert.Positive(t, out[0].Last.Frontier)
	assert.Len(t, searchesIn(t, dir), 1)
	f, closing = open(t, dir, often)
	outcomes, searches := f.Known()
	assert.Equal(t, [2]int{0, 1}, [2]int{outcomes, searches})
	out, err = verdicts.Run(list, verdicts.Options{Folder: f})
	require.NoError(t, err)
	closing()
	assert.Equal(t, figures(want), figures(out))
	assert.Empty(t, searchesIn(t, dir))
}

// Under a weak memory model a cell is answered as a whole: a folder keeps its answer, and no search to go on with.
func TestFolderKeepsNoWeakSearch(t *testing.T) {
	list := cells(t, []string{"swap/off"}, "v5.14")[:1]
	list[0].Setting.Memory.Model = memory.LKMM
	want, err := verdicts.Run(list, verdicts.Options{})
	require.NoError(t, err)
	dir := t.TempDir()
	f, closing := open(t, dir, often)
	out, err := verdicts.Run(list, verdicts.Options{Folder: f, Memory: 100 << 10})
	require.NoError(t, err)
	require.Equal(t, explore.Incomplete, out[0].Verdict)
	assert.Empty(t, searchesIn(t, dir))
	out, err = verdicts.Run(list, verdicts.Options{Folder: f})
	require.NoError(t, err)
	closing()
	assert.Equal(t, figures(want), figures(out))
	f, closing = open(t, dir, often)
	outcomes, searches := f.Known()
	assert.Equal(t, [2]int{1, 0}, [2]int{outcomes, searches})
	closing()
}

// What cannot be gone on from is refused, in one line that names the file.
func TestFolderRefuses(t *testing.T) {
	list := cells(t, []string{"S3a"}, "active")[:2]
	refused := func(err error, file string, says string) {
		t.Helper()
		require.Error(t, err)
		assert.Contains(t, err.Error(), file+": ")
		assert.Contains(t, err.Error(), says)
		assert.NotContains(t, err.Error(), "\n")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := verdicts.OpenFolder(file, 0)
	refused(err, file, "is a file; expected a folder")
	_, err = verdicts.OpenFolder(filepath.Join(dir, "in", "no", "folder"), 0)
	refused(err, filepath.Join(dir, "in", "no", "folder"), "no such file")

	kept := filepath.Join(dir, "kept")
	f, closing := open(t, kept, time.Hour)
	_, err = verdicts.Run(list[:1], verdicts.Options{Folder: f, Memory: 300 << 10})
	require.NoError(t, err)
	_, err = verdicts.Run(cells(t, []string{"page"}, "rfc")[:1], verdicts.Options{Folder: f})
	require.NoError(t, err)
	closing()
	outcomes, search := filepath.Join(kept, "outcomes"), searchesIn(t, kept)[0]
	text, err := os.ReadFile(outcomes)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(outcomes, append(text, 0), 0o600))
	_, err = verdicts.OpenFolder(kept, 0)
	refused(err, outcomes, "is damaged")
	other, err := os.ReadFile(search)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(outcomes, other, 0o600))
	_, err = verdicts.OpenFolder(kept, 0)
	refused(err, outcomes, "is about S3a (")

	require.NoError(t, os.WriteFile(outcomes, text, 0o600))
	require.NoError(t, os.WriteFile(search, text, 0o600))
	f, closing = open(t, kept, time.Hour)
	_, err = verdicts.Run(list[:1], verdicts.Options{Folder: f})
	refused(err, search, "is about the cells of a matrix; expected S3a (")
	closing()
	require.NoError(t, os.WriteFile(search, []byte("S3a\n"), 0o600))
	f, closing = open(t, kept, time.Hour)
	_, err = verdicts.Run(list[:1], verdicts.Options{Folder: f})
	refused(err, search, "is no checkpoint")
	closing()
}

// Progress tells of the search that was begun first, and of each cell that was finished.
func TestProgressOfTheSearch(t *testing.T) {
	list := cells(t, []string{"S2"}, "rfc", "pinned")[4:8]
	finished, searched := 0, map[string]bool{}
	_, err := verdicts.Run(list, verdicts.Options{Threads: 2, Progress: func(p verdicts.Progress) {
		if p.Search == nil {
			finished++
			assert.Equal(t, finished, p.Done)
			return
		}
		searched[p.Cell.Version.String()] = true
		assert.True(t, strings.HasPrefix(p.Cell.Scenario, "S2"))
	}})
	require.NoError(t, err)
	assert.Equal(t, len(list), finished)
	assert.NotEmpty(t, searched)
}
