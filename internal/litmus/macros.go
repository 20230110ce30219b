package litmus

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"ptsim/internal/quote"
	"ptsim/memory"
)

// A macro compiles a call of one of linux-kernel.def's macros and returns its value, nil if it has none.
type macro struct {
	args int
	run  func(c *compiler, n *node) *expr
}

// macros is what the macros of litmus tests do, by name. It is made when a test is read: most runs of the program read none.
func macros() map[string]macro {
	macrosOnce.Do(func() { macroTable = newMacros() })
	return macroTable
}

var (
	macrosOnce sync.Once
	macroTable map[string]macro
)

func newMacros() map[string]macro {
	macros := map[string]macro{
		"READ_ONCE":           {1, lvalueLoad},
		"rcu_dereference":     {1, lvalueLoad},
		"rcu_dereference_raw": {1, lvalueLoad},
		"srcu_dereference":    {2, lvalueLoad},
		"WRITE_ONCE":          {2, lvalueStore(memory.Relaxed)},
		"rcu_assign_pointer":  {2, lvalueStore(memory.StoreRelease)},
		"smp_store_mb": {2, func(c *compiler, n *node) *expr {
			lvalueStore(memory.Relaxed)(c, n)
			return c.mb(n)
		}},
		"smp_load_acquire":    {1, pointerLoad(memory.Acquire)},
		"atomic_read_acquire": {1, pointerLoad(memory.Acquire)},
		"atomic_read":         {1, pointerLoad(memory.Relaxed)},
		"smp_store_release":   {2, pointerStore(memory.StoreRelease)},
		"atomic_set_release":  {2, pointerStore(memory.StoreRelease)},
		"atomic_set":          {2, pointerStore(memory.Relaxed)},

		"barrier": {0, func(*compiler, *node) *expr { return nil }},
		"smp_mb":  {0, func(c *compiler, n *node) *expr { return c.mb(n) }},
		"smp_rmb": {0, func(c *compiler, n *node) *expr { return c.fence(n, memory.Rmb) }},
		"smp_wmb": {0, func(c *compiler, n *node) *expr { return c.fence(n, memory.Wmb) }},
		"smp_mb__before_atomic": {0, func(c *compiler, n *node) *expr {
			c.before, c.beforeN, c.stale = n, c.ifs, false
			return nil
		}},
		"smp_mb__after_atomic": {0, func(c *compiler, n *node) *expr {
			return c.mbAfter(n, "an atomic operation that stores", func(r recent) bool { return r.kind == memory.RMW }, memory.RMW)
		}},
		"smp_mb__after_spinlock": {0, func(c *compiler, n *node) *expr {
			return c.mbAfter(n, "spin_lock", func(r recent) bool { return r.kind == memory.Lock || r.kind == memory.TryLock }, memory.Lock, memory.TryLock)
		}},
		"smp_mb__after_srcu_read_unlock": {0, func(c *compiler, n *node) *expr {
			return c.mbAfter(n, "srcu_read_unlock", func(r recent) bool { return r.srcu }, memory.ReadUnlock)
		}},
		"smp_mb__after_unlock_lock": {0, func(c *compiler, n *node) *expr {
			if !c.last.ok || c.last.kind != memory.Lock {
				c.failAt(n.line, true, "smp_mb__after_unlock_lock that does not follow spin_lock at once")
			}
			c.test.unlockLock = true
			return c.fence(n, memory.AfterUnlockLock)
		}},

		"spin_lock":      {1, lockOp(memory.Lock)},
		"spin_unlock":    {1, lockOp(memory.Unlock)},
		"spin_trylock":   {1, lockOp(memory.TryLock)},
		"spin_is_locked": {1, lockOp(memory.IsLocked)},

		"rcu_read_lock":              {0, rcuOp(memory.ReadLock)},
		"rcu_read_unlock":            {0, rcuOp(memory.ReadUnlock)},
		"synchronize_rcu":            {0, gracePeriod},
		"synchronize_rcu_expedited":  {0, gracePeriod},
		"srcu_read_lock":             {1, rcuOp(memory.ReadLock)},
		"srcu_read_unlock":           {2, rcuOp(memory.ReadUnlock)},
		"synchronize_srcu":           {1, gracePeriod},
		"synchronize_srcu_expedited": {1, gracePeriod},
	}
	rmwMacros(macros)
	return macros
}

