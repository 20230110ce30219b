package zsmalloc

import (
	"fmt"
	"slices"
	"sync"

	"ptsim/kern"
)

// names are what the objects of a machine are called in reports.
type names struct {
	m *kern.Machine

	mu   sync.Mutex
	kind map[kern.Addr]string // of each object
}

func newNames(m *kern.Machine) *names {
	n := &names{m: m, kind: map[kern.Addr]string{}}
	m.Describe(n.describe)
	return n
}

func (n *names) add(a kern.Addr, kind string) {
	n.mu.Lock()
	n.kind[a] = kind
	n.mu.Unlock()
}

// parts names the words of the objects.
var parts = map[string]map[kern.Addr]string{
	"zs_pool": {
		poolLock: "lock", poolClassLock: "class->lock", poolFreeWork: "free_work", poolFreeWork + 1: "free_work", poolCachep: "zspage_cachep",
		poolLists: "fullness_list[0]", poolLists + 1: "fullness_list[0]", poolLists + 2: "fullness_list[1]", poolLists + 3: "fullness_list[1]",
		poolLists + 4: "fullness_list[2]", poolLists + 5: "fullness_list[2]", poolFreePages: "free_pages", poolFreePages + 1: "free_pages",
		poolDestroying: "destroying", poolIsolated: "isolated_pages", poolWait: "migration_wait",
	},
	"zspage": {
		zspageMagic: "magic", zspageFullness: "fullness", zspageInuse: "inuse", zspageFreeobj: "freeobj", zspageFirst: "first_page",
		zspageList: "list", zspageList + 1: "list", zspagePool: "pool", zspageLock: "lock", zspageReaders: "lock.cnt",
		zspageHead: "rcu_head", zspageHead + 1: "rcu_head",
	},
	"page": {
		kern.PageFlags: "flags", kern.PageMapping: "mapping", kern.PageIndex: "index", kern.PagePrivate: "private", kern.PageType: "page_type",
		kern.PageRefcount: "_refcount",
	},
}

// describe names the object that a violation's address lies in. Objects of a kind are numbered by address.
func (n *names) describe(v *kern.Violation) {
	if v.Object != "" || !v.Addr.IsPlace() {
		return
	}
	if p := n.m.PageOf(v.Addr); p != 0 {
		v.Page, v.Object = p, fmt.Sprintf("page %d", p)
		v.Part = parts["page"][v.Addr-p.Page()]
		if at := v.Addr - p.Page(); at >= kern.PageMemory {
			v.Part = fmt.Sprintf("object %d", (at-kern.PageMemory)/objWords)
		}
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	var starts []kern.Addr
	for a := range n.kind {
		if a <= v.Addr {
			starts = append(starts, a)
		}
	}
	if len(starts) == 0 {
		return
	}
	at := slices.Max(starts)
	if v.Addr-at >= poolWords {
		return
	}
	kind := n.kind[at]
	v.Object, v.Part = kind, parts[kind][v.Addr-at]
	if kind == "zspage" || kind == "handle" {
		nth := 0
		for _, a := range starts {
			if n.kind[a] == kind {
				nth++
			}
		}
		v.Object = fmt.Sprintf("%s %d", kind, nth)
	}
}
