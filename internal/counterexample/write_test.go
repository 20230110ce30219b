package counterexample_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/counterexample"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// columns returns the lines between the heads and the violation.
func columns(text string) []string {
	_, body, _ := strings.Cut(text, "\n\n")
	body, _, _ = strings.Cut(body, "\n\n")
	return strings.Split(body, "\n")
}

// broken calls f for the shortest schedule that breaks each small scenario on each version that it breaks.
func broken(t *testing.T, f func(t *testing.T, name string, c *counterexample.Case)) {
	n := 0
	for _, name := range scenario.Names() {
		if strings.HasPrefix(name, "S2") || strings.HasPrefix(name, "S3") {
			continue
		}
		s, err := scenario.Load(name)
		require.NoError(t, err)
		for _, v := range []pgalloc.Variant{pgalloc.Classic, pgalloc.RFCAsPosted, pgalloc.RFC, pgalloc.Pinned} {
			m, err := pagetable.Build(s, v, pgalloc.PinPage)
			require.NoError(t, err)
			for _, softirqs := range []int{2, explore.SoftirqsOnCPU} {
				opt := explore.Defaults()
				opt.Softirqs, opt.Grace = softirqs, explore.GraceAny
				r, err := explore.Shortest(m, opt, kern.NoViolation)
				require.NoError(t, err)
				if r.Schedule == nil {
					continue
				}
				c, err := counterexample.Replay(m, opt, r.Schedule, s, question.Version(v))
				require.NoError(t, err)
				n++
				f(t, fmt.Sprintf("%s on %s, %d", name, v, softirqs), c)
			}
		}
	}
	assert.Greater(t, n, 30)
}

// TestWhatIsWritten wants of every schedule: plain ASCII, no line wider than asked for, one arrow, every step of the search
// written, names in place of addresses, and a star at a step that violates.
func TestWhatIsWritten(t *testing.T) {
	broken(t, func(t *testing.T, name string, c *counterexample.Case) {
		for _, width := range []int{40, 80, 132} {
			text := write(t, c, counterexample.Options{Width: width, All: true})
			for _, r := range text {
				require.True(t, r == '\n' || r >= ' ' && r < 0x7f, "%s: %q", name, r)
			}
			lines := columns(text)
			for _, l := range lines {
				assert.LessOrEqual(t, len(l), width, "%s: %s", name, l)
				assert.Equal(t, strings.TrimRight(l, " "), l, name)
			}
			all := strings.Join(lines, "\n")
			assert.Equal(t, 1, strings.Count(all, "<=="), name)
			assert.True(t, strings.HasSuffix(all, "<=="), name)
			assert.NotContains(t, all, "0x", name)
		}
		steps := 0
		for _, d := range c.Steps {
			if !d.Local {
				steps++
			}
		}
		assert.Equal(t, steps, c.Count, name)
		short, long := columns(write(t, c, counterexample.Options{Width: 400})), columns(write(t, c, counterexample.Options{Width: 400, All: true}))
		assert.GreaterOrEqual(t, len(long), len(c.Steps), "%s: a line for each step, or more", name)
		assert.GreaterOrEqual(t, len(short), c.Count, name)
		if steps == len(c.Steps) {
			assert.Len(t, short, len(long), "%s: nothing to leave out", name)
		} else {
			assert.Less(t, len(short), len(long), name)
		}
	})
}

// TestTextRunsAgain takes the schedule from the last line, as somebody who copies it would.
func TestTextRunsAgain(t *testing.T) {
	s, err := scenario.Load("S1")
	require.NoError(t, err)
	m, err := pagetable.Build(s, pgalloc.RFC, "")
	require.NoError(t, err)
	c := shortest(t, "S1", pgalloc.RFC, "", nil)
	text := strings.TrimSpace(write(t, c, counterexample.Options{Command: "run"}))
	last := text[strings.LastIndexByte(text, '\n')+1:]
	last = strings.TrimSuffix(strings.TrimPrefix(last, "run '"), "'")
	sched, err := explore.ParseSchedule(last)
	require.NoError(t, err)
	again, err := counterexample.Replay(m, explore.Defaults(), sched, s, question.Version(pgalloc.RFC))
	require.NoError(t, err)
	assert.Equal(t, write(t, c, counterexample.Options{}), write(t, again, counterexample.Options{}))
}

