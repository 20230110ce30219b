package scenario

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ptsim/internal/labs"
	"ptsim/internal/lines"
	"ptsim/internal/quote"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/memory"
)

// Parse reads a scenario; file is what errors call it, and its last part without ending the scenario's name. What is
// wrong is told by an *Error: words that make no sense, and names that do not fit together.
func Parse(file, text string) (*Scenario, error) {
	p := newParser(file, text)
	if err := p.parse(text); err != nil {
		return nil, err
	}
	if err := lab.Sensible(p.s); err != nil {
		return nil, err
	}
	return p.s, nil
}

func newParser(file, text string) *parser {
	return &parser{s: &Scenario{File: file, Name: nameOf(file), Lab: labs.Default(), Source: text}}
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
	return &Error{File: p.s.File, Line: p.line, What: fmt.Sprintf(what, args...), Expected: expected}
}

func (p *parser) parse(text string) error {
	if len(text) > MaxText {
		return p.fail(fmt.Sprintf("at most %d", MaxText), "more than %d bytes of text", MaxText)
	}
	p.given = map[string]int{}
	in := lines.NewScanner(p.s.File, strings.NewReader(text), lines.Limits{Bytes: MaxLine, Prose: prose})
	for in.Scan() {
		p.line = in.Line()
		line, err := in.Text()
		if err == nil {
			err = p.directive(line)
		}
		if err != nil && !p.goOn(line, err) {
			return err
		}
	}
	p.line = in.Line()
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

// prose are the words behind which a # begins no comment.
var prose = []string{"title", "about", "schedule"}

// directive reads a line that says something.
func (p *parser) directive(line string) error {
	word, rest := lines.Word(line)
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
	if n := p.s.Lab.Noun(word); n != nil {
		return p.thing(n, args)
	}
	if set := p.s.Lab.Setting(word); set != nil {
		return p.setting(set, args)
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
	if !p.isHeader(word) {
		if p.s.Lab.Verb(word) != nil || word == lab.Either {
			return p.fail(`"task" and a name before it`, "the operation %s outside a task", word)
		}
		return p.unknown("word", word, p.setupWords())
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
	case "lab":
		return p.lab(rest)
	case "variant":
		r.Variant = rest
		return p.oneOf(word, rest, p.s.Lab.Variants())
	case "pin":
		r.Pin = rest
		return p.oneOf(word, rest, p.s.Lab.Pins())
	case "softirqs":
		if _, ok := lines.Number(rest, 1, MaxSoftirqs); !ok && rest != "cpu" {
			return p.fail(fmt.Sprintf(`1 to %d, or "cpu"`, MaxSoftirqs), "%s softirq CPUs", quote.Short(rest))
		}
		r.Softirqs = rest
	case "grace":
		if rest != "precise" && rest != "any" {
			return p.fail(`"precise" or "any"`, "unknown grace mode %s%s", quote.Short(rest), quote.Hint(rest, []string{"precise", "any"}))
		}
		r.Grace = rest
	case "memory":
		m, err := memory.ParseSpec(rest)
		if err != nil {
			return p.fail("sc, tso, lkmm-6.1 or lkmm-6.12", "unknown memory model %s%s", quote.Short(rest), quote.Hint(rest, memories()))
		}
		r.Memory = m.String()
	case "expect":
		if !validExpectation(args) {
			return p.fail(`"safe", or "violated" and a kind of violation, such as "violated use-after-free"`, "unknown verdict %s%s", quote.Short(rest), hintVerdict(args))
		}
		r.Expect = strings.Join(args, " ")
	}
	return nil
}

// memories are the names of the memory models.
func memories() []string {
	var names []string
	for _, s := range memory.Specs() {
		names = append(names, s.String())
	}
	return names
}

// headerWords are the directives about the whole scenario that are the language's own, and what follows each.
var headerWords = map[string]string{
	"lab": "NAME", "title": "TEXT", "about": "TEXT", "variant": "NAME", "pin": "NAME", "softirqs": "N", "grace": "MODE", "memory": "MODEL",
	"expect": "VERDICT", "schedule": "STRING",
}

// headers are the same, in the order in which they are listed.
var headers = []string{"lab", "title", "about", "variant", "pin", "softirqs", "grace", "memory", "expect", "schedule"}

// isHeader tells whether a word is a directive of the language. A lab whose versions come in one kind has no pin.
func (p *parser) isHeader(word string) bool {
	return headerWords[word] != "" && (word != "pin" || len(p.s.Lab.Pins()) > 0)
}

// setupWords are what a line before the first task may begin with.
func (p *parser) setupWords() []string {
	var list []string
	for _, word := range headers {
		if p.isHeader(word) {
			list = append(list, word)
		}
	}
	for _, s := range p.s.Lab.Settings {
		list = append(list, lab.Word(s.Form))
	}
	for _, n := range p.s.Lab.Nouns {
		list = append(list, lab.Word(n.Form))
	}
	return append(list, "task", "finally")
}

// lab reads whose words follow. Lines that were read before it were read as those of another lab.
func (p *parser) lab(name string) error {
	l, err := labs.Get(name)
	switch {
	case err != nil:
		return p.unknown("lab", name, labs.Names())
	case len(p.given) > 1 || len(p.s.Things) > 0 || len(p.s.Settings) > 0 || len(p.s.About) > 0:
		return p.fail("it in the first line", "lab %s behind other lines", name)
	}
	p.s.Lab = l
	return nil
}

// oneOf wants a word to be one of several.
func (p *parser) oneOf(what, word string, all []string) error {
	for _, w := range all {
		if w == word {
			return nil
		}
	}
	return p.unknown(what, word, all)
}

// unknown is the error about a word that is none of the names.
func (p *parser) unknown(what, word string, names []string) error {
	return lines.Unknown(p.s.File, p.line, what, word, names)
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
	return slices.Contains(violationNames(), args[1])
}

// violationNames are what a schedule may be expected to violate.
func violationNames() []string {
	return append([]string{Deadlock}, kern.KindNames()...)
}

// hintVerdict is which verdict was perhaps meant: "" if none is near.
func hintVerdict(args []string) string {
	if len(args) == 2 && args[0] == "violated" {
		return quote.Hint(args[1], violationNames())
	}
	return quote.Hint(strings.Join(args, " "), append(violationNames(), "safe", "violated"))
}

func (p *parser) name(s string, to *string) error {
	if !lines.ValidName(s, MaxName) {
		return p.fail(lines.NameForm, "%s is no name", quote.Short(s))
	}
	*to = s
	return nil
}