// call compiles a call. Whoever wants its value is refused if it has none.
func (c *compiler) call(n *node, wanted bool) *expr {
	m, ok := macros()[n.text]
	if !ok {
		hint := ""
		if best := quote.Meant(n.text, slices.Sorted(maps.Keys(macros()))); best != "" {
			hint = "; did you mean " + best + "?"
		}
		c.failAt(n.line, true, "%s: it is no macro of linux-kernel.def that is known here%s", n.text, hint)
	}
	if len(n.args) != m.args {
		c.failAt(n.line, false, "%s takes %d arguments, not %d", n.text, m.args, len(n.args))
	}
	v := m.run(c, n)
	if v == nil && wanted {
		c.failAt(n.line, false, "%s has no value", n.text)
	}
	return v
}

// lvalue returns the pointer in *pointer.
func (c *compiler) lvalue(n *node) *node {
	if n.op != "deref" {
		c.failAt(n.line, true, "an access to %s, which is no shared word; write *pointer", nodeText(n))
	}
	return n.args[0]
}

func lvalueLoad(c *compiler, n *node) *expr { return c.load(n, c.lvalue(n.args[0]), memory.Relaxed) }

func pointerLoad(order memory.Order) func(*compiler, *node) *expr {
	return func(c *compiler, n *node) *expr { return c.load(n, n.args[0], order) }
}

func lvalueStore(order memory.Order) func(*compiler, *node) *expr {
	return func(c *compiler, n *node) *expr { return c.store(n, c.lvalue(n.args[0]), order) }
}

func pointerStore(order memory.Order) func(*compiler, *node) *expr {
	return func(c *compiler, n *node) *expr { return c.store(n, n.args[0], order) }
}

func (c *compiler) store(n, pointer *node, order memory.Order) *expr {
	addr, v := c.value(pointer), c.value(n.args[1])
	c.access(instr{op: memory.Op{Kind: memory.Store, Order: order}, addr: addr, value: v, line: n.line, text: nodeText(n), dst: -1})
	return nil
}

// mb emits a strong fence, a step of its own.
func (c *compiler) mb(n *node) *expr {
	c.emit(instr{kind: access, op: memory.Op{Kind: memory.Fence, Barrier: memory.Mb}, dst: -1, guess: -1, line: n.line, text: nodeText(n)})
	return nil
}

func (c *compiler) fence(n *node, b memory.Barrier) *expr {
	kind := fence
	if b == memory.AfterUnlockLock {
		kind = access
	}
	c.emit(instr{kind: kind, op: memory.Op{Kind: memory.Fence, Barrier: b}, dst: -1, guess: -1, line: n.line, text: nodeText(n)})
	return nil
}

// mbAfter emits a barrier that is a strong fence right behind such an access, and nothing if there has been none. Between
// them it would order less than smp_mb does: that is not supported.
func (c *compiler) mbAfter(n *node, what string, fits func(recent) bool, kinds ...memory.Kind) *expr {
	if c.last.ok && fits(c.last) {
		if c.last.done == nil {
			return c.mb(n)
		}
		c.emit(instr{kind: mbIf, op: memory.Op{Kind: memory.Fence, Barrier: memory.Mb}, value: c.last.done, dst: -1, guess: -1, line: n.line, text: nodeText(n)})
		return nil
	}
	for _, k := range kinds {
		if c.seen[k] {
			c.failAt(n.line, true, "%s that does not follow %s at once", n.text, what)
		}
	}
	return nil
}

