package pagetable_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs/pagetable"
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// damaged is a scenario whose first state was damaged by hand, as a debugger could.
type damaged struct {
	*run
	page pgalloc.Page
}

const oneHalf = "title T\nmm 1\npage 1 a -\ntask t\nipi\nfinally\nalive 1\nkept a"

func damage(t *testing.T, text string, v version) *damaged {
	d := &damaged{start(t, parse(t, text), v, nil), 1}
	require.Nil(t, d.in.Check())
	return d
}

func (d *damaged) set(a kern.Addr, v uint32) { d.in.M.Poke(a, v) }

// list returns where the mm's list and its lock are: the page that is on it points to its head.
func (d *damaged) list() mmctx.PgtableList {
	return mmctx.PgtableList(d.in.M.Peek(d.page.LRU()) - 1)
}

func TestCheckFindsDamage(t *testing.T) {
	rfc := version{pgalloc.RFC, ""}
	for _, c := range []struct {
		what   string
		v      version
		damage func(d *damaged)
		want   kern.Kind
	}{
		{"nothing", rfc, func(*damaged) {}, kern.NoViolation},
		{"a mask that cannot be", rfc, func(d *damaged) { d.set(d.page.Refcount(), 0x11<<24|1) }, pgalloc.IllegalMask},
		{"H in a version without it", version{pgalloc.Active, ""}, func(d *damaged) { d.set(d.page.Refcount(), 0x14<<24|1) }, pgalloc.IllegalMask},
		{"listed and full", rfc, func(d *damaged) { d.set(d.page.Refcount(), 0x03<<24|1) }, pgalloc.ListMismatch},
		{"listed and pending", rfc, func(d *damaged) { d.set(d.page.Refcount(), 0x21<<24|1) }, pgalloc.ListMismatch},
		{"listed and pending, where that is right", version{pgalloc.Classic, ""}, func(d *damaged) { d.set(d.page.Refcount(), 0x21<<24|1) }, kern.NoViolation},
		{"full, while the lock is held", rfc, func(d *damaged) {
			d.set(d.page.Refcount(), 0x03<<24|1)
			d.set(d.list().Lock(), 1)
		}, kern.NoViolation},
		{"illegal, although the lock is held", rfc, func(d *damaged) {
			d.set(d.page.Refcount(), 0x11<<24|1)
			d.set(d.list().Lock(), 1)
		}, pgalloc.IllegalMask},
		{"off the list", rfc, func(d *damaged) {
			kern.ListDel(d.in.M.CPU(0), d.page.LRU())
		}, pgalloc.ListMismatch},
		{"off the list, with the flag", version{pgalloc.Active, ""}, func(d *damaged) {
			d.page.SetActive(d.in.M.CPU(0))
			kern.ListDelInit(d.in.M.CPU(0), d.page.LRU())
		}, kern.NoViolation},
		{"off the list, fresh", rfc, func(d *damaged) {
			kern.ListDel(d.in.M.CPU(0), d.page.LRU())
			d.set(d.page.LRU(), 0)
			d.set(d.page.LRU()+1, 0)
		}, kern.NoViolation},
		{"off the list, with the upper half: nothing fresh", rfc, func(d *damaged) {
			kern.ListDel(d.in.M.CPU(0), d.page.LRU())
			d.set(d.page.LRU(), 0)
			d.set(d.page.LRU()+1, 0)
			d.set(d.page.Refcount(), 0x02<<24|1)
		}, pgalloc.ListMismatch},
		{"torn", rfc, func(d *damaged) { d.set(d.list().Head()+1, uint32(d.list().Head())) }, kern.ListCorruption},
		{"a stranger on the list", rfc, func(d *damaged) {
			p := kern.AllocPages(d.in.M.CPU(0), 0, kern.GFPKernel)
			kern.ListAdd(d.in.M.CPU(0), pgalloc.Page(p).LRU(), d.list().Head())
		}, kern.ListCorruption},
		{"a freed page on the list", rfc, func(d *damaged) { d.set(d.page.PFN().Page(), kern.PGBuddy) }, kern.ListCorruption},
	} {
		d := damage(t, oneHalf, c.v)
		c.damage(d)
		got := d.in.Check()
		if c.want == kern.NoViolation {
			assert.Nil(t, got, c.what)
			continue
		}
		if assert.NotNil(t, got, c.what) {
			assert.Equal(t, c.want, got.Kind, "%s: %s", c.what, got.Sentence())
			assert.Equal(t, "kmemleak", got.Task, c.what)
			assert.NotEmpty(t, got.Object, c.what)
			assert.NotContains(t, got.Sentence(), "%", c.what)
		}
	}
}

