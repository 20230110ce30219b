package s390sim

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/kern"
	"ptsim/pgalloc"
)

const ms = int64(1_000_000)

// timed is a machine on which callbacks note when they ran.
func timed(t testing.TB, grace int64) (m *Machine, queue func() *int64) {
	m = newMachine(t, Config{Variant: pgalloc.FullPage, CPUs: 2, Checks: true, GracePeriod: grace})
	ran := map[kern.Addr]*int64{}
	note := m.M.RegisterFunc("note", func(_ *kern.CPU, head kern.Addr) { *ran[head] = m.Now() })
	heads := m.M.NewCache(kern.CacheConfig{Name: "heads", Words: kern.RCUHeadWords})
	return m, func() *int64 {
		c := m.CPU(len(ran))
		head, at := heads.Alloc(c), new(int64)
		*at = -1
		ran[head] = at
		kern.CallRCU(c, head, note)
		return at
	}
}

// A callback waits for the grace period under way, which may have begun before a reader it cares about, and for the
// whole of the next.
func TestCallbackWaitsForAFullGracePeriod(t *testing.T) {
	m, queue := timed(t, 10*ms)
	m.Advance(1000 * ms) // grace periods end at 1010, 1020, ...
	first := queue()
	m.Advance(1009 * ms)
	late := queue()
	m.Advance(1010 * ms)
	edge := queue()
	m.Advance(1020*ms - 1)
	assert.Equal(t, []int64{-1, -1, -1}, []int64{*first, *late, *edge})
	m.Advance(1020 * ms)
	assert.Equal(t, []int64{1020 * ms, 1020 * ms, -1}, []int64{*first, *late, *edge})
	m.Advance(1029 * ms)
	assert.EqualValues(t, -1, *edge)
	m.Advance(1030 * ms)
	assert.Equal(t, 1030*ms, *edge)
}

func TestLongGap(t *testing.T) {
	m, queue := timed(t, 10*ms)
	m.Advance(5 * ms)
	at := queue()
	m.Advance(1 << 60) // a jump over more grace periods than could ever be walked one by one
	assert.Equal(t, 25*ms, *at, "it ran when its grace period ended, not at the end of the gap")
	assert.EqualValues(t, 1<<60, m.Now())
	again := queue()
	m.Advance(1<<60 + 10*ms)
	m.Advance(1<<60 + 20*ms)
	assert.GreaterOrEqual(t, *again, int64(1<<60+10*ms))
	assert.LessOrEqual(t, *again, int64(1<<60+20*ms))
}

func TestTimeDoesNotGoBack(t *testing.T) {
	m, queue := timed(t, 10*ms)
	m.Advance(100 * ms)
	at := queue()
	m.Advance(115 * ms)
	m.Advance(3 * ms)
	m.Advance(-1 << 62)
	assert.Equal(t, 115*ms, m.Now())
	assert.EqualValues(t, -1, *at)
	m.Advance(120 * ms)
	assert.Equal(t, 120*ms, *at)
	f := m.Figures()
	assert.Equal(t, [2]int64{100 * ms, 120 * ms}, [2]int64{f.Begin, f.End})
}

// Where time ends no callback runs early for it.
func TestEndOfTime(t *testing.T) {
	for _, grace := range []int64{1, 10 * ms, 3600_000 * ms} {
		m, queue := timed(t, grace)
		m.Advance(math.MaxInt64 - 4*grace)
		first := queue()
		m.Advance(math.MaxInt64)
		assert.Equal(t, math.MaxInt64-2*grace, *first)
		last := queue()
		m.Advance(math.MaxInt64)
		assert.EqualValues(t, -1, *last, "a grace period of %d ns", grace)
		m.Quiesce()
		assert.Zero(t, m.RCU.Pending())
	}
}

func TestGracePeriodLength(t *testing.T) {
	_, err := New(Config{Variant: pgalloc.Active, GracePeriod: -1})
	assert.ErrorContains(t, err, "grace period of -1 ns")
	m, err := New(Config{Variant: pgalloc.Active})
	require.NoError(t, err)
	assert.EqualValues(t, DefaultGracePeriod, m.cfg.GracePeriod)
	assert.Equal(t, 1, m.M.NumCPU())
	assert.Equal(t, m.CPU(0), m.CPU(7))
	assert.NotNil(t, m.CPU(-1))
}

// Whatever the steps of time: nothing runs before a full period has passed since it was queued, nor later than the end
// of the second that begins after that; and each at the end of a period.
func TestGracePeriodsAnySteps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		grace := rapid.SampledFrom([]int64{1, 7, 10 * ms}).Draw(rt, "grace")
		m, queue := timed(t, grace)
		begin := rapid.Int64Range(0, 100*grace).Draw(rt, "begin")
		m.Advance(begin)
		type call struct{ queued, ran *int64 }
		var calls []call
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			if rapid.Bool().Draw(rt, "queue") {
				now := m.Now()
				calls = append(calls, call{&now, queue()})
			}
			m.Advance(m.Now() + rapid.Int64Range(-grace, 4*grace).Draw(rt, "step"))
		}
		m.Advance(m.Now() + 2*grace)
		for _, c := range calls {
			require.GreaterOrEqual(rt, *c.ran, *c.queued+grace, "queued at %d", *c.queued)
			require.LessOrEqual(rt, *c.ran, *c.queued+2*grace, "queued at %d", *c.queued)
			require.Zero(rt, (*c.ran-begin)%grace)
		}
	})
}

// The last reference that a callback drops is dropped for good by the kworker, at the end of the same grace period.
func TestKworkerRunsAfterCallbacks(t *testing.T) {
	m := checked(t, pgalloc.Pinned)
	m.Advance(0)
	as := mapped(t, m, 3)
	as.Put(m.CPU(0))
	assert.Equal(t, 1, m.Sys.MMs.Live(), "pinned by its pending halves")
	m.Advance(2 * DefaultGracePeriod)
	assert.Zero(t, m.Sys.MMs.Live())
	assert.Zero(t, m.M.PendingWork())
	requireQuiet(t, m)
}
