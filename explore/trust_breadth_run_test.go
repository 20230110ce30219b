package explore_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/explore"
	_ "ptsim/internal/nofiles"
	"ptsim/kern"
	"ptsim/pgalloc"
)

type drawing func(in *explore.Instance, w *made) string

// searched is what one way of searching says about a model.
type searched struct {
	verdict explore.Verdict
	kinds   map[string]bool
	finals  []string
	states  uint64
	races   bool
}

func options(softirqs int, grace explore.Grace) explore.Options {
	opt := explore.Defaults()
	opt.Softirqs, opt.Grace, opt.All = softirqs, grace, true
	opt.Races = explore.Adjacent // as the plain search, which keeps no histories
	return opt
}

func byExplorer(t require.TestingT, mo *explore.Model, draw drawing, opt explore.Options) searched {
	var f finals
	r, err := explore.Exhaustive(f.watching(mo, draw), opt)
	require.NoError(t, err)
	s := searched{verdict: r.Verdict, kinds: map[string]bool{}, finals: f.all(), states: r.States}
	for k := range r.Kinds {
		s.kinds[k] = true
	}
	s.races = s.kinds[kern.DataRace.String()]
	return s
}

func byBreadth(mo *explore.Model, draw drawing, softirqs int, grace explore.Grace) searched {
	var f finals
	b := breadth(newRig(f.watching(mo, draw), rigConfig{softirqs: softirqs, grace: grace}))
	s := searched{verdict: explore.Safe, kinds: map[string]bool{}, finals: f.all(), states: uint64(b.states), races: b.races}
	for k := range b.kinds {
		s.kinds[k] = true
	}
	if b.races { // for the explorer a violation, for this search just an order
		s.kinds[kern.DataRace.String()] = true
	}
	if len(s.kinds) > 0 {
		s.verdict = explore.Violated
	}
	return s
}

func names(kinds map[string]bool) []string { return slices.Sorted(maps.Keys(kinds)) }

// hoard is a model that ends with something left: two tasks allocate a table each and keep it, in the half that is free or
// in a fresh page, while a third gives one back. What they got is in the words of the object "slots".
func hoard(v version, method string) *explore.Model {
	return &explore.Model{Name: "hoard", Tasks: 3, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 250, Scheduler: sched})
		s, err := pgalloc.New(m, pgalloc.Config{Variant: v.variant, Pin: v.pin, MaxBatch: 2, SkipLazyFlush: true, Quarantine: 1 << 30})
		if err != nil {
			panic(err)
		}
		c := m.CPU(0)
		mm := s.MMs.Alloc(c, 1)
		first, second := s.PT.PageTableAlloc(c, mm), s.PT.PageTableAlloc(c, mm)
		third := s.PT.PageTableAlloc(c, mm)
		_, _ = first, third // stay
		slots := m.NewCache(kern.CacheConfig{Name: "slots", Words: 2}).Alloc(c)
		in := &explore.Instance{M: m}
		for i := range kern.Addr(2) {
			in.Tasks = append(in.Tasks, explore.Task{Name: "keep", Start: 0, Ops: []explore.Operation{{Name: "alloc", Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
				kern.WriteOnce(c, slots+i, s.PT.PageTableAlloc(c, mm).Pack())
				return f
			}}}})
		}
		in.Tasks = append(in.Tasks, explore.Task{Name: "give", Start: 0, Ops: []explore.Operation{{Name: method, Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
			switch method {
			case "free":
				s.PT.PageTableFree(c, mm, second)
			case "tlbfree":
				g := s.TLB.Gather(mm)
				s.PT.PageTableFreeRCU(c, &g, second, 0)
				g.Finish(c)
			default:
				if !s.PT.PTEFreeDefer(c, mm, second) {
					s.PT.PageTableFree(c, mm, second)
				}
			}
			return f
		}}}})
		return in
	}}
}

