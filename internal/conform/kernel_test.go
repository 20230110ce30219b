package conform_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// kernel is the allocator of v5.17 once more, in numbers and slices, on CPUs that interleave: it writes the log that
// probes would. It shares no code with the model. Probes may be late: a record is written up to some records after what
// it tells of, while its CPU waits.
type kernel struct {
	rnd  *rand.Rand
	late bool // whether probes may be late

	lines []string
	moved int // records that were late

	mms   int
	space []*kernelMM
	mask  map[int]int
	owner map[int]*kernelMM
	queue [][]kernelTable // batches that wait
	cpus  []*kernelCPU
}

type kernelMM struct {
	id     int
	list   []int
	tables []kernelTable
	lock   *kernelCPU // who holds it
	busy   int        // operations under way
	dead   bool
	open   bool // a gather is
}

type kernelTable struct{ page, half int }

// kernelCPU is what runs on a CPU: a task, or a softirq with a batch.
type kernelCPU struct {
	mm    *kernelMM
	next  func()        // what it does next, nil between two operations
	batch []kernelTable // of a softirq
	soft  bool
	wait  int // how many records are written before its own
	text  string
	done  func()
}

func newKernel(seed uint64, late bool) *kernel {
	k := &kernel{rnd: rand.New(rand.NewPCG(seed, 1)), late: late, mask: map[int]int{}, owner: map[int]*kernelMM{}}
	for range 2 {
		k.cpus = append(k.cpus, &kernelCPU{}, &kernelCPU{soft: true})
	}
	return k
}

func (k *kernel) write(format string, args ...any) {
	k.lines = append(k.lines, fmt.Sprintf(format, args...))
	for _, c := range k.cpus {
		if c.wait > 0 {
			c.wait--
		}
	}
}

// tell writes a record of c, perhaps late. then is what the CPU does after it.
func (k *kernel) tell(c *kernelCPU, then func(), format string, args ...any) {
	if k.late && k.rnd.IntN(12) == 0 {
		c.wait, c.text, c.done = 1+k.rnd.IntN(6), fmt.Sprintf(format, args...), then
		return
	}
	k.write(format, args...)
	then()
}

func (k *kernel) nothing() {}

// run lets the CPUs do so many steps.
func (k *kernel) run(steps int) string {
	for range steps {
		k.step(k.cpus[k.rnd.IntN(len(k.cpus))])
	}
	for _, c := range k.cpus {
		if c.done != nil { // a log that ends before the last probes fire cannot be told from a wrong one
			c.wait = 0
			k.step(c)
		}
	}
	return strings.Join(k.lines, "\n") + "\n"
}

func (k *kernel) step(c *kernelCPU) {
	switch {
	case c.done != nil:
		if c.wait > 0 && k.rnd.IntN(40) > 0 {
			return
		}
		then := c.done
		c.done, c.wait = nil, 0
		k.moved++
		k.write("%s", c.text)
		then()
	case c.soft:
		k.softirq(c)
	case c.next != nil:
		next := c.next
		c.next = nil
		next()
	default:
		k.operation(c)
	}
}

func (k *kernel) operation(c *kernelCPU) {
	alive := slices.DeleteFunc(slices.Clone(k.space), func(mm *kernelMM) bool { return mm.dead })
	if len(alive) == 0 || len(alive) < 3 && k.rnd.IntN(60) == 0 {
		mm := &kernelMM{id: k.mms}
		k.mms++
		k.space = append(k.space, mm)
		k.write("mm %d", mm.id)
		return
	}
	mm := alive[k.rnd.IntN(len(alive))]
	if mm.lock != nil {
		return
	}
	c.mm = mm
	switch n := k.rnd.IntN(20); {
	case n < 9 || len(mm.tables) == 0:
		k.alloc(c, mm)
	case n < 11:
		k.free(c, mm)
	case n < 19:
		if !mm.open {
			mm.open = true
			k.unmap(c, mm, 1+k.rnd.IntN(4), nil)
		}
	case mm.busy == 0 && !mm.open && k.rnd.IntN(20) == 0:
		mm.dead, mm.open = true, true // exit: nobody else comes
		k.unmap(c, mm, len(mm.tables), func() { k.write("drop %d", mm.id) })
	}
}

