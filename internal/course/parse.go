package course

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"ptsim/internal/quote"
)

// MaxText is how long a lesson may be.
const MaxText = 1 << 18

// parser reads a lesson line by line.
type parser struct {
	file  string
	lines []string
	next  int // the line that is read next, from 0
	line  int // the one that was read last, from 1

	l     *Lesson
	prose *Prose // that is being collected
	run   int    // the run that was read last, in l.Blocks; -1
	asked map[string]int
}

func (p *parser) errorf(what, expected string) error {
	return &Error{File: p.file, Line: max(p.line, 1), What: what, Expected: expected}
}

// read returns the next line.
func (p *parser) read() (string, bool) {
	if p.next >= len(p.lines) {
		return "", false
	}
	p.next++
	p.line = p.next
	return p.lines[p.next-1], true
}

// Parse reads a lesson. The package comment has the format; every error is an *[Error].
func Parse(file, text string) (*Lesson, error) {
	p := &parser{file: file, run: -1, asked: map[string]int{}}
	if len(text) > MaxText {
		return nil, p.errorf(fmt.Sprintf("%d bytes", len(text)), fmt.Sprintf("a lesson of at most %d", MaxText))
	}
	p.lines = strings.Split(text, "\n")
	for i, line := range p.lines {
		p.line = i + 1
		if !utf8.ValidString(line) || strings.ContainsFunc(line, control) {
			return nil, p.errorf("a character that is no text", "UTF-8 without control characters")
		}
	}
	p.line = 1
	p.l = &Lesson{File: file, Slug: strings.TrimSuffix(path.Base(file), ending)}
	if err := p.title(); err != nil {
		return nil, err
	}
	for {
		line, ok := p.read()
		if !ok {
			break
		}
		if err := p.block(line); err != nil {
			return nil, err
		}
	}
	p.endProse()
	return p.l, nil
}

// control tells whether a character could do something to a terminal, or turn the order of a text around.
func control(r rune) bool {
	return r != '\t' && r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' ||
		r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\ufeff'
}

var titleLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^# ([1-9][0-9]?)\. (\S.*)$`) })

// title reads the first line.
func (p *parser) title() error {
	line, _ := p.read()
	m := titleLine().FindStringSubmatch(line)
	if m == nil {
		return p.errorf("a lesson that begins with "+quote.Short(line), `"# NUMBER. TITLE"`)
	}
	p.l.Number, _ = strconv.Atoi(m[1])
	p.l.Title = m[2]
	if f := lessonFile().FindStringSubmatch(p.l.Slug); f != nil && f[1] != m[1] {
		return p.errorf("lesson "+m[1], "lesson "+f[1]+", as the name of the file says")
	}
	return nil
}

var sectionLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^### (Question|Exercise) ([0-9]{1,3})$`) })

// block reads what begins with this line.
func (p *parser) block(line string) error {
	begin := p.line
	switch {
	case strings.HasPrefix(line, "```"):
		info, body, err := p.fence(line)
		if err != nil {
			return err
		}
		switch info {
		case "run":
			return p.runBlock(begin, body)
		case "console":
			return p.consoleBlock(begin, body)
		}
		for _, l := range p.lines[begin-1 : p.next] {
			p.add(l)
		}
		return nil
	case strings.HasPrefix(line, checkBegin):
		c, err := p.check(line)
		if err != nil {
			return err
		}
		if p.prose == nil {
			return p.errorf("a check of nothing", "prose before it that says what is checked")
		}
		p.prose.Checks = append(p.prose.Checks, c)
		return nil
	case strings.HasPrefix(line, "# "):
		return p.errorf("a second title", "## or ### for what is in a lesson")
	case strings.HasPrefix(line, "### Question"), strings.HasPrefix(line, "### Exercise"):
		m := sectionLine().FindStringSubmatch(line)
		if m == nil {
			return p.errorf(quote.Short(line), `"### Question NUMBER" or "### Exercise NUMBER"`)
		}
		p.asked[m[1]]++
		if n := strconv.Itoa(p.asked[m[1]]); m[2] != n {
			return p.errorf(m[1]+" "+m[2], m[1]+" "+n)
		}
		p.endProse()
		return p.section(begin, m[1], p.asked[m[1]])
	case strings.HasPrefix(strings.TrimSpace(line), "<"):
		return p.errorf("HTML "+quote.Short(line), "markdown; a check, and the answer of a question, are all the HTML there is")
	}
	p.add(line)
	return nil
}

// add adds a line to the prose.
func (p *parser) add(line string) {
	if p.prose == nil {
		if strings.TrimSpace(line) == "" {
			return
		}
		p.prose = &Prose{Line: p.line}
	}
	p.prose.Text += line + "\n"
}

func (p *parser) endProse() {
	if p.prose == nil {
		return
	}
	p.prose.Text = strings.TrimRight(p.prose.Text, "\n") + "\n"
	p.l.Blocks = append(p.l.Blocks, p.prose)
	p.prose = nil
}

// fence reads the rest of a fenced block.
func (p *parser) fence(line string) (info string, body []string, err error) {
	begin := p.line
	info = strings.TrimSpace(strings.TrimPrefix(line, "```"))
	if strings.Contains(info, "`") {
		return "", nil, p.errorf(quote.Short(line), "``` and a word")
	}
	for {
		line, ok := p.read()
		if !ok {
			p.line = begin
			return "", nil, p.errorf("a code block that does not end", "```")
		}
		if strings.HasPrefix(line, "```") {
			if strings.TrimSpace(line) != "```" {
				return "", nil, p.errorf(quote.Short(line)+" in a code block", "``` at its end")
			}
			return info, body, nil
		}
		body = append(body, line)
	}
}

func (p *parser) consoleBlock(begin int, body []string) error {
	p.line = begin
	command, ok := strings.CutPrefix(first(body), "$ ")
	if !ok || !strings.HasPrefix(command, "ptsim") {
		return p.errorf("a console block that begins with "+quote.Short(first(body)), `"$ ptsim ..."`)
	}
	p.endProse()
	c := &Console{Line: begin, Command: command}
	for _, l := range body[1:] {
		c.Output += l + "\n"
	}
	p.l.Blocks = append(p.l.Blocks, c)
	return nil
}
