package workload

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

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

// ParseError says what is wrong with a text, and where.
type ParseError struct {
	File string
	Line int
	Msg  string
}

func (e *ParseError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// Limits that keep a bad text from taking the machine with it.
const (
	maxCPUs      = 1024
	maxProcesses = 10_000_000
	maxSize      = 1 << 46
	maxRate      = 1e9
	maxDuration  = 10_000 * time.Hour
	maxLines     = 10_000
)

// Parse reads a workload. name is what errors call it.
func Parse(name string, in io.Reader) (*Spec, error) {
	p := &parser{name: name, files: map[string]int{}, kinds: map[string]*Class{}, spec: &Spec{
		Name: name, Duration: 10 * time.Second, CPUs: 8, GracePeriod: 10 * time.Millisecond,
	}}
	sc := bufio.NewScanner(in) // of lines up to bufio.MaxScanTokenSize
	for sc.Scan() {
		if p.line++; p.line > maxLines {
			return nil, p.errorf("more than %d lines", maxLines)
		}
		text, _, _ := strings.Cut(sc.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		if err := p.parseLine(fields); err != nil {
			return nil, err
		}
	}
	switch err := sc.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		p.line++
		return nil, p.errorf("line too long; expected at most %d bytes", bufio.MaxScanTokenSize-1)
	case err != nil:
		return nil, p.errorf("cannot read on: %v", err)
	}
	if len(p.spec.Classes) == 0 {
		return nil, p.errorf("no process; expected at least one \"process NAME\"")
	}
	for _, c := range p.spec.Classes {
		p.line = c.line
		if err := p.check(c); err != nil {
			return nil, err
		}
	}
	return p.spec, nil
}

func (p *parser) errorf(format string, args ...any) error {
	return &ParseError{p.name, p.line, fmt.Sprintf(format, args...)}
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
		return p.errorf("unknown word %s; %s", quote.Short(fields[0]), quote.Expected(fields[0], names))
	}
	if p.class == nil {
		return p.errorf("%s belongs to a process; expected \"process NAME\" before it", fields[0])
	}
	return p.run(d, fields)
}

func (p *parser) run(d directive, fields []string) error {
	if err := d.parse(p, fields[1:]); err != nil {
		return p.errorf("%s: %v; expected %s", fields[0], err, strings.Join(strings.Fields(fields[0]+" "+d.usage), " "))
	}
	return nil
}

// check looks at a class as a whole, and lays it out.
func (p *parser) check(c *Class) error {
	switch {
	case c.Count == 0 && c.Arrive == 0:
		return p.errorf("process %s: there are none; expected count or arrive", c.Name)
	case c.Exec && c.Fork == nil:
		return p.errorf("process %s: exec without fork", c.Name)
	case c.Exec && len(c.Maps) == 0:
		return p.errorf("process %s: exec, and nothing mapped after it", c.Name)
	case c.Fork == nil && len(c.Maps) == 0:
		return p.errorf("process %s: nothing mapped; expected anon, map or fork", c.Name)
	}
	if c.Grow > 0 && !slices.ContainsFunc(c.Maps, func(m Mapping) bool { return m.File < 0 }) {
		return p.errorf("process %s: nothing of its own can grow; expected anon", c.Name)
	}
	if !p.spec.place(c) {
		return p.errorf("process %s: its mappings do not fit into the address space", c.Name)
	}
	return nil
}
