//go:build linux

package main

import (
	"fmt"

	"golang.org/x/arch/s390x/s390xasm"
)

// probe is a kprobe event: within a function, never at its entry. There s390 would use ftrace, whose handler runs with
// interrupts on; what an RCU callback hits while it interrupts that handler is lost, and only kprobe_profile tells.
type probe struct {
	name, function string
	offset         int
	fetch          string
}

// definition is what kprobe_events takes.
func (p probe) definition() string {
	return fmt.Sprintf("p:real/%s %s+%d %s", p.name, p.function, p.offset, p.fetch)
}

// code is where functions come from: the running kernel, or a file in a test.
type code interface {
	has(function string) bool
	code(function string) ([]byte, error)
}

// findProbes looks for the places of all probes in the kernel's code. Kernels with page_table_free_rcu share a page
// between two tables (until v6.6); the others are those of v6.7 on.
func findProbes(k code) (list []probe, shared bool, err error) {
	shared = k.has("page_table_free_rcu")
	finders := []func(code) ([]probe, error){allocPage, freePage, removePage, gatherPage, common}
	if shared {
		finders = []func(code) ([]probe, error){allocHalf, freeHalf, freeHalfRCU, removeHalf, common}
	}
	for _, find := range finders {
		some, err := find(k)
		if err != nil {
			return nil, shared, err
		}
		list = append(list, some...)
	}
	return list, shared, nil
}

func function(k code, name string) ([]insn, error) {
	text, err := k.code(name)
	if err != nil {
		return nil, err
	}
	return decode(text), nil
}

func unexpected(function, what string) error {
	return fmt.Errorf("%s: no %s in its code; expected the allocator as Debian's 6.1 or 6.12 compile it", function, what)
}

// inside is the first place after the function has made its stack frame: the arguments are still in their registers.
func inside(list []insn, name string) (int, error) {
	for _, i := range list {
		if i.is(s390xasm.LAY) && len(i.reg) == 1 && i.reg[0] == 15 && i.disp < 0 {
			return i.next, nil
		}
	}
	return 0, unexpected(name, "stack frame")
}

// lock returns the register that points to the mm: the base of the compare-and-swap with a displacement, by which the
// spinlock within the mm is taken.
func lock(list []insn, name string) (mm, at int, err error) {
	for n, i := range list {
		if i.is(s390xasm.CS, s390xasm.CSY) && i.base > 0 && i.disp > 0 {
			return i.base, n, nil
		}
	}
	return 0, 0, unexpected(name, "spinlock of the mm")
}

// xorLoop is atomic_xor_bits(): a compare-and-swap of _refcount that is tried again, with an xor of two registers before.
type xorLoop struct {
	begin         int // index of its first instruction
	done          int // offset of the instruction behind it
	word          int // register: the address of _refcount
	before, after int // registers: its value before and after
}

// xors returns the loops of a function, but not those with an immediate operand: they are for tables with PGSTEs.
func xors(list []insn) (loops []xorLoop) {
	for n, i := range list {
		if !i.is(s390xasm.CS) || i.disp != 0 || i.base < 1 || n+1 == len(list) {
			continue
		}
		again := list[n+1]
		if !again.is(s390xasm.CRJ) || again.target < 0 || again.target >= i.at {
			continue
		}
		for b := n - 1; b >= 0 && list[b].at >= again.target; b-- {
			if list[b].is(s390xasm.XR) && list[b].reg[0] == i.reg[1] {
				for list[b].at > again.target {
					b--
				}
				loops = append(loops, xorLoop{b, again.next, i.base, i.reg[0], i.reg[1]})
				break
			}
		}
	}
	return loops
}

func (x xorLoop) fetch() string {
	return fmt.Sprintf("word=%%r%d:x64 before=%%r%d:x32 after=%%r%d:x32", x.word, x.before, x.after)
}

// allocHalf is page_table_alloc: the decision, under the lock; the half that was taken; a fresh page that goes on the list,
// under the second lock.
func allocHalf(k code) ([]probe, error) {
	const name = "page_table_alloc"
	list, err := function(k, name)
	if err != nil {
		return nil, err
	}
	mm, locked, err := lock(list, name)
	if err != nil {
		return nil, err
	}
	// list_empty(): the first entry is compared with the address of the head.
	head, look := -1, -1
	for n := locked; n < len(list) && head < 0; n++ {
		i := list[n]
		if !i.is(s390xasm.LG) || i.base != mm {
			continue
		}
		for _, j := range list[n+1 : min(n+4, len(list))] {
			if j.is(s390xasm.LA, s390xasm.LAY) && j.base == mm && j.disp == i.disp {
				head, look = i.disp, i.at
			}
		}
	}
	loops := xors(list)
	if head < 0 || len(loops) == 0 {
		return nil, unexpected(name, "look at the list, or xor of a half")
	}
	hit := loops[0]
	// _refcount is so far behind lru, by which pages are linked: the loop's word was computed from the first entry.
	from := -1
	for _, i := range list[:hit.begin] {
		if i.is(s390xasm.LA, s390xasm.LAY) && i.reg[0] == hit.word && i.disp > 0 && i.base != mm && i.base != 15 {
			from = i.disp
		}
	}
	// list_add(): the last of its four stores makes the new page the first.
	add, entry := -1, -1
	for _, i := range list[hit.begin:] {
		if i.is(s390xasm.STG) && i.base == mm && i.disp == head {
			add, entry = i.at, i.reg[0]
		}
	}
	if from < 0 || add < 0 {
		return nil, unexpected(name, "_refcount of the first page, or list_add of a fresh one")
	}
	return []probe{
		{"look", name, look, fmt.Sprintf("mm=%%r%d:x64 head=%%r%[1]d:x64 first=+%[2]d(%%r%[1]d):x64 word=+%[3]d(+%[2]d(%%r%[1]d)):x32 list=\\%[2]d:u32 from=\\%[3]d:u32",
			mm, head, from)},
		{"hit", name, hit.done, fmt.Sprintf("mm=%%r%d:x64 ", mm) + hit.fetch()},
		{"add", name, add, fmt.Sprintf("mm=%%r%d:x64 entry=%%r%d:x64 from=\\%d:u32", mm, entry, from)},
	}, nil
}