// Two mms: a page of one whose lock is held is left alone, a page of the other is not.
func TestCheckKnowsWhoseLock(t *testing.T) {
	text := "title T\nmm 1\nmm 2\npage 1 a -\npage 2 b -\ntask t\nipi\nfinally\nalive 1\nalive 2\nkept a\nkept b"
	d := damage(t, text, version{pgalloc.RFC, ""})
	d.set(d.page.Refcount(), 0x03<<24|1)
	require.NotNil(t, d.in.Check())
	d.set(d.list().Lock(), 1)
	assert.Nil(t, d.in.Check())
	d.set(pgalloc.Page(2).Refcount(), 0x03<<24|1)
	got := d.in.Check()
	require.NotNil(t, got)
	assert.Equal(t, kern.PFN(2), got.Page)
}

// Alive is the explorer's answer, where there is one: memory of its freed objects says nothing.
func TestCheckAsksTheExplorer(t *testing.T) {
	d := damage(t, oneHalf, version{pgalloc.RFC, ""})
	d.set(d.page.Refcount(), 0x11<<24|1)
	require.NotNil(t, d.in.Check())
	d.in.Alive = func(kern.Addr) bool { return false }
	d.in.Frames = func(func(kern.PFN)) {}
	assert.Nil(t, d.in.Check())
	got := d.in.Final()
	require.NotNil(t, got, "the table is kept")
	assert.Equal(t, "use after free: the kernel freed page 1, in which table a is still allocated", got.Sentence())
	seen := 0
	d.in.Alive = func(kern.Addr) bool { seen++; return true }
	d.in.Frames = func(f func(kern.PFN)) { f(1) }
	assert.NotNil(t, d.in.Check())
	assert.Positive(t, seen)
}

func TestCheckDoesNotAllocate(t *testing.T) {
	for _, name := range []string{"S2", "S3r", "fork"} {
		r := start(t, load(t, name), version{pgalloc.Pinned, ""}, nil)
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			if r.in.Check() != nil {
				t.Fatal("violation")
			}
		}), name)
	}
}

// What must be left at the end, and what must not.
func TestFinalFindsDamage(t *testing.T) {
	rfc := version{pgalloc.RFC, ""}
	gone := "title T\nmm 1 users 0\npage 1 a b\nfile f\ntask t\nfree a\nfree b\nmmdrop 1"
	for _, c := range []struct {
		what, text string
		damage     func(d *damaged)
		want       string
	}{
		{"nothing", gone, func(*damaged) {}, ""},
		{"nothing is kept", oneHalf, func(*damaged) {}, ""},
		{"a frame in use", gone, func(d *damaged) { kern.AllocPages(d.in.M.CPU(0), 0, kern.GFPKernel) },
			"page lost: page 1 is not free, and nothing leads to it any more: no callback is left for mask --|--|--"},
		{"half pending", oneHalf, func(d *damaged) {
			kern.ListDel(d.in.M.CPU(0), d.page.LRU())
			d.set(d.page.Refcount(), 0x21<<24|1)
		}, "page lost: page 1 is not free, and nothing leads to it any more: no callback is left for mask P-|--|-A, of which --|--|-A is in use"},
		{"a reference too many", oneHalf, func(d *damaged) { kern.GetPageUnlessZero(d.in.M.CPU(0), 1) },
			"page lost: page 1 is not free, and nothing leads to it any more: it has 2 references"},
	} {
		d := damage(t, c.text, rfc)
		for d.step(0) {
		}
		d.settle()
		require.Nil(t, d.in.Final(), c.what)
		c.damage(d)
		got := d.in.Final()
		if c.want == "" {
			assert.Nil(t, got, c.what)
			continue
		}
		if assert.NotNil(t, got, c.what) {
			assert.Equal(t, c.want, got.Sentence(), c.what)
		}
	}
}