// hold takes the lock for as long as the record takes that is written under it.
func (k *kernel) hold(c *kernelCPU, mm *kernelMM, then func(), format string, args ...any) {
	mm.lock = c
	k.tell(c, func() {
		mm.lock = nil
		then()
	}, format, args...)
}

// locked does something when the lock can be had.
func (k *kernel) locked(c *kernelCPU, mm *kernelMM, f func()) {
	if mm.lock != nil {
		c.next = func() { k.locked(c, mm, f) }
		return
	}
	f()
}

func (k *kernel) alloc(c *kernelCPU, mm *kernelMM) {
	mm.busy++
	end := func() { mm.busy-- }
	if len(mm.list) > 0 {
		p := mm.list[0]
		m := k.mask[p]
		if busy := (m | m>>4) & 3; busy == 3 {
			k.write("look %d p%d %02x", mm.id, p, m) // never late: the probe reads the mask after its record got its time
			k.fresh(c, mm, end)
			return
		} else if half := busy & 1; true {
			k.write("look %d p%d %02x", mm.id, p, m)
			k.mask[p] |= 1 << half
			mm.list = mm.list[1:]
			t := kernelTable{p, half}
			k.hold(c, mm, func() { mm.tables = append(mm.tables, t); end() }, "hit %d p%d.%d %02x", mm.id, p, half, k.mask[p])
			return
		}
	}
	k.write("look %d -", mm.id)
	k.fresh(c, mm, end)
}

func (k *kernel) fresh(c *kernelCPU, mm *kernelMM, end func()) {
	c.next = func() {
		k.locked(c, mm, func() {
			p := len(k.mask)
			k.mask[p], k.owner[p] = 1, mm
			k.hold(c, mm, func() {
				mm.list = slices.Insert(mm.list, 0, p)
				mm.tables = append(mm.tables, kernelTable{p, 0})
				end()
			}, "add %d p%d", mm.id, p)
		})
	}
}

// drop takes a table out of an mm, and marks it pending.
func (k *kernel) mark(mm *kernelMM) kernelTable {
	i := k.rnd.IntN(len(mm.tables))
	t := mm.tables[i]
	mm.tables = slices.Delete(mm.tables, i, i+1)
	k.mask[t.page] ^= 0x11 << t.half
	if k.mask[t.page]&3 == 0 {
		mm.list = slices.DeleteFunc(mm.list, func(p int) bool { return p == t.page })
	}
	return t
}

func (k *kernel) free(c *kernelCPU, mm *kernelMM) {
	mm.busy++
	t := k.mark(mm)
	if k.mask[t.page]&3 != 0 {
		mm.list = slices.Insert(mm.list, 0, t.page)
	}
	k.hold(c, mm, func() {
		c.next = func() { k.mask[t.page] ^= 0x10 << t.half; mm.busy-- }
	}, "free %d p%d.%d %02x", mm.id, t.page, t.half, k.mask[t.page])
}

// unmap frees n tables through a gather.
func (k *kernel) unmap(c *kernelCPU, mm *kernelMM, n int, then func()) {
	var batch []kernelTable
	var one func()
	one = func() {
		if len(batch) == n || len(mm.tables) == 0 {
			if len(batch) > 0 {
				k.write("flush %d", mm.id)
				k.queue = append(k.queue, batch)
			}
			mm.open = false
			if then != nil {
				then()
			}
			return
		}
		k.locked(c, mm, func() {
			if len(mm.tables) == 0 { // another thread was first
				one()
				return
			}
			t := k.mark(mm)
			batch = append(batch, t)
			if k.mask[t.page]&3 != 0 {
				mm.list = append(mm.list, t.page)
			}
			k.hold(c, mm, func() { c.next = one }, "rcu %d p%d.%d %02x", mm.id, t.page, t.half, k.mask[t.page])
		})
	}
	one()
}

func (k *kernel) softirq(c *kernelCPU) {
	if len(c.batch) == 0 {
		if len(k.queue) > 0 && k.rnd.IntN(6) == 0 {
			c.batch, k.queue = k.queue[0], k.queue[1:]
			k.write("batch %d", len(c.batch)+k.rnd.IntN(2))
		}
		return
	}
	t := c.batch[0]
	c.batch = c.batch[1:]
	k.mask[t.page] ^= 0x10 << t.half
	k.tell(c, k.nothing, "remove p%d.%d %02x", t.page, t.half, k.mask[t.page])
}
