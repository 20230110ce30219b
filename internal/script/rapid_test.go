package script_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/internal/script"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// item is a piece of a random program: an operation, or some that a hook is to run inside the grace period that follows.
type item struct {
	op    string
	hooks []string
}

// program is a random script before it is known which hooks will run where: that differs between versions, because not
// all take the lock in callbacks. A hook that does not run becomes an ordinary operation behind the grace period, so
// that every version does the same things in the end.
type program []item

func (p program) text(plain map[int]bool) []string {
	var lines []string
	for i, it := range p {
		switch {
		case it.hooks == nil:
			lines = append(lines, it.op)
		case plain[i]:
			lines = append(append(lines, "gp"), it.hooks...)
		default:
			for _, h := range it.hooks {
				lines = append(lines, "hook "+h)
			}
			lines = append(lines, "gp")
		}
	}
	return lines
}

// resolve returns the program's script for a version.
func (p program) resolve(t require.TestingT, sys system) []string {
	plain := map[int]bool{}
	for i, it := range p {
		if it.hooks == nil {
			continue
		}
		s := parse(t, p[:i+1].text(plain))
		r, err := script.New(s, sys.options())
		require.NoError(t, err)
		var last *script.State
		require.NoError(t, r.Run(func(s *script.State) error { last = s; return nil }))
		plain[i] = last.Waiting > 0
	}
	return p.text(plain)
}

func parse(t require.TestingT, lines []string) *script.Script {
	s, err := script.Parse("random", strings.NewReader(strings.Join(lines, "\n")))
	require.NoError(t, err)
	return s
}

// author writes random programs that use no name wrongly.
type author struct {
	rt     *rapid.T
	p      program
	mms    []int
	grabs  []int // mms by mmgrab, one entry each
	tables []string
	owner  map[string]int
	crsts  []string
	refs   []string // "t3 2"
	names  int
	nextMM int
}

func (a *author) pick(n int, label string) int { return rapid.IntRange(0, n-1).Draw(a.rt, label) }

func take[T any](list *[]T, i int) T {
	v := (*list)[i]
	*list = slices.Delete(*list, i, i+1)
	return v
}

func (a *author) add(op string, args ...any) { a.p = append(a.p, item{op: fmt.Sprintf(op, args...)}) }

// free returns an operation that frees a table.
func (a *author) free() string {
	t := take(&a.tables, a.pick(len(a.tables), "table"))
	return []string{"free ", "tlbfree ", "defer "}[a.pick(3, "how")] + t
}

func (a *author) alloc() string {
	a.names++
	mm := a.mms[a.pick(len(a.mms), "mm")]
	name := fmt.Sprintf("t%d", a.names)
	a.tables = append(a.tables, name)
	a.owner[name] = mm
	return fmt.Sprintf("alloc %d -> %s", mm, name)
}

func (a *author) exit() string {
	mm := take(&a.mms, a.pick(len(a.mms), "mm"))
	gone := func(n string) bool { return a.owner[n] == mm }
	a.tables = slices.DeleteFunc(a.tables, gone)
	a.crsts = slices.DeleteFunc(a.crsts, gone)
	return fmt.Sprintf("exit %d", mm)
}

func (a *author) newMM() {
	a.nextMM++
	a.mms = append(a.mms, a.nextMM)
	a.add("mm %d", a.nextMM)
	if a.pick(8, "pgste") == 0 {
		a.add("pgste %d", a.nextMM)
	}
}

func (a *author) step() {
	if len(a.mms) == 0 {
		a.newMM()
	}
	switch n := a.pick(100, "op"); {
	case n < 30:
		a.add("%s", a.alloc())
	case n < 62:
		if len(a.tables) > 0 {
			a.add("%s", a.free())
		}
	case n < 70:
		a.add("flush %d", a.mms[a.pick(len(a.mms), "mm")])
	case n < 78:
		a.add("gp")
	case n < 88:
		a.hook()
	case n < 90:
		a.add("batchfail %d", a.pick(2, "on"))
	case n < 91:
		a.add("oom %d", a.pick(2, "on"))
	case n < 93:
		a.crst()
	case n < 95:
		a.reference()
	case n < 96:
		a.newMM()
	case n < 97:
		a.add("%s", a.exit())
	case n < 98:
		if mm := a.mms[a.pick(len(a.mms), "mm")]; a.pick(2, "grab") == 0 {
			a.grabs = append(a.grabs, mm)
			a.add("mmgrab %d", mm)
		} else if len(a.grabs) > 0 {
			a.add("mmdrop %d", take(&a.grabs, a.pick(len(a.grabs), "grabbed")))
		}
	default:
		a.add("work")
	}
}

func (a *author) hook() {
	var it item
	for range 1 + a.pick(3, "hooks") {
		switch n := a.pick(10, "hooked"); {
		case n < 5 && len(a.tables) > 0:
			it.hooks = append(it.hooks, a.free())
		case n < 8 && len(a.mms) > 0:
			it.hooks = append(it.hooks, a.alloc())
		case n == 8 && len(a.mms) > 0:
			it.hooks = append(it.hooks, a.exit())
		case len(a.mms) > 0 && len(a.tables) > 0:
			it.hooks = append(it.hooks, "batchfail 1", a.free(), "batchfail 0")
		}
	}
	if it.hooks != nil {
		a.p = append(a.p, it)
	}
}