// TestStaleScheduleIsAnError runs a schedule of one version on another.
func TestStaleScheduleIsAnError(t *testing.T) {
	s, err := scenario.Load("S1")
	require.NoError(t, err)
	c := shortest(t, "S1", pgalloc.RFC, "", nil)
	m, err := pagetable.Build(s, pgalloc.FullPage, "")
	require.NoError(t, err)
	_, err = counterexample.Replay(m, explore.Defaults(), c.Schedule, s, question.Version(pgalloc.FullPage))
	var stale *explore.StaleError
	assert.ErrorAs(t, err, &stale)
}

// TestNothingBroken writes a schedule that ends in the middle, where nothing has gone wrong yet.
func TestNothingBroken(t *testing.T) {
	s, err := scenario.Load("page")
	require.NoError(t, err)
	m, err := pagetable.Build(s, pgalloc.Classic, "")
	require.NoError(t, err)
	sched, err := explore.ParseSchedule("page@1,any:s:00000000:Ax3")
	require.NoError(t, err)
	opt := explore.Defaults()
	opt.Softirqs, opt.Grace = 1, explore.GraceAny
	c, err := counterexample.Replay(m, opt, sched, s, question.Version(pgalloc.Classic))
	require.NoError(t, err)
	assert.Nil(t, c.Violation)
	text := write(t, c, counterexample.Options{})
	assert.NotContains(t, text, "VIOLATION")
	assert.NotContains(t, text, "<==")
	assert.NotContains(t, text, "*")
	assert.Contains(t, text, "alloc 1 -> a")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestNoRoom(t *testing.T) {
	assert.Error(t, shortest(t, "defer2", pgalloc.RFCAsPosted, "", nil).Write(full{}, counterexample.Options{}))
}

// tiny is a model of tasks that share a few words, without an allocator.
func tiny(tasks ...func(c *kern.CPU, words kern.Addr)) *explore.Model {
	return &explore.Model{Name: "tiny", Tasks: len(tasks), Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 8, Scheduler: sched})
		words := m.NewCache(kern.CacheConfig{Name: "counter", Words: 4}).Alloc(m.CPU(0))
		in := &explore.Instance{M: m}
		for i, f := range tasks {
			in.Tasks = append(in.Tasks, explore.Task{Name: fmt.Sprintf("task%d", i), Start: 0, Ops: []explore.Operation{
				{Name: "work", Run: func(c *kern.CPU, fr explore.Frame) explore.Frame { f(c, words); return fr }},
			}})
		}
		return in
	}}
}

func tinyCase(t *testing.T, m *explore.Model) *counterexample.Case {
	t.Helper()
	r, err := explore.Shortest(m, explore.Defaults(), kern.NoViolation)
	require.NoError(t, err)
	require.NotNil(t, r.Schedule)
	c, err := counterexample.Replay(m, explore.Defaults(), r.Schedule, nil, "")
	require.NoError(t, err)
	return c
}

// A data race has two arrows, and other models than scenarios have names, too.
func TestDataRace(t *testing.T) {
	count := func(c *kern.CPU, w kern.Addr) {
		kern.AtomicAddReturn(c, w+1, 1)
		kern.Store(c, w, kern.Load(c, w)+1)
	}
	text := write(t, tinyCase(t, tiny(count, count)), counterexample.Options{})
	body := strings.Join(columns(text), "\n")
	assert.Equal(t, 2, strings.Count(body, "<=="), text)
	assert.Contains(t, body, "counter1->0 = 1")
	assert.Contains(t, text, "VIOLATION  data race:")
}

// A deadlock is nobody's step; the locks that are held matter.
func TestDeadlock(t *testing.T) {
	lock := func(first, second kern.Addr) func(c *kern.CPU, w kern.Addr) {
		return func(c *kern.CPU, w kern.Addr) {
			kern.SpinLock(c, w+first)
			kern.SpinLock(c, w+second)
			kern.SpinUnlock(c, w+second)
			kern.SpinUnlock(c, w+first)
		}
	}
	bystander := func(c *kern.CPU, w kern.Addr) { kern.AtomicAddReturn(c, w+3, 1) }
	text := write(t, tinyCase(t, tiny(lock(0, 1), lock(1, 0), bystander)), counterexample.Options{})
	assert.Contains(t, text, "atomic_add_return(1, counter1->3): 1")
	body := columns(text)
	assert.Contains(t, body[len(body)-1], "(nothing can move) <==")
	starred := 0
	for _, l := range body {
		if strings.HasPrefix(strings.TrimLeft(l, " "), "* ") {
			starred++
			assert.Contains(t, l, "spin_lock(&counter1->")
		}
	}
	assert.Equal(t, 2, starred, text)
}
