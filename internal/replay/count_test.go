package replay_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/ftrace"
	"ptsim/internal/replay"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// The second count. It reads the text of a trace by itself and keeps, for every address space, which mapping each single
// page belongs to. There are no intervals, no page tables and no allocator in it: a segment is a row of 256 pages, and
// after anything was unmapped all rows are looked at again. What it comes to must be what the machines come to.

// tally is what is counted.
type tally struct {
	Spaces                int // address spaces made
	Allocated             int // tables
	Gather, Retracted     int // tables freed by unmapping, exec and exit, and taken by collapses
	Huge                  int // faults in a retracted segment that its mapping covers
	Live, Peak            int // tables at the end, and at most
	TornDown              int // address spaces that went, exit_mmap events according to the kernel
	Clone3Forks, Unlisted int // assumptions: children of clone3 taken for forks, descriptors nobody saw being opened
	NullPointers          int // faults at null pointers
	Tied, Unseen          int // files taken for one by a fault after a collapse, and such faults that nothing explains
	MaybeRaced            int // faults while another thread's, which got the table, may have been under way
}

var traces = []string{"shm", "pool", "gitgc", "user/shm", "user/pool", "user/gitgc", "s390/6.1-segs", "s390/6.1-forks", "s390/6.1-shm", "s390/6.1-threads"}

func tracePath(name string) string {
	return filepath.Join("..", "..", "testdata", "traces", name+".ftrace.gz")
}

// machines is every variant with its default pin, and the pinned one with the others.
func machines() []s390sim.Config {
	var out []s390sim.Config
	for _, v := range pgalloc.Variants() {
		out = append(out, s390sim.Config{Variant: v.Variant, CPUs: 2, Checks: true, Contents: true})
	}
	for _, p := range pgalloc.Pins()[1:] {
		out = append(out, s390sim.Config{Variant: pgalloc.Pinned, Pin: p, CPUs: 2, Checks: true, Contents: true})
	}
	return out
}

func runTrace(t testing.TB, name string, cfgs ...s390sim.Config) *replay.Result {
	in, err := ftrace.Open(tracePath(name))
	require.NoError(t, err)
	defer in.Close()
	res, err := replay.Run(t.Context(), in.Reader, replay.Options{Machines: cfgs})
	require.NoError(t, err)
	return res
}

// figuresOf brings the figures of a machine into the form of the second count.
func figuresOf(o *replay.Outcome) tally {
	f := o.Figures
	return tally{
		Spaces: f.MMs, Allocated: int(f.Alloc.Allocated()), Gather: int(f.Alloc.FreedGather), Retracted: int(f.Retracts),
		Huge: int(f.HugeFaults), Live: int(f.Alloc.Tables), Peak: int(f.PeakTables),
		Clone3Forks: o.Assumptions.Clone3Fork, Unlisted: o.Assumptions.UnknownFD, NullPointers: o.Assumptions.NullPointer,
		MaybeRaced: o.Assumptions.MaybeRaced, Tied: o.Assumptions.TiedFiles, Unseen: o.Assumptions.UnseenSharing,
	}
}

func TestSecondCount(t *testing.T) {
	for _, name := range traces {
		t.Run(name, func(t *testing.T) {
			records := readTrace(t, tracePath(name))
			want := count(t, records)
			t.Logf("%+v", want)

			exits := 0
			for _, r := range records {
				if strings.HasPrefix(r.text, "exit_mmap: ") {
					exits++
				}
			}
			if !strings.HasPrefix(name, "s390/") { // whose recordings end before their processes
				assert.Equal(t, exits, want.TornDown, "the kernel's own count of address spaces that ended")
			}
			require.Equal(t, want.Allocated, want.Gather+want.Retracted+want.Live)
			want.TornDown = 0 // no figure of the machine

			res := runTrace(t, name, machines()...)
			assert.EqualValues(t, len(records), res.Events)
			for i := range res.Outcomes {
				o := &res.Outcomes[i]
				assert.Equal(t, want, figuresOf(o), o.Name)
				now, deferred := 0, want.Retracted
				if o.Machine.Sys.Variant == pgalloc.Classic { // has no pte_free_defer
					now, deferred = deferred, now
				}
				assert.EqualValues(t, now, o.Figures.Alloc.FreedNow, "%s: freed now", o.Name)
				assert.EqualValues(t, deferred, o.Figures.Alloc.FreedDeferred, "%s: deferred", o.Name)
				if o.Machine.Sys.Variant.Info().Flawed == "" {
					assert.Zero(t, o.Total, "%s: %v", o.Name, o.Violations)
				}
			}
		})
	}
}

// TestTablesOfALiveKernel compares with what a live s390 kernel allocated while it recorded the trace, counted there by a
// probe: the tables, and how many of them lost a race and were freed at once, which no trace tells.
func TestTablesOfALiveKernel(t *testing.T) {
	for name, kernel := range map[string]struct{ allocated, lost int }{
		"segs": {52, 0}, "forks": {244, 0}, "shm": {154, 0}, "threads": {503, 16},
	} {
		res := runTrace(t, "s390/6.1-"+name, s390sim.Config{Variant: pgalloc.Classic, CPUs: 2, Checks: true, Contents: true})
		o := res.Outcomes[0]
		assert.EqualValues(t, kernel.allocated-kernel.lost, o.Figures.Alloc.Allocated(), name)
		assert.GreaterOrEqual(t, o.Assumptions.MaybeRaced, kernel.lost, name)
		assert.Zero(t, o.Total, name)
	}
}

// The figures of this test's own bookkeeping are worth nothing if it cannot tell one rule from another.
func TestSecondCountSeesTheRules(t *testing.T) {
	rec := func(lines ...string) []record {
		var out []record
		for _, l := range lines {
			out = append(out, record{1, 1, "000", l})
		}
		return out
	}
	fault := func(addr uint64, code int) string {
		return fmt.Sprintf("page_fault_user: address=%#x ip=0x1 error_code=%#x", addr, code)
	}
	got := count(t, rec(
		"sys_mmap(addr: 0, len: 0x300000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)", "sys_mmap -> 0x100000",
		fault(0x100000, 6), fault(0x1fffff, 6), fault(0x200000, 4), // two segments
		"sys_clone(clone_flags: 0x1200011, newsp: 0)", "sched_process_fork: comm=a pid=1 child_comm=a child_pid=2", // copied
		"sys_munmap(addr: 0x180000, len: 0x100000)", // both segments are still overlapped
		"sys_munmap(addr: 0x100000, len: 0x80000)",  // the first is not any more
	))
	assert.Equal(t, tally{Spaces: 2, Allocated: 4, Gather: 1, Live: 3, Peak: 4}, got)
}

// The stories of what the kernel populates and of what is shared, counted a second time. The second count knows no paths, no
// names and no System V segments, so the stories of those are not among them.
func TestSecondCountOfStories(t *testing.T) {
	counted := 0
	for _, s := range slices.Concat(kernelStories(), sharingStories()) {
		text := trace(s.lines...)
		if regexp.MustCompile(`"/|sys_shm|pidfd|ptrace|process_vm|mlock2|mlockall|null|filename=g|print one name|alike`).MatchString(text + s.name) {
			continue
		}
		counted++
		t.Run(s.name, func(t *testing.T) {
			want := count(t, scan(t, strings.NewReader(text)))
			want.TornDown = 0
			_, o := replayText(t, s390sim.Config{Variant: pgalloc.Pinned, CPUs: 2, Checks: true, Contents: true}, text)
			assert.Equal(t, want, figuresOf(o))
		})
	}
	assert.Greater(t, counted, 25)
}
