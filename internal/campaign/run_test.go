package campaign_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/campaign"
)

// Any number of shards, in any order, on any number of threads, in one folder or in several, come to the same.
func TestShardsAgree(t *testing.T) {
	var asks []any
	for i := range 23 {
		asks = append(asks, i)
	}
	asks = append(asks, "refuse", "panic", "exit")
	p := planOf(asks...)
	one := t.TempDir()
	did := runAll(t, open(t, one, p))
	assert.Equal(t, 26, did.Done)
	assert.Equal(t, 3, did.Died)
	want := merge(t, one)
	assert.Empty(t, want.Missing)
	assert.Empty(t, want.Doubts)
	assert.Len(t, want.Died, 3)
	for _, c := range []struct {
		shards, threads int
		apart           bool
	}{{2, 1, false}, {3, 2, true}, {5, 1, false}} {
		var dirs []string
		common := t.TempDir()
		for i := c.shards; i >= 1; i-- {
			dir := common
			if c.apart {
				dir = t.TempDir()
			}
			dirs = append(dirs, dir)
			runAll(t, open(t, dir, p), func(o *campaign.Options) { o.Shard, o.Threads = campaign.Shard{I: i, N: c.shards}, c.threads })
		}
		if !c.apart {
			dirs = dirs[:1]
		}
		m := merge(t, dirs...)
		assert.Equal(t, answers(want), answers(m))
		assert.Equal(t, want.Died, m.Died)
		assert.Empty(t, m.Doubts)
	}
}

// What has a result is not done again, by whatever number of shards.
func TestDoneIsDone(t *testing.T) {
	p := planOf(1, 2, "chance", 4, "exit", 6)
	dir := t.TempDir()
	runAll(t, open(t, dir, p), func(o *campaign.Options) { o.Shard = campaign.Shard{I: 1, N: 2} })
	first := merge(t, dir)
	assert.Len(t, first.Missing, 3)
	did := runAll(t, open(t, dir, p))
	assert.Equal(t, 3, did.DoneAlready)
	assert.Equal(t, 6, did.Done)
	all := merge(t, dir)
	assert.Empty(t, all.Missing)
	did = runAll(t, open(t, dir, p))
	assert.Equal(t, 6, did.DoneAlready)
	again := merge(t, dir)
	assert.Equal(t, answers(all), answers(again), "chance would have given another answer")

	// One that died is done again if that is asked for.
	did = runAll(t, open(t, dir, p), func(o *campaign.Options) { o.Again = true })
	assert.Equal(t, 5, did.DoneAlready)
	assert.Equal(t, 1, did.Died)
	left, err := filepath.Glob(filepath.Join(dir, "*.begun"))
	require.NoError(t, err)
	assert.Empty(t, left, "notes are removed")
}

// A job that dies is a result that says how, and the others go on.
func TestDeaths(t *testing.T) {
	dir := t.TempDir()
	p := planOf(1, "refuse", 2, "panic", 3, "exit", 4, "killed", 5, "large")
	runAll(t, open(t, dir, p))
	m := merge(t, dir)
	assert.Equal(t, []string{
		"job-1: there is no such thing",
		"job-3: exit status 2: panic: out of range",
		"job-5: exit status 7: child: that's it",
		"job-7: signal: killed, as the kernel does when memory is short",
	}, m.Died)
	for i := 0; i < 10; i += 2 {
		require.NotNil(t, m.Results[i])
		n := i/2 + 1
		assert.Equal(t, fmt.Sprint(n*n), string(m.Results[i].Answer))
	}
	assert.Greater(t, len(m.Results[9].Answer), 5<<20)
	assert.False(t, m.Whole())
}

// A job that takes too long is ended, whether it listens or not.
func TestTimeLimit(t *testing.T) {
	dir := t.TempDir()
	runAll(t, open(t, dir, planOf("deaf", "wait")), func(o *campaign.Options) { o.Limit = 200 * time.Millisecond })
	assert.Equal(t, []string{"job-0: it took longer than 200ms", "job-1: it took longer than 200ms"}, merge(t, dir).Died)
}

func TestOutOfMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a limit of memory works on Linux alone")
	}
	dir := t.TempDir()
	runAll(t, open(t, dir, planOf("memory", 3)), func(o *campaign.Options) { o.Memory = "128M" })
	m := merge(t, dir)
	require.Len(t, m.Died, 1)
	assert.Regexp(t, `^job-0: exit status \d+: .*, with a memory limit of 128M$`, m.Died[0]) // in whatever words of the runtime
	assert.Equal(t, "9", string(m.Results[1].Answer))
}

// A shard that is asked to stop has its jobs stop, and leaves no trace of those; the next one does them.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	p := planOf(1, "wait")
	ctx, cancel := context.WithCancel(t.Context())
	did, err := open(t, dir, p).Run(campaign.Options{Shard: campaign.Whole, Start: asChild, Context: ctx, Progress: func(p campaign.Progress) {
		assert.Equal(t, "job-0", p.Job)
		time.AfterFunc(100*time.Millisecond, cancel) // whether the other has begun by then or not
	}})
	assert.ErrorIs(t, err, campaign.ErrInterrupted)
	assert.Equal(t, 1, did.Done)
	m := merge(t, dir)
	assert.Equal(t, []string{"job-1"}, m.Missing)
	assert.Empty(t, m.Died)
}