// Operations left undone are what a lost wake-up would be: the allocator notices at once, or the final account does.
func TestFinalMissesWhatWasNotDone(t *testing.T) {
	found := map[string]map[kern.Kind]int{}
	for _, text := range []string{
		"title T\nmm 1 users 2\npage 1 t0 t1\nfile f\ntask t\ndefer t0\nfree t1\ndown_read f\nup_read f\nmmput 1\nmmgrab 1\nmmdrop 1\nmmput 1",
		"title T\nmm 1\npage 1 t0 t1\ntask t\ntlbfree t0\ntlbfree t1\nflush\nmmget 1\nmmput 1\nfork 1 -> 2\nalloc 2 -> x\nfree x\nmmput 2\nfinally\nalive 1",
		"title T\nmm 1\npage 1 t0 t1\ntask t\nfree t0\ndefer t1\nmmgrab 1\nmmdrop 1\nmmget 1\nmmput 1\nfinally\nalive 1",
	} {
		s := parse(t, text)
		ops := start(t, s, version{pgalloc.RFC, ""}, nil).in.Tasks[0].Ops
		for skip, op := range ops {
			if word, _, _ := strings.Cut(op.Name, " "); word == "fork" || word == "alloc" || word == "down_read" {
				continue // without it the next does nothing, or does not make sense
			}
			r := start(t, s, version{pgalloc.RFC, ""}, nil)
			for r.at[0] < len(ops) {
				if r.at[0] == skip {
					r.at[0]++
					continue
				}
				require.True(t, r.step(0))
			}
			r.settle()
			got := r.in.Final()
			if list, _ := r.in.M.Violations(); len(list) > 0 {
				continue
			}
			if assert.NotNil(t, got, "%s in %s", op.Name, text) {
				if found[op.Name] == nil {
					found[op.Name] = map[kern.Kind]int{}
				}
				found[op.Name][got.Kind]++
			}
		}
	}
	one := func(k kern.Kind, n int) map[kern.Kind]int { return map[kern.Kind]int{k: n} }
	assert.Equal(t, map[string]map[kern.Kind]int{
		"free t0": one(kern.PageLost, 1), "defer t1": one(kern.PageLost, 1), "tlbfree t0": one(kern.PageLost, 1), "tlbfree t1": one(kern.PageLost, 1),
		"flush": one(kern.PageLost, 1), "up_read f": one(kern.LockMisuse, 1), "mmput 1": one(mmctx.MMCount, 4), "mmdrop 1": one(mmctx.MMCount, 2),
		"mmget 1": one(kern.UseAfterFree, 2), "mmput 2": one(mmctx.MMCount, 1),
	}, found)
}

// The pins that pages hold at rest are part of mm_count, in every version.
func TestFinalCountsPins(t *testing.T) {
	for _, text := range []string{
		oneHalf,
		"title T\nmm 1 users 2\npage 1 a b\npage 1 c -\ntask t\nfree b\nmmgrab 1\nmmput 1\nfinally\nalive 1\nkept a\nkept c",
		"title T\nmm 1 pgste\npage 1 a\ntask t\nipi\nfinally\nalive 1\nkept a",
		"title T\nmm 1 pgste users 0\nmm 2\npage 1 a\npage 2 b c\ntask t\nfork 2 -> 3\nalloc 3 -> x\nalloc 2 -> y\ndefer x\ndefer y\nmmput 3\nfinally\nalive 1\nalive 2\nkept a\nkept b\nkept c",
	} {
		s := parse(t, text)
		for _, v := range versions() {
			assert.Nil(t, start(t, s, v, nil).straight(), "%s:\n%s", v, text)
			// and one reference more or less is noticed
			r := start(t, s, v, nil)
			require.Nil(t, r.straight())
			id := pagetable.Of(s).MMs[0].ID
			require.Equal(t, 1, id)
			var count kern.Addr
			for p := kern.Addr(0); p < 1<<14; p++ { // the mm's words: its id where mmctx says it is
				if mm := mmctx.MM(p); count == 0 && p > 257*kern.FrameWords && mm.ID(r.in.M) == 1 && mm.PeekList(r.in.M) != 0 {
					count = mm.Count()
				}
			}
			require.NotZero(t, count)
			r.in.M.Poke(count, r.in.M.Peek(count)+1)
			got := r.in.Final()
			require.NotNil(t, got)
			assert.Equal(t, mmctx.MMCount, got.Kind)
		}
	}
}

