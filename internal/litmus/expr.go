package litmus

import "ptsim/memory"

// An expr is an expression of registers and constants: what loads is an instruction of its own.
type expr struct {
	op   string // "const", "reg", or a C operator; "?" is the conditional one
	n    int64  // the constant, or the register
	args []*expr
}

func constant(n int64) *expr { return &expr{op: "const", n: n} }
func register(r int) *expr   { return &expr{op: "reg", n: int64(r)} }

// registers returns the set of registers that the expression reads.
func (e *expr) registers() (set uint64) {
	if e == nil {
		return 0
	}
	if e.op == "reg" {
		return 1 << e.n
	}
	for _, a := range e.args {
		set |= a.registers()
	}
	return set
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// eval returns the value. Division by zero is zero: there is no good answer, and no test divides.
func (e *expr) eval(regs []int64) int64 {
	switch e.op {
	case "const":
		return e.n
	case "reg":
		return regs[e.n]
	case "?":
		if e.args[0].eval(regs) != 0 {
			return e.args[1].eval(regs)
		}
		return e.args[2].eval(regs)
	}
	a := e.args[0].eval(regs)
	if len(e.args) == 1 {
		switch e.op {
		case "!":
			return truth(a == 0)
		case "~":
			return ^a
		case "-":
			return -a
		}
		return a
	}
	b := e.args[1].eval(regs)
	switch e.op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "&":
		return a & b
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "<<":
		return a << uint64(b)
	case ">>":
		return a >> uint64(b)
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<":
		return truth(a < b)
	case ">":
		return truth(a > b)
	case "<=":
		return truth(a <= b)
	case ">=":
		return truth(a >= b)
	case "&&":
		return truth(a != 0 && b != 0)
	case "||":
		return truth(a != 0 || b != 0)
	case "/", "%":
		if b == 0 {
			return 0
		}
		if e.op == "/" {
			return a / b
		}
		return a % b
	}
	panic("litmus: no operator " + e.op)
}

// deps returns what the value depends on.
func (e *expr) deps(m memory.Machine, cpu int) (d memory.Deps) {
	if e == nil {
		return 0
	}
	if e.op == "reg" {
		return m.Deps(cpu, int(e.n))
	}
	for _, a := range e.args {
		d |= a.deps(m, cpu)
	}
	return d
}
