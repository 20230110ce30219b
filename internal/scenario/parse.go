package scenario

import (
	"fmt"
	"path"
	"strings"

	"ptsim/internal/quote"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// Parse reads a scenario; file is what errors call it, and its last part without ending the scenario's name. What is
// wrong is told by an *Error: words that make no sense, and names that do not fit together.
func Parse(file, text string) (*Scenario, error) {
	p := &parser{s: &Scenario{File: file, Name: nameOf(file), Source: text}}
	if err := p.parse(text); err != nil {
		return nil, err
	}
	if err := resolve(p.s); err != nil {
		return nil, err
	}
	return p.s, nil
}

func nameOf(file string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	return strings.TrimSuffix(base, path.Ext(base))
}

// parser holds what a line means: in which part of the file it stands.
type parser struct {
	s     *Scenario
	line  int
	part  part
	given map[string]int // directives that may be given once, and the line of each
	ops   *[]Op          // where operations go
	outer *[]Op          // where they go after the branches of an either

	all *[]*Error // where errors go if parsing goes on behind them
}

type part uint8

const (
	inSetup part = iota
	inTask
	inFinally
)

func (p *parser) fail(expected, what string, args ...any) error {
	return &Error{p.s.File, p.line, fmt.Sprintf(what, args...), expected}
}

func (p *parser) parse(text string) error {
	if len(text) > MaxText {
		return p.fail(fmt.Sprintf("at most %d", MaxText), "more than %d bytes of text", MaxText)
	}
	p.given = map[string]int{}
	for line := range strings.Lines(text) {
		p.line++
		if err := p.readLine(strings.TrimRight(line, "\r\n")); err != nil && !p.goOn(line, err) {
			return err
		}
	}
	switch {
	case p.outer != nil:
		return p.fail(`"end"`, "the file ends inside an either")
	case p.s.Title == "":
		p.line = 0
		return p.fail(`"title" and a few words`, "no title")
	case len(p.s.Tasks) == 0:
		p.line = 0
		return p.fail(`at least one, such as "task exit"`, "no task")
	}
	return nil
}

// readLine reads a line of any kind.
func (p *parser) readLine(line string) error {
	if len(line) > MaxLine {
		return p.fail(fmt.Sprintf("at most %d bytes", MaxLine), "line too long")
	}
	for i := range len(line) {
		if (line[i] < ' ' || line[i] > '~') && line[i] != '\t' {
			return p.fail("a text file", "byte %#02x is no printable ASCII", line[i])
		}
	}
	if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
		return nil
	}
	return p.directive(line)
}

// directive reads a line that says something.
func (p *parser) directive(line string) error {
	word, rest, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	rest = strings.TrimSpace(rest)
	if isProse := word == "title" || word == "about" || word == "schedule"; !isProse {
		if i := strings.IndexByte(rest, '#'); i == 0 || i > 0 && rest[i-1] == ' ' {
			rest = strings.TrimSpace(rest[:i])
		}
	}
	args := strings.Fields(rest)
	switch {
	case word == "task":
		return p.task(args)
	case word == "finally":
		return p.finally(args)
	case p.part == inTask:
		return p.operation(word, args)
	case p.part == inFinally:
		return p.ending(word, args)
	}
	if read, ok := setupLines[word]; ok {
		return read(p, args)
	}
	return p.header(word, rest, args)
}

// once notes a directive that makes no sense twice.
func (p *parser) once(word string) error {
	if at := p.given[word]; at > 0 {
		return p.fail("it once", "%s a second time, after line %d", word, at)
	}
	p.given[word] = p.line
	return nil
}