func TestHeld(t *testing.T) {
	for pin, want := range map[pgalloc.Pin][4]uint32{ // for masks 03, 21, 3c and 02
		"":                    {0, 0, 0, 0},
		pgalloc.PinHalf:       {0, 1, 2, 0},
		pgalloc.PinTable:      {2, 2, 2, 1},
		pgalloc.PinPage:       {0, 1, 1, 0},
		pgalloc.PinPageLocked: {0, 1, 1, 0},
		pgalloc.PinPageLife:   {1, 1, 1, 1},
	} {
		for i, m := range []pgalloc.Mask{0x03, 0x21, 0x3c, 0x02} {
			assert.Equal(t, want[i], pin.Held(m), "%s %s", pin, m)
		}
		assert.Zero(t, pin.Held(0))
	}
}

func TestBuildWantsAVersion(t *testing.T) {
	s := load(t, "S1")
	_, err := pagetable.Build(s, "best", "")
	require.ErrorContains(t, err, `unknown variant "best"; expected one of classic`)
	_, err = pagetable.Build(s, pgalloc.Pinned, "none")
	require.ErrorContains(t, err, `unknown pin "none"; expected one of half`)
	mo, err := pagetable.Build(s, pgalloc.Pinned, "")
	require.NoError(t, err)
	assert.Equal(t, "S1", mo.Name)
	assert.Equal(t, 2, mo.Tasks)
}

// Machines of one model are alike, word for word: an address means the same on each.
func TestBuildsAreAlike(t *testing.T) {
	for _, name := range []string{"S2", "S3r", "pgste", "reuse"} {
		for _, v := range versions() {
			mo, err := pagetable.Build(load(t, name), v.variant, v.pin)
			require.NoError(t, err)
			a, b := mo.Build(3, &native{}), mo.Build(9, &native{})
			assert.Equal(t, 9, b.M.NumCPU())
			for w := range kern.Addr(1 << 13) {
				if a.M.Peek(w) != b.M.Peek(w) {
					t.Fatalf("%s on %s: word %#x differs", name, v, w)
				}
			}
		}
	}
}

// The first state is what the text says, by the version's own hand.
func TestFirstState(t *testing.T) {
	text := "title T\nmm 1 users 3\npage 1 a b\npage 1 - d\npage 1 e -\ntask t\nipi\nfinally\nalive 1\nkept a\nkept b\nkept d\nkept e"
	for _, v := range versions() {
		r := start(t, parse(t, text), v, nil)
		var masks []pgalloc.Mask
		var listed []bool
		r.in.M.Frames(func(p kern.PFN, free bool) {
			if !free {
				masks = append(masks, pgalloc.Page(p).PeekMask(r.in.M))
				listed = append(listed, pgalloc.Page(p).Listed(r.in.M))
			}
		})
		if v.variant == pgalloc.FullPage {
			assert.Equal(t, []pgalloc.Mask{0, 0, 0, 0}, masks, "a page per table")
			continue
		}
		assert.Equal(t, []pgalloc.Mask{3, 2, 1}, masks, v)
		assert.Equal(t, []bool{false, true, true}, listed, v)
	}
}
