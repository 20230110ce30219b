package litmus

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// parser reads the tokens of one test.
type parser struct {
	test   *Test
	tokens []token
	words  map[string]int
	types  map[string]string // of words, where the init section says one
	inits  []regInit

	first, behind []token // the init section, and what follows the processes
	procs         []*source
	at            *source // that is being read
}

// regInit is a register's initial value, as in {0:r1=x}.
type regInit struct {
	proc  int
	name  string
	value int64
	line  int
}

var result = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)\bResult:\s*(Never|Sometimes|Always|DEADLOCK)\b`)
})

// failure carries an Error out of the parser.
type failure struct{ *Error }

// Parse reads a litmus test. Path is what errors and reports call it.
func Parse(path, text string) (*Test, error) {
	p, err := parse(path, text)
	if err != nil {
		return nil, err
	}
	return p.test, nil
}

func parse(path, text string) (p *parser, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			p, err = nil, f.Error
		}
	}()
	p = &parser{test: &Test{Path: path, Domains: 1}, words: map[string]int{}, types: map[string]string{}}
	if m := result().FindStringSubmatch(text); m != nil {
		p.test.Result = m[1]
	}
	p.tokens, err = lex(path, text)
	if err != nil {
		return nil, err
	}
	p.header(text)
	p.initial()
	for {
		n, ok := process(p.peek().text)
		if !ok {
			break
		}
		if n != len(p.procs) {
			p.fail("expected P%d, not P%d: processes are numbered in order", len(p.procs), n)
		}
		p.procs = append(p.procs, p.process())
	}
	if len(p.procs) == 0 {
		p.fail("expected a process, P0(...), not %s", p.quote(p.peek()))
	}
	p.behind = p.tokens
	p.compile(p.procs)
	p.clauses()
	return p, nil
}

func (p *parser) failAt(line int, unsupported bool, format string, args ...any) {
	panic(failure{&Error{p.test.Path, line, unsupported, fmt.Sprintf(format, args...)}})
}

func (p *parser) fail(format string, args ...any) { p.failAt(p.peek().line, false, format, args...) }

func (p *parser) unsupported(format string, args ...any) {
	p.failAt(p.peek().line, true, format, args...)
}

func (p *parser) quote(t token) string {
	if t.kind == 0 {
		return t.text
	}
	return strconv.Quote(t.text)
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) ahead(n int) token { return p.tokens[min(n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != 0 {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept takes the token if it is this one.
func (p *parser) accept(text string) bool {
	if t := p.peek(); t.text != text || t.kind == 0 || t.kind == '"' {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail("expected %q, not %s", text, p.quote(p.peek()))
	}
}

func (p *parser) name(what string) string {
	t := p.peek()
	if t.kind != 'n' {
		p.fail("expected %s, not %s", what, p.quote(t))
	}
	return p.next().text
}

func (p *parser) number() int64 {
	negative := p.accept("-")
	t := p.next()
	n, err := strconv.ParseInt(strings.TrimRight(t.text, "uUlL"), 0, 64)
	if t.kind != '0' || err != nil {
		p.failAt(t.line, false, "expected a number, not %s", p.quote(t))
	}
	if negative {
		return -n
	}
	return n
}

// header reads the first line, "C name", and skips what comes before the init section.
func (p *parser) header(text string) {
	arch := p.peek()
	if arch.kind == 0 {
		p.fail("expected a litmus test, which begins with C and its name, not an empty file")
	}
	if arch.text != "C" {
		if arch.kind == 'n' {
			p.failAt(arch.line, true, "a test for %s: only C litmus tests are read", arch.text)
		}
		p.fail("expected C and the name of the test, not %s", p.quote(arch))
	}
	line := strings.Split(text, "\n")[arch.line-1]
	_, rest, _ := strings.Cut(line, "C")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		p.fail("expected the name of the test behind C")
	}
	p.test.Name = fields[0]
	for p.peek().text != "{" || p.peek().kind != 'o' {
		if p.next().kind == 0 {
			p.fail("expected { and the initial values, not the end of the file")
		}
	}
}

// addWord returns the word with this name, which it makes if there is none.
func (p *parser) addWord(name string) int {
	w, ok := p.words[name]
	if !ok {
		w = len(p.test.Words)
		if w == 200 {
			p.unsupported("more than 200 words")
		}
		p.words[name] = w
		p.test.Words = append(p.test.Words, Word{Name: name})
	}
	return w
}

var typeNames = map[string]bool{
	"int": true, "long": true, "short": true, "char": true, "unsigned": true, "signed": true, "bool": true, "_Bool": true, "void": true,
	"volatile": true, "const": true, "atomic_t": true, "atomic64_t": true, "atomic_long_t": true, "spinlock_t": true,
	"raw_spinlock_t": true, "intptr_t": true, "uintptr_t": true, "u8": true, "u16": true, "u32": true, "u64": true, "s32": true, "s64": true,
	"uint32_t": true, "uint64_t": true, "int32_t": true, "int64_t": true, "size_t": true,
}

// typeName reads a type without its stars, and says whether there was one.
func (p *parser) typeName() (string, bool) {
	first := ""
	for {
		switch t := p.peek(); {
		case t.kind == 'n' && t.text == "struct":
			if p.next(); p.peek().text != "srcu_struct" && p.peek().text != "mutex" {
				p.unsupported("struct %s: only struct srcu_struct", p.peek().text)
			}
			first = "struct " + p.peek().text
			p.next()
		case t.kind == 'n' && typeNames[t.text]:
			p.next()
			if first == "" || first == "volatile" || first == "const" {
				first = t.text
			}
		default:
			return first, first != ""
		}
	}
}

func (p *parser) stars() (n int) {
	for p.accept("*") || p.accept("const") || p.accept("volatile") {
		n++
	}
	return n
}

// initial reads the init section: {int x=1; int *p=x; atomic_t a=ATOMIC_INIT(1); y=2; 0:r1=x;}.
func (p *parser) initial() {
	p.expect("{")
	p.first = p.tokens
	defer func() { p.first = p.first[:len(p.first)-len(p.tokens)-1] }()
	for !p.accept("}") {
		if p.accept(";") {
			continue
		}
		if p.peek().kind == '0' {
			proc := int(p.number())
			p.expect(":")
			p.typeName()
			p.stars()
			line := p.peek().line
			name := p.name("a register")
			p.expect("=")
			p.inits = append(p.inits, regInit{proc, name, p.initialValue(), line})
		} else {
			typ, _ := p.typeName()
			for more := true; more; more = p.accept(",") {
				p.stars()
				bracket := p.accept("[")
				w := p.addWord(p.name("a variable"))
				if bracket {
					p.expect("]")
				}
				p.types[p.test.Words[w].Name] = typ
				if p.peek().text == "[" {
					p.unsupported("an array")
				}
				if p.accept("=") {
					p.test.Words[w].Init = p.initialValue()
				}
			}
		}
		if p.peek().text != "}" {
			p.expect(";")
		}
	}
}

func (p *parser) initialValue() int64 {
	p.accept("&")
	t := p.peek()
	switch {
	case t.text == "(":
		p.next()
		v := p.initialValue()
		p.expect(")")
		return v
	case t.text == "ATOMIC_INIT" || t.text == "ATOMIC64_INIT":
		p.next()
		p.expect("(")
		v := p.number()
		p.expect(")")
		return v
	case t.text == "SPIN_LOCK_UNLOCKED":
		p.next()
		return 0
	case t.text == "{":
		p.unsupported("an array or a struct")
	case t.kind == 'n':
		p.next()
		return pointers + int64(p.addWord(t.text))
	}
	return p.number()
}