// freeHalf is page_table_free, after its first xor, which clears A and sets P.
func freeHalf(k code) ([]probe, error) { return afterXor(k, "free", "page_table_free", 2) }

// freeHalfRCU is page_table_free_rcu.
func freeHalfRCU(k code) ([]probe, error) { return afterXor(k, "rcu", "page_table_free_rcu", 1) }

func afterXor(k code, event, name string, want int) ([]probe, error) {
	list, loop, err := firstXor(k, name, want)
	if err != nil {
		return nil, err
	}
	mm, _, err := lock(list, name)
	if err != nil {
		return nil, err
	}
	return []probe{{event, name, loop.done, fmt.Sprintf("mm=%%r%d:x64 ", mm) + loop.fetch()}}, nil
}

// firstXor returns a function and the first of its xor loops, of which there must be so many.
func firstXor(k code, name string, want int) ([]insn, xorLoop, error) {
	list, err := function(k, name)
	if err != nil {
		return nil, xorLoop{}, err
	}
	loops := xors(list)
	if len(loops) != want {
		return nil, xorLoop{}, unexpected(name, fmt.Sprintf("xor loops, %d of them,", want))
	}
	return list, loops[0], nil
}

// removeHalf is __tlb_remove_table.
func removeHalf(k code) ([]probe, error) {
	const name = "__tlb_remove_table"
	_, loop, err := firstXor(k, name, 1)
	if err != nil {
		return nil, err
	}
	return []probe{{"remove", name, loop.done, loop.fetch()}}, nil
}

// allocPage is page_table_alloc of v6.7 on. The mm is known at its beginning alone, and the table at its end: two probes,
// which the task holds together. The end is behind the second memset, that of the half without entries.
func allocPage(k code) ([]probe, error) {
	const name = "page_table_alloc"
	list, err := function(k, name)
	if err != nil {
		return nil, err
	}
	at, err := inside(list, name)
	if err != nil {
		return nil, err
	}
	const invalid = 0x400 // _PAGE_INVALID
	filled := -1
	for n, i := range list {
		switch {
		case i.is(s390xasm.LGHI) && i.imm == invalid:
			filled = n
		case filled >= 0 && i.is(s390xasm.LGHI) && i.reg[0] == 3 && i.imm == 0:
			for m := n; m+1 < len(list); m++ {
				if !list[m].is(s390xasm.BRASL) {
					continue
				}
				for _, j := range list[m+1 : min(m+4, len(list))] {
					if j.is(s390xasm.LGR) && j.reg[0] == 2 {
						return []probe{
							{"begin", name, at, "mm=%r2:x64"},
							{"alloc", name, list[m].next, fmt.Sprintf("table=%%r%d:x64 low=+0(%%r%[1]d):x64 high=+2048(%%r%[1]d):x64", j.reg[1])},
						}, nil
					}
				}
			}
		}
	}
	return nil, unexpected(name, "filled halves")
}

func freePage(k code) ([]probe, error) {
	return argument(k, "free", "page_table_free", "mm=%r2:x64 table=%r3:x64")
}

func removePage(k code) ([]probe, error) {
	return argument(k, "remove", "__tlb_remove_table", "table=%r2:x64")
}

// gatherPage is a table on its way into a gather; those of upper levels go the same way.
func gatherPage(k code) ([]probe, error) {
	return argument(k, "rcu", "tlb_remove_table", "mm=+0(%r2):x64 table=%r3:x64")
}

// common are the probes of both kernels: an mm begins, a gather ends, a batch's callback runs, an mm goes.
func common(k code) (list []probe, err error) {
	const name = "tlb_remove_table_rcu"
	callback, err := function(k, name)
	if err != nil {
		return nil, err
	}
	at, nr := -1, -1 // the batch counts its tables; the callback looks at that first
	for _, i := range callback {
		if i.is(s390xasm.LT, s390xasm.L, s390xasm.ICM) && i.base == 2 {
			at, nr = i.at, i.disp
			break
		}
	}
	if at <= 0 {
		return nil, unexpected(name, "look at the number of tables")
	}
	list = append(list, probe{"batch", name, at, fmt.Sprintf("nr=+%d(%%r2):u32", nr)})
	for _, p := range []probe{
		{name: "mm", function: "mm_init", fetch: "mm=%r2:x64"},
		{name: "flush", function: "tlb_finish_mmu", fetch: "mm=+0(%r2):x64 batch=+8(%r2):x64"},
		{name: "drop", function: "__mmdrop", fetch: "mm=%r2:x64"},
	} {
		some, err := argument(k, p.name, p.function, p.fetch)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

func argument(k code, event, name, fetch string) ([]probe, error) {
	list, err := function(k, name)
	if err != nil {
		return nil, err
	}
	at, err := inside(list, name)
	if err != nil {
		return nil, err
	}
	return []probe{{event, name, at, fetch}}, nil
}