func (a *author) crst() {
	if len(a.crsts) == 0 || a.pick(2, "new") == 0 {
		a.names++
		mm := a.mms[a.pick(len(a.mms), "mm")]
		name := fmt.Sprintf("c%d", a.names)
		a.crsts = append(a.crsts, name)
		a.owner[name] = mm
		a.add("crst %d -> %s", mm, name)
		return
	}
	a.add("%s %s", []string{"crstfree", "crsttlb"}[a.pick(2, "how")], take(&a.crsts, a.pick(len(a.crsts), "crst")))
}

func (a *author) reference() {
	if len(a.refs) > 0 && a.pick(2, "unref") == 0 {
		a.add("unref %s", take(&a.refs, a.pick(len(a.refs), "ref")))
		return
	}
	if len(a.tables) > 0 {
		ref := fmt.Sprintf("%s %d", a.tables[a.pick(len(a.tables), "table")], 1+a.pick(20, "count"))
		a.refs = append(a.refs, ref)
		a.add("ref %s", ref)
	}
}

// end lets go of everything.
func (a *author) end() {
	a.add("batchfail 0")
	a.add("oom 0")
	for len(a.refs) > 0 {
		a.add("unref %s", take(&a.refs, 0))
	}
	for len(a.mms) > 0 {
		a.add("%s", a.exit())
	}
	for len(a.grabs) > 0 {
		a.add("mmdrop %d", take(&a.grabs, 0))
	}
	for range 3 {
		a.add("gp")
	}
	a.add("work")
}

func writeProgram(rt *rapid.T) program {
	a := &author{rt: rt, owner: map[string]int{}}
	for range rapid.IntRange(1, 60).Draw(rt, "length") {
		a.step()
	}
	a.end()
	return a.p
}

// run runs a script and returns its states.
func run(t require.TestingT, lines []string, sys system) (*script.Runner, []*script.State) {
	r, err := script.New(parse(t, lines), sys.options())
	require.NoError(t, err)
	var states []*script.State
	require.NoError(t, r.Run(func(s *script.State) error {
		states = append(states, s)
		return nil
	}), "%s", strings.Join(lines, "\n"))
	return r, states
}

// TestRandomSound runs random scripts on the sound versions: nothing is found wrong, and in the end nothing is left.
func TestRandomSound(t *testing.T) {
	for _, sys := range sound() {
		t.Run(sys.String(), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				lines := writeProgram(rt).resolve(rt, sys)
				r, states := run(rt, lines, sys)
				for _, v := range r.Violations() {
					rt.Fatalf("step %d of\n%s\n%s", v.Step, strings.Join(lines, "\n"), v.Splat())
				}
				last := states[len(states)-1]
				text := strings.Join(lines, "\n")
				require.Empty(rt, last.Pages, text)
				require.Empty(rt, last.RCU, text)
				require.Empty(rt, last.TLB, text)
				require.Empty(rt, last.CRST, text)
				require.Empty(rt, last.MM, text)
				require.Zero(rt, last.Work, text)
				require.Zero(rt, r.LiveMMs(), text)
				st := r.Stats()
				require.Zero(rt, st.Pages, text)
				require.Zero(rt, st.LiveHalves, text)
				require.Zero(rt, st.PendingHalves, text)
			})
		})
	}
}

// TestRandomRepaired runs random scripts on rfc and on the versions that repair it: up to the point where rfc uses a
// freed mm, if it does, all do the same.
func TestRandomRepaired(t *testing.T) {
	for _, sys := range repaired() {
		t.Run(sys.String(), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				lines := writeProgram(rt).resolve(rt, sys)
				_, want := run(rt, lines, system{variant: pgalloc.RFC})
				_, have := run(rt, lines, sys)
				for i, w := range want {
					if w.Err != "" {
						break
					}
					require.Equal(rt, apartFromMMs(t, w.AppendJSON(nil)), apartFromMMs(t, have[i].AppendJSON(nil)),
						"operation %d of\n%s", i, strings.Join(lines, "\n"))
				}
			})
		})
	}
}

// TestRandomFindsFlaws: the same random scripts do find what is known to be wrong with the flawed versions, and do run
// hooks. Otherwise that they find nothing elsewhere would mean little.
func TestRandomFindsFlaws(t *testing.T) {
	programs := rapid.Custom(writeProgram)
	found := map[pgalloc.Variant]map[kern.Kind]int{pgalloc.RFC: {}, pgalloc.RFCAsPosted: {}}
	hooks := 0
	for seed := range 300 {
		lines := programs.Example(seed).resolve(t, system{pgalloc.Pinned, pgalloc.PinHalf})
		for v, kinds := range found {
			r, states := run(t, lines, system{variant: v})
			for _, s := range states {
				hooks += len(s.Hooks)
			}
			for _, v := range r.Violations() {
				kinds[v.Kind]++
			}
		}
	}
	require.Positive(t, hooks)
	require.Positive(t, found[pgalloc.RFC][kern.UseAfterFree], "%v", found)
	require.Zero(t, found[pgalloc.RFC][kern.PageLost], "%v", found)
	require.Positive(t, found[pgalloc.RFCAsPosted][kern.PageLost], "%v", found)
	t.Log(found, hooks)
}
