package litmus

import (
	"cmp"
	"slices"
	"strings"
)

// A cond says whether a final state fits: final holds the values of the test's Observed.
type cond func(final []int64) bool

// clauses reads what follows the processes: locations, filter and the condition.
func (p *parser) clauses() {
	var locations []Location
	seen := map[Location]bool{}
	observe := func(l Location) Location {
		if !seen[l] {
			seen[l] = true
			locations = append(locations, l)
		}
		return l
	}
	c := &condParser{parser: p, observe: observe}
	t := p.test
	var conds []func() cond // built when the places of the observed locations are known
	filter := -1
	for p.peek().kind != 0 {
		switch {
		case p.accept(";"):
		case p.accept("locations"):
			p.expect("[")
			for !p.accept("]") {
				if p.accept(";") {
					continue
				}
				observe(c.location())
				p.typeName()
				p.stars()
			}
		case p.accept("filter"):
			conds = append(conds, c.or())
			filter = len(conds) - 1
		case p.peek().text == "exists" || p.peek().text == "forall" || p.peek().text == "~":
			if t.Quantifier != "" {
				p.fail("a second condition")
			}
			if t.Quantifier = p.next().text; t.Quantifier == "~" {
				p.expect("exists")
				t.Quantifier = "~exists"
			}
			from := p.tokens
			conds = append(conds, c.or())
			t.CondText = condText(from[:len(from)-len(p.tokens)])
		default:
			p.fail("expected exists, ~exists, forall, filter or locations, not %s", p.quote(p.peek()))
		}
	}
	if t.Quantifier == "" {
		p.fail("expected a condition: exists, ~exists or forall")
	}
	slices.SortFunc(locations, func(a, b Location) int {
		if (a.Proc < 0) != (b.Proc < 0) {
			return cmp.Compare(b.Proc, a.Proc)
		}
		return cmp.Or(cmp.Compare(a.Proc, b.Proc), strings.Compare(a.Name, b.Name))
	})
	t.Observed = locations
	for i, build := range conds {
		if i == filter {
			t.Filter = build()
		} else {
			t.Cond = build()
		}
	}
	for _, l := range locations {
		if l.Proc >= 0 {
			t.Procs[l.Proc].observed |= 1 << l.Index
		}
	}
	for _, proc := range t.Procs {
		proc.finish()
	}
}

// condText writes a condition as herd7 does.
func condText(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		switch {
		case t.text == "/\\" || t.text == "\\/" || t.text == "=>":
			b.WriteString(" " + t.text + " ")
		case t.text == "not" || t.text == "~":
			b.WriteString(t.text + " ")
		case t.kind == 'n' && (i == 0 || tokens[i-1].text != ":" && tokens[i-1].text != "=" && tokens[i-1].text != "[") &&
			i+1 < len(tokens) && tokens[i+1].kind == 'o' && strings.ContainsAny(tokens[i+1].text, "=!<>"):
			b.WriteString("[" + t.text + "]")
		default:
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// condParser reads conditions: atoms such as 0:r1=1, x=2, [x]=y, with not, /\, \/ and =>.
type condParser struct {
	*parser
	observe func(Location) Location
}

// location reads 0:r1, P0:r1, x, [x] or *x.
func (c *condParser) location() Location {
	bracket := c.accept("[")
	c.accept("*")
	t := c.next()
	proc, named := process(t.text)
	if t.kind == '0' || named && c.peek().text == ":" {
		if !named {
			for _, d := range t.text {
				proc = proc*10 + int(d-'0')
			}
		}
		line := c.peek().line
		c.expect(":")
		name := c.name("a register")
		if proc < 0 || proc >= len(c.test.Procs) {
			c.failAt(line, false, "there is no P%d for %s", proc, name)
		}
		index := slices.Index(c.test.Procs[proc].Registers, name)
		if index < 0 { // it keeps its initial value, as in herd7
			if index = len(c.test.Procs[proc].Registers); index == 63 {
				c.failAt(line, true, "more than 63 registers and intermediate values in P%d", proc)
			}
			c.test.Procs[proc].Registers = append(c.test.Procs[proc].Registers, name)
			c.test.Warnings = append(c.test.Warnings, (&Error{c.test.Path, line, false, "P" + t.text + " never sets " + name}).Error())
		}
		return Location{proc, index, name}
	}
	if t.kind != 'n' {
		c.failAt(t.line, false, "expected a register or a variable, not %s", c.quote(t))
	}
	if bracket {
		c.expect("]")
	}
	w, ok := c.words[t.text]
	if !ok {
		c.failAt(t.line, false, "there is no variable %s", t.text)
	}
	return Location{-1, w, t.text}
}

func (c *condParser) or() func() cond {
	left := c.and()
	for {
		switch {
		case c.accept("\\/"):
			left = join(left, c.and(), func(a, b bool) bool { return a || b })
		case c.accept("=>"):
			left = join(left, c.or(), func(a, b bool) bool { return !a || b })
		default:
			return left
		}
	}
}

func (c *condParser) and() func() cond {
	left := c.atom()
	for c.accept("/\\") {
		left = join(left, c.atom(), func(a, b bool) bool { return a && b })
	}
	return left
}

func join(left, right func() cond, f func(a, b bool) bool) func() cond {
	return func() cond {
		l, r := left(), right()
		return func(v []int64) bool { return f(l(v), r(v)) }
	}
}

func (c *condParser) atom() func() cond {
	switch {
	case c.accept("not") || c.accept("~"):
		a := c.atom()
		return join(a, a, func(a, _ bool) bool { return !a })
	case c.accept("("):
		a := c.or()
		c.expect(")")
		return a
	case c.accept("true"):
		return func() cond { return func([]int64) bool { return true } }
	case c.accept("false"):
		return func() cond { return func([]int64) bool { return false } }
	}
	l := c.observe(c.location())
	op := c.next()
	if !slices.Contains([]string{"=", "==", "!=", "<", ">", "<=", ">="}, op.text) {
		c.failAt(op.line, false, "expected a comparison, as in x=1, not %s", c.quote(op))
	}
	right, value := Location{}, int64(0)
	isLocation := false
	if t := c.peek(); t.kind == '0' && c.ahead(1).text == ":" {
		right, isLocation = c.observe(c.location()), true
	} else {
		if t.kind == 'n' && t.text != "NULL" {
			if _, ok := c.words[t.text]; !ok {
				c.fail("there is no variable %s", t.text)
			}
		}
		if c.accept("NULL") {
			value = 0
		} else {
			value = c.initialValue()
		}
	}
	compare := &expr{op: op.text}
	if op.text == "=" {
		compare.op = "=="
	}
	return func() cond {
		i, j := slices.Index(c.test.Observed, l), slices.Index(c.test.Observed, right)
		return func(v []int64) bool {
			b := value
			if isLocation {
				b = v[j]
			}
			return (&expr{op: compare.op, args: []*expr{constant(v[i]), constant(b)}}).eval(nil) != 0
		}
	}
}
