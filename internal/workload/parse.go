package workload

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ptsim/internal/lines"
	"ptsim/internal/quote"
)

// parser reads a workload's text, a line at a time.
type parser struct {
	name  string
	line  int
	spec  *Spec
	class *Class
	files map[string]int
	kinds map[string]*Class
}

// directive is what a line may begin with.
type directive struct {
	usage string
	parse func(p *parser, args []string) error
}

// Error says what is wrong with a text, and where.
type Error = lines.Error

// Limits that keep a bad text from taking the machine with it.
const (
	maxCPUs      = 1024
	maxProcesses = 10_000_000
	maxSize      = 1 << 46
	maxRate      = 1e9
	maxDuration  = 10_000 * time.Hour
	maxLine      = 1000 // bytes
	maxName      = 100  // bytes
	maxLines     = 10_000
)

// Parse reads a workload. name is what errors call it.
func Parse(name string, in io.Reader) (*Spec, error) {
	p := &parser{name: name, files: map[string]int{}, kinds: map[string]*Class{}, spec: &Spec{
		Name: name, Duration: 10 * time.Second, CPUs: 8, GracePeriod: 10 * time.Millisecond,
	}}
	text := lines.NewScanner(name, in, lines.Limits{Bytes: maxLine, Lines: maxLines, Prose: []string{"about"}})
	for text.Scan() {
		line, err := text.Text()
		if err != nil {
			return nil, err
		}
		p.line = text.Line()
		if err := p.parseLine(strings.Fields(line)); err != nil {
			return nil, err
		}
	}
	if err := text.Err(); err != nil {
		return nil, err
	}
	if len(p.spec.Classes) == 0 {
		return nil, &Error{File: name, What: "no process", Expected: `at least one, such as "process web"`}
	}
	for _, c := range p.spec.Classes {
		p.line = c.line
		if err := p.check(c); err != nil {
			return nil, err
		}
	}
	return p.spec, nil
}

func (p *parser) fail(expected, what string, args ...any) error {
	return &Error{File: p.name, Line: p.line, What: fmt.Sprintf(what, args...), Expected: expected}
}

func (p *parser) parseLine(fields []string) error {
	if d, ok := global[fields[0]]; ok {
		return p.run(d, fields)
	}
	d, ok := ofProcess[fields[0]]
	if !ok {
		names := []string{}
		for k := range global {
			names = append(names, k)
		}
		if p.class != nil {
			for k := range ofProcess {
				names = append(names, k)
			}
		}
		slices.Sort(names)
		return lines.Unknown(p.name, p.line, "word", fields[0], names)
	}
	if p.class == nil {
		return p.fail(`"process NAME" before it`, "%s belongs to a process", fields[0])
	}
	return p.run(d, fields)
}

func (p *parser) run(d directive, fields []string) error {
	var told *Error
	switch err := d.parse(p, fields[1:]); {
	case errors.As(err, &told):
		return err
	case err != nil:
		return p.fail(strings.Join(strings.Fields(fields[0]+" "+d.usage), " "), "%s: %v", fields[0], err)
	}
	return nil
}

// named wants a word to be a name, as all small languages have them.
func (p *parser) named(word string) error {
	if !lines.ValidName(word, maxName) {
		return p.fail(lines.NameForm, "%s is no name", quote.Short(word))
	}
	return nil
}

// check looks at a class as a whole, and lays it out.
func (p *parser) check(c *Class) error {
	switch {
	case c.Count == 0 && c.Arrive == 0:
		return p.fail("count or arrive", "process %s: there are none", c.Name)
	case c.Exec && c.Fork == nil:
		return p.fail("fork before it", "process %s: exec without fork", c.Name)
	case c.Exec && len(c.Maps) == 0:
		return p.fail("anon or map", "process %s: exec, and nothing mapped after it", c.Name)
	case c.Fork == nil && len(c.Maps) == 0:
		return p.fail("anon, map or fork", "process %s: nothing mapped", c.Name)
	}
	if c.Grow > 0 && !slices.ContainsFunc(c.Maps, func(m Mapping) bool { return m.File < 0 }) {
		return p.fail("anon", "process %s: nothing of its own can grow", c.Name)
	}
	if !p.spec.place(c) {
		return p.fail("at most 4P in all", "process %s: its mappings do not fit into the address space", c.Name)
	}
	return nil
}
