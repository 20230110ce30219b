package scenario

import (
	"errors"

	"ptsim/internal/lines"
	"ptsim/lab"
)

// MaxErrors is how many errors Check reports.
const MaxErrors = 20

// Check returns all that is wrong with a text, in the order of its lines: what an editor marks while the text is written.
// Lines are read on their own, each that makes no sense is an error; only when all make sense Check looks at how the names in
// them fit together, and reports the first that does not. A text without an error is one that Parse takes.
func Check(file, text string) []*Error {
	var all []*Error
	p := newParser(file, text)
	p.all = &all
	err := p.parse(text)
	if err == nil && len(all) == 0 {
		err = lab.Sensible(p.s)
	}
	var last *Error
	if errors.As(err, &last) && len(all) < MaxErrors {
		all = append(all, last)
	}
	return all
}

// goOn keeps an error, and tells whether the lines behind it are read. A line that was to begin a part does begin it, so
// that what follows is not wrong for that alone.
func (p *parser) goOn(line string, err error) bool {
	var e *Error
	if p.all == nil || !errors.As(err, &e) || len(*p.all) == MaxErrors {
		return false
	}
	*p.all = append(*p.all, e)
	switch word, _ := lines.Word(line); word {
	case "title":
		p.s.Title = "?"
	case "task":
		p.s.Tasks = append(p.s.Tasks, Task{Line: p.line, Name: "?"})
		p.part, p.outer, p.ops = inTask, nil, &p.s.Tasks[len(p.s.Tasks)-1].Ops
	case "finally":
		p.part, p.outer = inFinally, nil
	case "either", "or", "end":
		if p.part == inTask {
			_ = p.branch(word)
		}
	}
	return true
}
