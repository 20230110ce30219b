package litmus

import "strings"

// source is a process as it is written.
type source struct {
	params []string
	types  []string // of the parameters: "int *"
	decls  []string // what the body declares: "int *r1"
	body   []*stmt
}

// A stmt is a statement of C: a declaration, an assignment, an expression, if or a block.
type stmt struct {
	kind string // "=", "expr", "if", "block"
	line int
	left *node // of "="; the condition of "if"
	node *node
	then []*stmt
	els  []*stmt
}

// A node is an expression of C as it is written.
type node struct {
	op   string // "num", "name", "call", "deref", "addr", "?", or an operator
	line int
	text string // a name, or what is called
	n    int64
	args []*node
}

// process reads P0(int *x, spinlock_t *l) { ... }.
func (p *parser) process() *source {
	p.next()
	s := &source{}
	p.at = s
	p.expect("(")
	for !p.accept(")") {
		if len(s.params) > 0 {
			p.expect(",")
		}
		typ, ok := p.typeName()
		if !ok {
			p.fail("expected the type of a parameter, not %s", p.quote(p.peek()))
		}
		if typ == "void" && p.peek().text == ")" {
			continue
		}
		stars := p.stars()
		name := p.name("a parameter")
		if stars == 0 {
			p.unsupported("parameter %s is no pointer", name)
		}
		if p.peek().text == "[" {
			p.unsupported("an array")
		}
		w := p.addWord(name)
		if p.types[p.test.Words[w].Name] == "" {
			p.types[p.test.Words[w].Name] = typ
		}
		s.params, s.types = append(s.params, name), append(s.types, typ+" "+strings.Repeat("*", stars))
	}
	p.expect("{")
	s.body = p.block()
	return s
}

// block reads statements up to the closing brace.
func (p *parser) block() (body []*stmt) {
	for !p.accept("}") {
		if p.peek().kind == 0 {
			p.fail("expected }, not the end of the file")
		}
		body = append(body, p.statement()...)
	}
	return body
}

func (p *parser) statement() []*stmt {
	t := p.peek()
	switch {
	case p.accept(";"):
		return nil
	case p.accept("{"):
		return p.block()
	case p.accept("if"):
		s := &stmt{kind: "if", line: t.line}
		p.expect("(")
		s.left = p.expression()
		p.expect(")")
		s.then = p.statement()
		if p.accept("else") {
			s.els = p.statement()
		}
		return []*stmt{s}
	case t.kind == 'n' && (t.text == "while" || t.text == "for" || t.text == "do" || t.text == "goto"):
		p.unsupported("%s: a litmus test has no loops here", t.text)
	case t.kind == 'n' && (t.text == "return" || t.text == "switch" || t.text == "break" || t.text == "continue"):
		p.unsupported("%s", t.text)
	}
	if typ, ok := p.typeName(); ok {
		return p.declaration(typ)
	}
	s := p.simple()
	p.expect(";")
	return []*stmt{s}
}

// declaration reads the names behind a type; those with a value are assignments.
func (p *parser) declaration(typ string) (all []*stmt) {
	for {
		stars := p.stars()
		t := p.peek()
		p.name("a variable")
		p.at.decls = append(p.at.decls, typ+" "+strings.Repeat("*", stars)+t.text)
		if p.peek().text == "[" {
			p.unsupported("an array")
		}
		if p.accept("=") {
			left := &node{op: "name", line: t.line, text: t.text}
			all = append(all, &stmt{kind: "=", line: t.line, left: left, node: p.expression()})
		}
		if !p.accept(",") {
			p.expect(";")
			return all
		}
	}
}

// simple reads an assignment or a call.
func (p *parser) simple() *stmt {
	line := p.peek().line
	left := p.expression()
	if p.accept("=") {
		return &stmt{kind: "=", line: line, left: left, node: p.expression()}
	}
	if t := p.peek(); t.kind == 'o' && len(t.text) == 2 && t.text[1] == '=' {
		p.next()
		return &stmt{kind: "=", line: line, left: left, node: &node{op: t.text[:1], line: line, args: []*node{left, p.expression()}}}
	}
	if t := p.peek().text; t == "++" || t == "--" {
		p.next()
		one := &node{op: "num", line: line, n: 1}
		return &stmt{kind: "=", line: line, left: left, node: &node{op: t[:1], line: line, args: []*node{left, one}}}
	}
	return &stmt{kind: "expr", line: line, node: left}
}

var precedence = map[string]int{
	"||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7, "<<": 8, ">>": 8, "+": 9, "-": 9,
	"*": 10, "/": 10, "%": 10,
}

func (p *parser) expression() *node {
	cond := p.binary(1)
	if line := p.peek().line; p.accept("?") {
		yes := p.expression()
		p.expect(":")
		return &node{op: "?", line: line, args: []*node{cond, yes, p.expression()}}
	}
	return cond
}

func (p *parser) binary(least int) *node {
	left := p.unary()
	for {
		t := p.peek()
		prec := precedence[t.text]
		if t.kind != 'o' || prec == 0 || prec < least {
			return left
		}
		p.next()
		left = &node{op: t.text, line: t.line, args: []*node{left, p.binary(prec + 1)}}
	}
}

func (p *parser) unary() *node {
	t := p.peek()
	if t.kind == 'o' {
		switch t.text {
		case "!", "~", "-":
			p.next()
			return &node{op: t.text, line: t.line, args: []*node{p.unary()}}
		case "+":
			p.next()
			return p.unary()
		case "*":
			p.next()
			return &node{op: "deref", line: t.line, args: []*node{p.unary()}}
		case "&":
			p.next()
			return &node{op: "addr", line: t.line, args: []*node{p.unary()}}
		case "(":
			p.next()
			if _, ok := p.typeName(); ok { // a cast
				p.stars()
				p.expect(")")
				return p.unary()
			}
			e := p.expression()
			p.expect(")")
			return p.postfix(e)
		}
	}
	return p.postfix(p.primary())
}

func (p *parser) postfix(e *node) *node {
	switch t := p.peek(); {
	case t.kind == 'o' && t.text == "[":
		p.unsupported("an array")
	case t.kind == 'o' && (t.text == "->" || t.text == "."):
		p.unsupported("a member of a struct")
	}
	return e
}

func (p *parser) primary() *node {
	t := p.peek()
	switch t.kind {
	case '0':
		return &node{op: "num", line: t.line, n: p.number()}
	case 'n':
		p.next()
		if t.text == "NULL" || t.text == "false" {
			return &node{op: "num", line: t.line}
		}
		if t.text == "true" {
			return &node{op: "num", line: t.line, n: 1}
		}
		if !p.accept("(") {
			return &node{op: "name", line: t.line, text: t.text}
		}
		call := &node{op: "call", line: t.line, text: t.text}
		for !p.accept(")") {
			if len(call.args) > 0 {
				p.expect(",")
			}
			call.args = append(call.args, p.expression())
		}
		return call
	}
	p.fail("expected an expression, not %s", p.quote(t))
	return nil
}
