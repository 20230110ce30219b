package explore_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// version is an allocator to run a scenario on.
type version struct {
	variant pgalloc.Variant
	pin     pgalloc.Pin
}

func (v version) String() string { return strings.TrimSuffix(string(v.variant)+"-"+string(v.pin), "-") }

func versions() []version {
	var vs []version
	for _, i := range pgalloc.Variants() {
		if i.Variant != pgalloc.Pinned {
			vs = append(vs, version{i.Variant, ""})
			continue
		}
		for _, p := range pgalloc.Pins() {
			vs = append(vs, version{i.Variant, p})
		}
	}
	return vs
}

func model(t testing.TB, name string, v version) *explore.Model {
	s, err := scenario.Load(name)
	require.NoError(t, err)
	return build(t, s, v)
}

func modelOf(t testing.TB, name, text string, v version) *explore.Model {
	s, err := scenario.Parse("test.scn", text)
	require.NoError(t, err)
	return build(t, s, v)
}

func build(t testing.TB, s *scenario.Scenario, v version) *explore.Model {
	mo, err := pagetable.Build(s, v.variant, v.pin)
	require.NoError(t, err)
	return mo
}

// made is what a model made when it built a machine, by the names of the caches, and its page frames.
type made struct {
	next    kern.Scheduler
	objects map[string][]kern.Addr
	frames  map[kern.PFN]bool
}

func (w *made) Step(c *kern.CPU, op kern.Op) uint32 {
	v := uint32(0)
	if w.next != nil {
		v = w.next.Step(c, op)
	} else {
		v = c.Exec(op)
	}
	switch op.Kind {
	case kern.OpSlabAlloc:
		k, _ := c.Machine().CacheConfig(int(op.A))
		w.objects[k.Name] = append(w.objects[k.Name], kern.Addr(v))
	case kern.OpAllocPages:
		w.frames[kern.PFN(v)] = true
	}
	return v
}

// finals collects what the final states of a search look like, for those that are sound.
type finals struct {
	mu   sync.Mutex
	seen map[string]int
}

// watching returns the model with its final states collected. picture draws one.
func (f *finals) watching(mo *explore.Model, picture func(in *explore.Instance, w *made) string) *explore.Model {
	f.seen = map[string]int{}
	cp := *mo
	cp.Build = func(cpus int, sched kern.Scheduler) *explore.Instance {
		w := &made{next: sched, objects: map[string][]kern.Addr{}, frames: map[kern.PFN]bool{}}
		in := mo.Build(cpus, w)
		if sched == nil {
			in.M.Attach(nil)
		}
		check := in.Final
		in.Final = func() *kern.Violation {
			if check != nil {
				if v := check(); v != nil {
					return v
				}
			}
			s := picture(in, w)
			f.mu.Lock()
			f.seen[s]++
			f.mu.Unlock()
			return nil
		}
		return in
	}
	return &cp
}

func (f *finals) all() []string {
	var s []string
	for k := range f.seen {
		s = append(s, k)
	}
	slices.Sort(s)
	return s
}

// picture describes the memory that is in use by what it means, so that it does not matter which frames allocators chose:
// each mm that was there at the start with its counts and its list, the pages with their masks, files and pmds.
func picture(in *explore.Instance, w *made) string {
	m := in.M
	alive := in.Alive
	if alive == nil { // freed memory is poisoned
		alive = func(a kern.Addr) bool { return !mmctx.MM(a).Freed(m) }
	}
	var b strings.Builder
	mms := map[kern.Addr]string{}
	for i, a := range w.objects["mm_struct"] {
		mms[a] = fmt.Sprintf("mm%d", i+1)
		if alive(a) {
			mms[kern.Addr(mmctx.MM(a).PeekList(m))] = mms[a]
		}
	}
	page := func(p kern.PFN) string {
		name := "new"
		if w.frames[p] {
			name = fmt.Sprintf("page%d", p)
		}
		q := pgalloc.Page(p)
		return fmt.Sprintf("%s %s refs%d active=%t table=%t listed=%t of=%s", name, q.PeekMask(m), q.PeekReferences(m),
			q.PeekActive(m), q.IsTable(m), q.Listed(m), mms[kern.Addr(m.Peek(p.Page()+kern.PageIndex))])
	}
	for i, a := range w.objects["mm_struct"] {
		mm := mmctx.MM(a)
		if !alive(a) {
			fmt.Fprintf(&b, "mm%d gone\n", i+1)
			continue
		}
		l := mm.PeekList(m)
		fmt.Fprintf(&b, "mm%d users %d count %d lock %d:", i+1, m.Peek(mm.Users()), m.Peek(mm.Count()), m.Peek(l.Lock()))
		ok := m.Walk(l.Head(), func(node kern.Addr) bool {
			fmt.Fprintf(&b, " [%s]", page(m.PageOf(node)))
			return true
		})
		fmt.Fprintf(&b, " %t\n", ok)
	}
	var pages []string
	each := func(p kern.PFN) { pages = append(pages, page(p)) }
	if in.Frames != nil {
		in.Frames(each)
	} else {
		m.Frames(func(p kern.PFN, free bool) {
			if !free {
				each(p)
			}
		})
	}
	slices.Sort(pages)
	fmt.Fprintln(&b, strings.Join(pages, "\n"))
	for _, a := range w.objects["address_space"] {
		fmt.Fprintf(&b, "sem %d\n", m.Peek(a))
	}
	for _, a := range w.objects["vm_area_struct"] {
		fmt.Fprintf(&b, "vma %d %s ", m.Peek(a), mms[kern.Addr(m.Peek(a+1))])
		if t := m.Peek(a + 2); t != 0 {
			p := kern.Unpack(t)
			fmt.Fprintf(&b, "%s half %d", page(p.PFN()), p.Half())
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}
