package litmus

import (
	"fmt"

	"ptsim/memory"
)

// What an instruction does.
type instrKind uint8

const (
	assign instrKind = iota // dst = value
	jump                    // to target
	branch                  // to target if value is zero
	access                  // an operation of package memory
	fence                   // smp_rmb or smp_wmb: no other CPU sees when it runs
	guess                   // dst = 1 and a strong fence, or dst = 0: whether the next RMW, which then must, will write
	mbIf                    // a strong fence, if value is not zero
	end
)

// An instr is one instruction.
type instr struct {
	kind   instrKind
	op     memory.Op // Word is known when it runs, unless it is a domain
	addr   *expr     // of the word; nil for a domain and for a fence
	value  *expr     // of an assignment, a branch, a store; the operand of an RMW
	second *expr     // the new value of cmpxchg, the value that atomic_add_unless spares
	modify string    // what an RMW does: an operator, "set", "cmpxchg" or "unless"
	guess  int       // the register that says whether an RMW must write, -1 for none
	dst    int       // the register that is set, -1 for none
	target int
	line   int
	text   string // as a schedule shows it
}

// compiler makes the instructions of one process.
type compiler struct {
	*parser
	proc   *Proc
	index  int
	params map[string]int // words
	names  map[string]int // registers
	code   []instr
	ifs    int // how deep the code is in branches
	temps  []int
	used   int // of the temps, in the statement under way: no other reads them, but for a barrier right behind it

	last    recent
	seen    map[memory.Kind]bool // the kinds of accesses so far
	before  *node                // smp_mb__before_atomic that no RMW has followed yet
	beforeN int                  // how deep it was in branches
	stale   bool                 // another access has come between
}

// recent is the last access: what smp_mb__after_atomic and its like look back on.
type recent struct {
	kind memory.Kind
	srcu bool  // srcu_read_unlock
	done *expr // nil if it always writes, else whether it did
	ok   bool
}

func (p *parser) compile(procs []*source) {
	for i, s := range procs {
		c := &compiler{parser: p, proc: &Proc{}, index: i, params: map[string]int{}, names: map[string]int{}, seen: map[memory.Kind]bool{}}
		for _, name := range s.params {
			c.params[name] = p.words[name]
		}
		for _, r := range p.inits {
			if r.proc == i {
				c.proc.init = append(c.proc.init, make([]int64, c.reg(r.name, r.line)+1-len(c.proc.init))...)
				c.proc.init[c.names[r.name]] = r.value
			}
		}
		c.statements(s.body)
		c.emit(instr{kind: end})
		c.proc.code = c.code
		p.test.Procs = append(p.test.Procs, c.proc)
	}
	for _, r := range p.inits {
		if r.proc >= len(procs) {
			p.failAt(r.line, false, "there is no P%d for %s", r.proc, r.name)
		}
	}
}

// reg returns the register with this name, which it makes if there is none.
func (c *compiler) reg(name string, line int) int {
	r, ok := c.names[name]
	if !ok {
		r = len(c.proc.Registers)
		if r == 63 {
			c.failAt(line, true, "more than 63 registers and intermediate values in P%d", c.index)
		}
		c.proc.Registers = append(c.proc.Registers, name)
		if name != "" {
			c.names[name] = r
		}
	}
	return r
}

// temp returns a register for an intermediate value.
func (c *compiler) temp(line int) int {
	if c.used == len(c.temps) {
		c.temps = append(c.temps, c.reg("", line))
	}
	c.used++
	return c.temps[c.used-1]
}

func (c *compiler) emit(in instr) int {
	c.code = append(c.code, in)
	return len(c.code) - 1
}

// land makes a jump go here.
func (c *compiler) land(at int) {
	c.code[at].target = len(c.code)
	c.last = recent{}
}

func (c *compiler) statements(body []*stmt) {
	for _, s := range body {
		c.statement(s)
	}
}

func (c *compiler) statement(s *stmt) {
	c.used = 0
	switch s.kind {
	case "=":
		c.assignment(s)
	case "expr":
		if s.node.op == "call" {
			c.call(s.node, false)
		} else {
			c.value(s.node)
		}
	case "if":
		cond := c.value(s.left)
		at := c.emit(instr{kind: branch, value: cond, line: s.line})
		last := c.last
		c.ifs++
		c.statements(s.then)
		if s.els != nil {
			over := c.emit(instr{kind: jump, line: s.line})
			c.land(at)
			c.last = last
			c.statements(s.els)
			at = over
		}
		c.ifs--
		c.land(at)
	}
}