func lockOp(kind memory.Kind) func(*compiler, *node) *expr {
	return func(c *compiler, n *node) *expr {
		in := instr{op: memory.Op{Kind: kind}, addr: c.value(n.args[0]), dst: -1, line: n.line, text: nodeText(n)}
		var v *expr
		if kind == memory.TryLock || kind == memory.IsLocked {
			in.dst = c.temp(n.line)
			v = register(in.dst)
		}
		c.access(in)
		if kind == memory.TryLock {
			c.last.done = v
		}
		return v
	}
}

// domain returns the number of the domain of an RCU macro: 0, or the one of the srcu_struct.
func (c *compiler) domain(n *node) int {
	if len(n.args) == 0 {
		return 0
	}
	w, ok := c.params[n.args[0].text]
	if n.args[0].op != "name" || !ok {
		c.failAt(n.line, true, "%s of something else than a parameter", n.text)
	}
	c.test.Domains = max(c.test.Domains, w+2)
	return w + 1
}

func rcuOp(kind memory.Kind) func(*compiler, *node) *expr {
	return func(c *compiler, n *node) *expr {
		d := c.domain(n)
		if len(n.args) == 2 {
			c.value(n.args[1])
		}
		c.emit(instr{kind: access, op: memory.Op{Kind: kind, Word: d}, dst: -1, guess: -1, line: n.line, text: nodeText(n)})
		c.seen[kind] = true
		if d > 0 && kind == memory.ReadUnlock {
			c.last = recent{kind: kind, srcu: true, ok: true}
		}
		if d > 0 && kind == memory.ReadLock {
			return constant(0)
		}
		return nil
	}
}

func gracePeriod(c *compiler, n *node) *expr {
	d := c.domain(n)
	for _, kind := range []memory.Kind{memory.GraceStart, memory.GraceEnd} {
		text := nodeText(n)
		if kind == memory.GraceStart {
			text += " starts"
		} else {
			text += " ends"
		}
		c.emit(instr{kind: access, op: memory.Op{Kind: kind, Word: d}, dst: -1, guess: -1, line: n.line, text: text})
	}
	return nil
}

var suffixes = map[string]memory.Order{"_relaxed": memory.Relaxed, "_acquire": memory.Acquire, "_release": memory.StoreRelease}