// A job that takes its shard with it gets that as its result in the end.
func TestJobsThatEndTheirShard(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals")
	}
	dir := t.TempDir()
	p := planOf("shard", 5)
	if os.Getenv("PTSIM_CAMPAIGN_SHARD") != "" {
		runAll(t, open(t, os.Getenv("PTSIM_CAMPAIGN_SHARD"), p))
		return
	}
	for i := 1; i <= 4; i++ {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestJobsThatEndTheirShard$")
		cmd.Env = append(os.Environ(), "PTSIM_CAMPAIGN_SHARD="+dir)
		err := cmd.Run()
		m := merge(t, dir)
		if i <= campaign.DefaultAttempts {
			require.Error(t, err)
			times := "once"
			if i > 1 {
				times = fmt.Sprintf("%d times", i)
			}
			require.Contains(t, m.Missing, "job-0 (begun "+times+")")
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, []string{"job-0: it was begun 3 times, and each time its shard ended with it"}, m.Died)
		assert.Equal(t, "25", string(m.Results[1].Answer))
	}
}

// A result that cannot be written is an error, and so is a child that cannot be started.
func TestFolderThatIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	f := open(t, dir, planOf(1))
	require.NoError(t, os.RemoveAll(dir))
	_, err := f.Run(campaign.Options{Shard: campaign.Whole, Start: asChild})
	assert.ErrorContains(t, err, dir)

	f = open(t, t.TempDir(), planOf(1))
	_, err = f.Run(campaign.Options{Shard: campaign.Whole, Start: func() *exec.Cmd { return exec.Command("/nowhere/nothing") }})
	assert.ErrorContains(t, err, "cannot start a process for a job")
	assert.False(t, errors.Is(err, campaign.ErrInterrupted))
}

// Results that are not those of the plan, or that differ, are in doubt, and are not used.
func TestDoubts(t *testing.T) {
	p := planOf("chance", 2, 3)
	a, b := t.TempDir(), t.TempDir()
	runAll(t, open(t, a, p))
	runAll(t, open(t, b, p))
	m := merge(t, a, b)
	require.Len(t, m.Doubts, 1)
	assert.Regexp(t, `^job-0: 2 results that differ: .*job-0~.*\.json, .*job-0~.*\.json$`, m.Doubts[0])
	assert.Nil(t, m.Results[0])
	assert.Equal(t, "4", string(m.Results[1].Answer))
	other := merge(t, b, a)
	assert.Equal(t, m.Doubts, other.Doubts)

	take := func(from, to, pattern string) {
		list, err := filepath.Glob(filepath.Join(from, pattern))
		require.NoError(t, err)
		require.Len(t, list, 1)
		text, err := os.ReadFile(list[0])
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, filepath.Base(list[0])), text, 0o644))
	}
	// By another build, of another plan, and of a job that is not there.
	built := planOf("chance", 2, 3)
	built.Program = "another"
	c := t.TempDir()
	runAll(t, open(t, c, built))
	take(c, a, "job-1~*.json")
	d := t.TempDir()
	runAll(t, open(t, d, planOf(7, 8, 9)))
	take(d, a, "job-2~*.json")
	m = merge(t, a)
	require.Len(t, m.Doubts, 2)
	assert.Regexp(t, `job-1~.*\.json: a result by another build of ptsim$`, m.Doubts[0])
	assert.Regexp(t, `job-2~.*\.json: a result of plan [0-9a-f]{16}; expected [0-9a-f]{16}$`, m.Doubts[1])
	assert.Equal(t, "4", string(m.Results[1].Answer))

	_, err := campaign.Merge([]string{a, c})
	assert.ErrorContains(t, err, "the plan is by different builds of ptsim")
	_, err = campaign.Merge([]string{a, d})
	assert.ErrorContains(t, err, "expected folders of one plan")
	_, err = campaign.Merge([]string{t.TempDir()})
	assert.ErrorContains(t, err, "no plan.jsonl in it")
	_, err = campaign.OpenFolder(a, planOf(7))
	assert.ErrorContains(t, err, "holds plan ")
	_, err = campaign.OpenFolder(a, built)
	assert.ErrorContains(t, err, "holds the same plan by another build of ptsim")
}

// A file that was damaged or renamed is in doubt, and its job is done again.
func TestDamagedResults(t *testing.T) {
	p := planOf(1, 2, 3)
	dir := t.TempDir()
	runAll(t, open(t, dir, p))
	for i, damage := range []func(text string) string{
		func(text string) string { return text[:len(text)/2] },
		func(text string) string { return strings.Replace(text, `"answer":4`, `"answer":5`, 1) },
	} {
		list, err := filepath.Glob(filepath.Join(dir, fmt.Sprintf("job-%d~*.json", i)))
		require.NoError(t, err)
		require.Len(t, list, 1)
		text, err := os.ReadFile(list[0])
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(list[0], []byte(damage(string(text))), 0o644))
	}
	m := merge(t, dir)
	require.Len(t, m.Doubts, 2)
	assert.Regexp(t, `job-0~.*: is no result \(`, m.Doubts[0])
	assert.Regexp(t, `job-1~.*: is not the result that its name says: it was renamed or changed$`, m.Doubts[1])
	assert.Equal(t, []string{"job-0", "job-1"}, m.Missing)
	did := runAll(t, open(t, dir, p))
	assert.Equal(t, 1, did.DoneAlready)
	m = merge(t, dir)
	assert.Empty(t, m.Missing)
	assert.Empty(t, m.Doubts, "what is done again takes the place of what was damaged")
}