func (c *compiler) assignment(s *stmt) {
	switch s.left.op {
	case "name":
		if _, ok := c.params[s.left.text]; ok {
			c.failAt(s.line, true, "an assignment to parameter %s; to store to the word, write *%s", s.left.text, s.left.text)
		}
		v := c.value(s.node)
		c.emit(instr{kind: assign, dst: c.reg(s.left.text, s.line), value: v, line: s.line})
	case "deref":
		v := c.value(s.node)
		addr := c.value(s.left.args[0])
		text := fmt.Sprintf("*%s = %s", nodeText(s.left.args[0]), nodeText(s.node))
		c.access(instr{op: memory.Op{Kind: memory.Store, Order: memory.Plain}, addr: addr, value: v, line: s.line, text: text, dst: -1})
	default:
		c.failAt(s.line, false, "an assignment needs a variable or *pointer on its left side")
	}
}

// value returns the value of a node; its loads become instructions.
func (c *compiler) value(n *node) *expr {
	switch n.op {
	case "num":
		return constant(n.n)
	case "name":
		if w, ok := c.params[n.text]; ok {
			return constant(pointers + int64(w))
		}
		return register(c.reg(n.text, n.line))
	case "call":
		return c.call(n, true)
	case "deref":
		return c.load(n, n.args[0], memory.Plain)
	case "addr":
		if n.args[0].op != "deref" {
			c.failAt(n.line, true, "the address of a local variable or of a parameter")
		}
		return c.value(n.args[0].args[0])
	case "&&", "||", "?":
		for _, a := range n.args[1:] {
			if a.loads() {
				return c.lazy(n)
			}
		}
	}
	e := &expr{op: n.op}
	for _, a := range n.args {
		e.args = append(e.args, c.value(a))
	}
	return e
}

// loads says whether the node touches memory.
func (n *node) loads() bool {
	if n.op == "call" || n.op == "deref" {
		return true
	}
	for _, a := range n.args {
		if a.loads() {
			return true
		}
	}
	return false
}

// lazy compiles an operator whose right side may only run if it must.
func (c *compiler) lazy(n *node) *expr {
	dst := c.temp(n.line)
	set := func(a *node) {
		v := c.value(a)
		if n.op != "?" {
			v = &expr{op: "!=", args: []*expr{v, constant(0)}}
		}
		c.emit(instr{kind: assign, dst: dst, value: v, line: n.line})
	}
	cond := c.value(n.args[0])
	if n.op == "||" {
		cond = &expr{op: "!", args: []*expr{cond}}
	}
	yes, no := n.args[1], &node{op: "num", line: n.line}
	switch n.op {
	case "||":
		no.n = 1
	case "?":
		no = n.args[2]
	}
	at := c.emit(instr{kind: branch, value: cond, line: n.line})
	c.ifs++
	set(yes)
	over := c.emit(instr{kind: jump, line: n.line})
	c.land(at)
	set(no)
	c.ifs--
	c.land(over)
	return register(dst)
}

// load emits a load from where the node points.
func (c *compiler) load(n, pointer *node, order memory.Order) *expr {
	addr := c.value(pointer)
	dst := c.temp(n.line)
	c.access(instr{op: memory.Op{Kind: memory.Load, Order: order}, addr: addr, dst: dst, line: n.line, text: nodeText(n)})
	return register(dst)
}

// access emits an operation on a word.
func (c *compiler) access(in instr) {
	in.kind = access
	if in.op.Kind != memory.RMW {
		in.guess = -1
		if c.before != nil {
			c.stale = true
		}
	}
	c.emit(in)
	c.last = recent{kind: in.op.Kind, ok: true}
	c.seen[in.op.Kind] = true
}

// nodeText writes a node for a schedule.
func nodeText(n *node) string {
	switch n.op {
	case "num":
		return fmt.Sprint(n.n)
	case "name":
		return n.text
	case "deref":
		return "*" + nodeText(n.args[0])
	case "addr":
		return "&" + nodeText(n.args[0])
	case "call":
		text := n.text + "("
		for i, a := range n.args {
			if i > 0 {
				text += ", "
			}
			text += nodeText(a)
		}
		return text + ")"
	case "?":
		return nodeText(n.args[0]) + " ? " + nodeText(n.args[1]) + " : " + nodeText(n.args[2])
	}
	if len(n.args) == 1 {
		return n.op + nodeText(n.args[0])
	}
	return nodeText(n.args[0]) + " " + n.op + " " + nodeText(n.args[1])
}