// header reads a directive about the whole scenario.
func (p *parser) header(word, rest string, args []string) error {
	if word == "about" {
		if len(p.s.About) >= MaxThings*4 {
			return p.fail(fmt.Sprintf("at most %d lines", MaxThings*4), "too much about")
		}
		p.s.About = append(p.s.About, rest)
		return nil
	}
	if _, known := headerWords[word]; !known {
		if opKindOf(word) != NoOp {
			return p.fail(`"task" and a name before it`, "the operation %s outside a task", word)
		}
		return p.fail("one of "+headerNames, "unknown word %s", quote.Short(word))
	}
	if err := p.once(word); err != nil {
		return err
	}
	if rest == "" {
		return p.fail(fmt.Sprintf("%q", word+" "+headerWords[word]), "%s of nothing", word)
	}
	r := &p.s.Run
	switch word {
	case "title":
		p.s.Title = rest
	case "schedule":
		r.Schedule = rest
	case "variant":
		if _, err := pgalloc.ParseVariant(rest); err != nil {
			return p.outside(err)
		}
		r.Variant = rest
	case "pin":
		if _, err := pgalloc.ParsePin(rest); err != nil {
			return p.outside(err)
		}
		r.Pin = rest
	case "softirqs":
		if _, ok := number(rest, 1, MaxSoftirqs); !ok && rest != "cpu" {
			return p.fail(fmt.Sprintf(`1 to %d, or "cpu"`, MaxSoftirqs), "%s softirq CPUs", quote.Short(rest))
		}
		r.Softirqs = rest
	case "grace":
		if rest != "precise" && rest != "any" {
			return p.fail(`"precise" or "any"`, "unknown grace mode %s", quote.Short(rest))
		}
		r.Grace = rest
	case "expect":
		if !validExpectation(args) {
			return p.fail(`"safe", or "violated" and a kind of violation, such as "violated use-after-free"`, "unknown verdict %s", quote.Short(rest))
		}
		r.Expect = strings.Join(args, " ")
	case "batch":
		return p.number(rest, 1, MaxBatch, "tables in a batch", &p.s.Batch)
	case "without":
		if rest != "lazy-flush" {
			return p.fail(`"without lazy-flush"`, "without %s", quote.Short(rest))
		}
		p.s.NoLazyFlush = true
	}
	return nil
}

// headerWords are the directives about the whole scenario, and what follows each.
var headerWords = map[string]string{
	"title": "TEXT", "about": "TEXT", "variant": "NAME", "pin": "NAME", "softirqs": "N", "grace": "MODE",
	"expect": "VERDICT", "schedule": "STRING", "batch": "N", "without": "lazy-flush",
}

const headerNames = "title, about, variant, pin, softirqs, grace, expect, schedule, batch, without, mm, page, file, vma, task, finally"

// outside turns an error of pgalloc, which says what was expected, into one with a place.
func (p *parser) outside(err error) error {
	what, expected, _ := strings.Cut(err.Error(), "; expected ")
	return p.fail(expected, "%s", what)
}

// Deadlock is what expect calls a state in which every CPU waits for another, which no single CPU can report.
const Deadlock = "deadlock"

func validExpectation(args []string) bool {
	if len(args) == 1 {
		return args[0] == "safe"
	}
	if len(args) != 2 || args[0] != "violated" {
		return false
	}
	if args[1] == Deadlock {
		return true
	}
	for k := kern.NoViolation + 1; !strings.HasPrefix(k.String(), "kind("); k++ {
		if k.String() == args[1] {
			return true
		}
	}
	return false
}

func (p *parser) number(s string, lo, hi int, of string, to *int) error {
	v, ok := number(s, lo, hi)
	if !ok {
		return p.fail(fmt.Sprintf("%d to %d", lo, hi), "%s %s", quote.Short(s), of)
	}
	*to = v
	return nil
}

// number reads a decimal number without a sign.
func number(s string, lo, hi int) (int, bool) {
	v := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if v = v*10 + int(s[i]-'0'); v > hi {
			return 0, false
		}
	}
	return v, s != "" && v >= lo
}

func (p *parser) mm(s string, to *int) error {
	v, ok := number(s, 1, MaxMM)
	if !ok {
		return p.fail(fmt.Sprintf("1 to %d", MaxMM), "%s is no number of an mm", quote.Short(s))
	}
	*to = v
	return nil
}

func (p *parser) name(s string, to *string) error {
	if !validName(s) {
		return p.fail("letters, digits and _, not digits alone, such as t1", "%s is no name", quote.Short(s))
	}
	*to = s
	return nil
}

func validName(s string) bool {
	letters := 0
	for i := range len(s) {
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9':
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch == '_':
			letters++
		default:
			return false
		}
	}
	return letters > 0 && len(s) <= MaxName
}