// rmwMacros adds the macros of read-modify-writes, in every order.
func rmwMacros(macros map[string]macro) {
	add := func(name string, args int, run func(c *compiler, n *node, order memory.Order, full bool) *expr) {
		macros[name] = macro{args, func(c *compiler, n *node) *expr { return run(c, n, memory.Relaxed, true) }}
		for suffix, order := range suffixes {
			macros[name+suffix] = macro{args, func(c *compiler, n *node) *expr { return run(c, n, order, false) }}
		}
	}
	for _, prefix := range []string{"", "atomic_"} {
		add(prefix+"xchg", 2, func(c *compiler, n *node, order memory.Order, full bool) *expr {
			return c.rmw(n, n.args[0], "set", n.args[1], nil, order, full)
		})
		add(prefix+"cmpxchg", 3, func(c *compiler, n *node, order memory.Order, full bool) *expr {
			return c.rmw(n, n.args[0], "cmpxchg", n.args[1], n.args[2], order, full)
		})
	}
	one := &node{op: "num", n: 1}
	operands := func(n *node) (pointer, operand *node) {
		if len(n.args) == 1 {
			return n.args[0], one
		}
		return n.args[1], n.args[0]
	}
	for op, modify := range map[string]string{"add": "+", "sub": "-", "inc": "+", "dec": "-", "and": "&", "or": "|", "xor": "^", "andnot": "&~"} {
		args := 2
		if op == "inc" || op == "dec" {
			args = 1
		}
		macros["atomic_"+op] = macro{args, func(c *compiler, n *node) *expr {
			pointer, operand := operands(n)
			c.rmw(n, pointer, modify, operand, nil, memory.NoReturn, false)
			return nil
		}}
		add("atomic_fetch_"+op, args, func(c *compiler, n *node, order memory.Order, full bool) *expr {
			pointer, operand := operands(n)
			return c.rmw(n, pointer, modify, operand, nil, order, full)
		})
		if strings.ContainsAny(modify, "&|^") {
			continue
		}
		returns := func(c *compiler, n *node, order memory.Order, full bool) *expr {
			pointer, operand := operands(n)
			v := c.value(operand)
			return &expr{op: modify, args: []*expr{c.rmw(n, pointer, modify, operand, nil, order, full), v}}
		}
		add("atomic_"+op+"_return", args, returns)
		if op != "add" {
			macros["atomic_"+op+"_and_test"] = macro{args, func(c *compiler, n *node) *expr {
				return &expr{op: "==", args: []*expr{returns(c, n, memory.Relaxed, true), constant(0)}}
			}}
		} else {
			macros["atomic_add_negative"] = macro{2, func(c *compiler, n *node) *expr {
				return &expr{op: "<", args: []*expr{returns(c, n, memory.Relaxed, true), constant(0)}}
			}}
		}
	}
	unless := func(c *compiler, n *node, operand, spared *node) *expr {
		v := c.value(spared)
		return &expr{op: "!=", args: []*expr{c.rmw(n, n.args[0], "unless", operand, spared, memory.Relaxed, true), v}}
	}
	macros["atomic_add_unless"] = macro{3, func(c *compiler, n *node) *expr { return unless(c, n, n.args[1], n.args[2]) }}
	macros["atomic_inc_not_zero"] = macro{1, func(c *compiler, n *node) *expr { return unless(c, n, one, &node{op: "num"}) }}
}

// rmw emits a read-modify-write and returns the old value. A fully ordered one is a relaxed one between two strong
// fences, each a step of its own; one that may fail has them only if it stores, which is guessed before.
func (c *compiler) rmw(n, pointer *node, modify string, operand, second *node, order memory.Order, full bool) *expr {
	in := instr{kind: access, op: memory.Op{Kind: memory.RMW, Order: order}, modify: modify, guess: -1, line: n.line, text: nodeText(n)}
	in.addr, in.value = c.value(pointer), c.value(operand)
	if second != nil {
		in.second = c.value(second)
	}
	in.op.Uses = modify != "set" && modify != "cmpxchg"
	in.op.Tests = modify == "unless"
	in.dst = c.temp(n.line)
	fenced := full
	if c.before != nil {
		if c.stale {
			c.failAt(c.before.line, true, "smp_mb__before_atomic with an access between it and the atomic operation")
		}
		fenced = true
		if c.beforeN == c.ifs {
			c.before = nil
		} else {
			c.stale = true
		}
	}
	fails := modify == "cmpxchg" || modify == "unless"
	mb := memory.Op{Kind: memory.Fence, Barrier: memory.Mb}
	switch {
	case fenced && fails:
		in.guess = c.temp(n.line)
		c.emit(instr{kind: guess, op: mb, dst: in.guess, guess: -1, line: n.line, text: "the barrier before " + in.text})
	case fenced:
		c.emit(instr{kind: access, op: mb, dst: -1, guess: -1, line: n.line, text: "the barrier before " + in.text})
	}
	c.access(in)
	old := register(in.dst)
	if fails {
		c.last.done = &expr{op: "==", args: []*expr{old, in.value}}
		if modify == "unless" {
			c.last.done = &expr{op: "!=", args: []*expr{old, in.second}}
		}
	}
	if full {
		text := "the barrier behind " + in.text
		if fails {
			c.emit(instr{kind: mbIf, op: mb, value: register(in.guess), dst: -1, guess: -1, line: n.line, text: text})
		} else {
			c.emit(instr{kind: access, op: mb, dst: -1, guess: -1, line: n.line, text: text})
		}
	}
	return old
}
