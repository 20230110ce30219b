package kern_test

import (
	"container/list"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

// lists gives a test n list_heads, each initialised.
func lists(c *kern.CPU, n int) []kern.Addr {
	hs := make([]kern.Addr, n)
	base := words(c, uint32(n)*kern.ListHeadWords)
	for i := range hs {
		hs[i] = base + kern.Addr(i)*kern.ListHeadWords
		kern.InitListHead(c, hs[i])
	}
	return hs
}

// contents walks a list, front first.
func contents(t require.TestingT, m *kern.Machine, head kern.Addr) []kern.Addr {
	ns := []kern.Addr{}
	require.True(t, m.Walk(head, func(n kern.Addr) bool { ns = append(ns, n); return true }))
	return ns
}

// Two lists and some nodes against container/list.
func TestListAgainstContainerList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := kern.NewMachine(kern.Config{Frames: 16})
		c := m.CPU(0)
		heads, nodes := lists(c, 2), lists(c, 6)
		models := []*list.List{list.New(), list.New()}
		where := map[kern.Addr]*list.Element{}
		on := map[kern.Addr]int{}

		some := func(t *rapid.T, listed bool) kern.Addr {
			var from []kern.Addr
			for _, n := range nodes {
				if (where[n] != nil) == listed {
					from = append(from, n)
				}
			}
			if len(from) == 0 {
				t.Skip("no such node")
			}
			return rapid.SampledFrom(from).Draw(t, "node")
		}
		forget := func(n kern.Addr) {
			models[on[n]].Remove(where[n])
			delete(where, n)
		}
		t.Repeat(map[string]func(*rapid.T){
			"list_add": func(t *rapid.T) {
				n, i := some(t, false), rapid.IntRange(0, 1).Draw(t, "list")
				kern.ListAdd(c, n, heads[i])
				where[n], on[n] = models[i].PushFront(n), i
			},
			"list_add_tail": func(t *rapid.T) {
				n, i := some(t, false), rapid.IntRange(0, 1).Draw(t, "list")
				kern.ListAddTail(c, n, heads[i])
				where[n], on[n] = models[i].PushBack(n), i
			},
			"list_del": func(t *rapid.T) {
				n := some(t, true)
				kern.ListDel(c, n)
				forget(n)
				require.EqualValues(t, kern.ListPoison1, m.Peek(n))
				require.EqualValues(t, kern.ListPoison2, m.Peek(n+1))
			},
			"list_del_init": func(t *rapid.T) {
				n := some(t, true)
				kern.ListDelInit(c, n)
				forget(n)
				require.True(t, kern.ListEmpty(c, n))
				kern.ListDelInit(c, n) // a second time it is nothing
			},
			"": func(t *rapid.T) {
				for i, model := range models {
					want := []kern.Addr{}
					for e := model.Front(); e != nil; e = e.Next() {
						want = append(want, e.Value.(kern.Addr))
					}
					require.Equal(t, want, contents(t, m, heads[i]))
					require.Equal(t, model.Len() == 0, kern.ListEmpty(c, heads[i]))
					if model.Len() > 0 {
						require.Equal(t, want[0], kern.ListFirstOrNull(c, heads[i]))
					}
				}
				for _, n := range nodes {
					require.Equal(t, where[n] != nil, c.OnList(n))
					require.Equal(t, where[n] != nil, m.NodeState(n) == kern.Listed)
				}
				quiet(t, m)
			},
		})
	})
}

// As with CONFIG_DEBUG_LIST, an operation on a list that does not hold together is reported and left undone.
func TestListCorruptionLeavesTheListAlone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		do     func(c *kern.CPU, head, a, b kern.Addr) // a and b are on the list, a first
		kind   kern.Kind
		detail string
	}{
		{"add twice", func(c *kern.CPU, head, a, _ kern.Addr) { kern.ListAdd(c, a, head) },
			kern.ListCorruption, "list_add of a node that is on a list already"},
		{"delete twice", func(c *kern.CPU, head, a, _ kern.Addr) { kern.ListDel(c, a); kern.ListDel(c, a) },
			kern.ListCorruption, "list_del of a node that was deleted before"},
		{"delete what never was listed", func(c *kern.CPU, _, _, _ kern.Addr) { kern.ListDel(c, words(c, 2)) },
			kern.ListCorruption, "list_del of a node that never was on a list"},
		{"delete between strangers", func(c *kern.CPU, head, a, b kern.Addr) {
			c.Machine().Poke(a, uint32(head)) // next skips b
			kern.ListDel(c, b)
		}, kern.ListCorruption, "list_del: the neighbours do not point at each other"},
		{"add between strangers", func(c *kern.CPU, head, a, b kern.Addr) {
			c.Machine().Poke(b+1, uint32(head)) // prev skips a
			kern.ListAdd(c, words(c, 2), a)
		}, kern.ListCorruption, "list_add: the neighbours do not point at each other"},
		{"delete what was freed", func(c *kern.CPU, _, _, _ kern.Addr) {
			cache := c.Machine().NewCache(kern.CacheConfig{Name: "node", Words: 2})
			n := cache.Alloc(c)
			cache.Free(c, n)
			kern.ListDel(c, n)
		}, kern.UseAfterFree, "takes off a list %o, which was freed"},
		{"add to a freed head", func(c *kern.CPU, _, _, _ kern.Addr) {
			cache := c.Machine().NewCache(kern.CacheConfig{Name: "head", Words: 2})
			h := cache.Alloc(c)
			cache.Free(c, h)
			kern.ListAdd(c, words(c, 2), h)
		}, kern.UseAfterFree, "adds to a list of %o, which was freed"},
		{"look at a freed head", func(c *kern.CPU, _, _, _ kern.Addr) {
			cache := c.Machine().NewCache(kern.CacheConfig{Name: "head", Words: 2})
			h := cache.Alloc(c)
			cache.Free(c, h)
			assert.True(t, kern.ListEmpty(c, h), "so that nobody takes the poison for a node")
		}, kern.UseAfterFree, "looks at the list of %o, which was freed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := kern.NewMachine(kern.Config{})
			c := m.CPU(0)
			h := lists(c, 3)
			kern.ListAdd(c, h[2], h[0])
			kern.ListAdd(c, h[1], h[0])
			tt.do(c, h[0], h[1], h[2])
			require.Equal(t, tt.detail, the(t, m, tt.kind).Detail)
		})
	}
}

func TestWalk(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	h := lists(c, 4)
	for _, n := range h[1:] {
		kern.ListAddTail(c, n, h[0])
	}
	n := 0
	assert.True(t, m.Walk(h[0], func(kern.Addr) bool { n++; return n < 2 }), "stopping early says nothing bad about the list")
	assert.Equal(t, 2, n)
	all := func(kern.Addr) bool { return true }

	m.Poke(h[2]+1, uint32(h[3]))
	assert.False(t, m.Walk(h[0], all), "a prev that lies")
	m.Poke(h[2]+1, uint32(h[1]))
	m.Poke(h[3], uint32(h[1]))
	assert.False(t, m.Walk(h[0], all), "a circle that leaves the head out")
	m.Poke(h[3], uint32(kern.ListPoison1))
	assert.False(t, m.Walk(h[0], all), "a next that leads nowhere")
}

func TestListAddOfAFreedNode(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	kern.FreePages(c, p, 0)
	kern.ListAdd(c, p.Page()+kern.PageLRU, lists(c, 1)[0])
	the(t, m, kern.UseAfterFree)
}