// hoardPicture adds who got what.
func hoardPicture(in *explore.Instance, w *made) string {
	s := picture(in, w)
	for i := range kern.Addr(2) {
		t := kern.Unpack(in.M.Peek(w.objects["slots"][0] + i))
		name := "a new page"
		if w.frames[t.PFN()] {
			name = fmt.Sprintf("page %d", t.PFN())
		}
		s += fmt.Sprintf("%d has half %d of %s, %s\n", i, t.Half(), name, pgalloc.Page(t.PFN()).PeekMask(in.M))
	}
	return s
}

// two pages of one mm, each of which keeps a table: what comes back first is where on the list it goes.
const lists = `title T
mm 1
page 1 t0 t1
page 1 t2 t3
task a
  %s
task b
  %s
finally
  alive 1
  kept t1
  kept t3
`

// agree compares the explorer, folding and not, with the plain search, on a model whose code races with nothing.
func agree(t *testing.T, what string, mo *explore.Model, draw drawing, softirqs int, grace explore.Grace) (b searched) {
	t.Helper()
	opt := options(softirqs, grace)
	b = byBreadth(mo, draw, softirqs, grace)
	for _, plain := range []bool{false, true} {
		opt.Plain = plain
		e := byExplorer(t, mo, draw, opt)
		require.Equal(t, b.verdict, e.verdict, what)
		require.LessOrEqual(t, e.states, b.states, "%s: the explorer's steps are longer", what)
		require.Equal(t, names(b.kinds), names(e.kinds), what)
		require.Equal(t, b.finals, e.finals, what)
	}
	return b
}

// The explorer and the plain search say the same of the scenarios that are small enough for it: whether a version breaks,
// in which ways, and in which states it can end.
func TestPlainSearchAgrees(t *testing.T) {
	broken := map[string][]string{}
	run := func(name string, v version, softirqs int, grace explore.Grace) {
		what := fmt.Sprintf("%s of %s, softirqs %d, grace %s", name, v, softirqs, grace)
		if b := agree(t, what, model(t, name, v), picture, softirqs, grace); len(b.kinds) > 0 {
			broken[name] = append(broken[name], v.String())
		}
	}
	graces := []explore.Grace{explore.GracePrecise, explore.GraceAny}
	for i, v := range versions() {
		run("S1", v, 1, graces[i%2])
		run("defer2", v, 1+i%2, graces[(i+1)%2])
		run("B4", v, explore.SoftirqsOnCPU, graces[i%2])
		if !testing.Short() {
			run("ipi", v, 1, graces[i%2])
		}
	}
	few := []version{{pgalloc.Classic, ""}, {pgalloc.RFC, ""}, {pgalloc.Pinned, pgalloc.PinHalf}, {pgalloc.Active, ""}}
	if testing.Short() {
		few = few[1:2]
	}
	for i, v := range few {
		run("walk", v, 1, graces[i%2])
		run("relink", v, 1, graces[(i+1)%2])
	}
	run("pgste", version{pgalloc.FullPage, ""}, 1, explore.GraceAny)
	assert.Equal(t, []string{"rfc-as-posted", "rfc"}, broken["S1"])
	assert.Equal(t, []string{"rfc-as-posted", "rfc"}, broken["defer2"])
	assert.Equal(t, []string{"rfc-as-posted", "rfc"}, broken["B4"])
}

// The same of models that end in more than one way.
func TestPlainSearchReachesTheSameEnds(t *testing.T) {
	ends := 0
	for i, v := range versions() {
		if v.variant == pgalloc.Pinned && v.pin != pgalloc.PinHalf && testing.Short() {
			continue
		}
		method := []string{"free", "tlbfree", "defer"}[i%3]
		b := agree(t, "hoard "+method+" "+v.String(), hoard(v, method), hoardPicture, 1, explore.GracePrecise)
		ends += len(b.finals)
		if v.variant != pgalloc.FullPage {
			assert.Greater(t, len(b.finals), 1, "%s %s", v, method)
		}
		how := [][2]string{{"free t0", "tlbfree t2\n  flush"}, {"defer t0", "free t2"}, {"tlbfree t0\n flush", "defer t2"}}[i%3]
		b = agree(t, "lists "+v.String(), modelOf(t, "lists", fmt.Sprintf(lists, how[0], how[1]), v), picture, 2, explore.GraceAny)
		ends += len(b.finals)
	}
	assert.Greater(t, ends, 2*len(versions()))
}

// Programs of random primitives, most of them wrong. The verdict is always the same. What a violated program's searches met
// besides may differ, since a search does not go on behind a violation:
//
//   - Of two accesses that race the explorer carries out neither, so it may miss what comes of them.
//   - A folded step frees where the last reference goes, and adds to a list when its thread comes to its next step: whoever
//     could come between is late instead, and is found to use freed memory, not to free it a second time; so is, in either
//     mode, who comes between the beginning of a callback and its first primitive. An end that is reached only between
//     them is reached by a schedule one of whose neighbours is that violation.
//   - A reference that is taken moves behind its drop by another, which is the violation, and not the race that there is as
//     long as the count stays above zero.
//   - Who queues an rcu_head a second time between the beginning of its callback and the first primitive there is found to
//     queue it too early, and not followed any further.
func TestRandomProgramsAgree(t *testing.T) {
	n := map[explore.Verdict]int{}
	ends, races := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t, all)
		grace := rapid.SampledFrom([]explore.Grace{explore.GraceAny, explore.GracePrecise}).Draw(t, "grace")
		softirqs := rapid.SampledFrom([]int{1, 1, 2, explore.SoftirqsOnCPU}).Draw(t, "softirqs")
		mo := programModel(p, rapid.IntRange(oneReference, exact).Draw(t, "references"))
		opt := options(softirqs, grace)
		b := byBreadth(mo, programPicture, softirqs, grace)
		n[b.verdict]++
		for _, plain := range []bool{false, true} {
			opt.Plain = plain
			e := byExplorer(t, mo, programPicture, opt)
			require.Equal(t, b.verdict, e.verdict, "%v %v", names(b.kinds), names(e.kinds))
			require.Subset(t, names(b.kinds), names(e.kinds))
			require.Subset(t, b.finals, e.finals)
			if b.verdict == explore.Safe {
				require.Equal(t, b.finals, e.finals)
				ends += len(b.finals)
			}
			if e.kinds[kern.DoubleCallRCU.String()] {
				continue
			}
			if b.races {
				races++
				continue
			}
			double := kern.DoubleFree.String()
			if b.kinds[double] && !e.kinds[double] {
				require.Contains(t, e.kinds, kern.UseAfterFree.String())
				e.kinds[double] = true
			}
			require.Equal(t, names(b.kinds), names(e.kinds))
			if plain {
				require.Equal(t, b.finals, e.finals)
			}
		}
	})
	assert.Positive(t, n[explore.Safe])
	assert.Positive(t, n[explore.Violated])
	assert.Greater(t, ends, n[explore.Safe])
	assert.Positive(t, races)
}

// Programs that break nothing end in the same ways by either search: memory, and all that each thread saw.
func TestQuietProgramsEndTheSame(t *testing.T) {
	several := 0
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t, quietly)
		mo := programModel(p, rapid.IntRange(enough, exact).Draw(t, "references"))
		softirqs := rapid.SampledFrom([]int{1, explore.SoftirqsOnCPU}).Draw(t, "softirqs")
		b := byBreadth(mo, programPicture, softirqs, explore.GracePrecise)
		if len(b.finals) > 1 {
			several++
		}
		for _, plain := range []bool{false, true} {
			opt := options(softirqs, explore.GracePrecise)
			opt.Plain = plain
			e := byExplorer(t, mo, programPicture, opt)
			require.Equal(t, b.verdict, e.verdict)
			require.Equal(t, names(b.kinds), names(e.kinds))
			require.Equal(t, b.finals, e.finals)
		}
	})
	assert.Positive(t, several, "some programs can end in several ways")
}
