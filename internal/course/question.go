package course

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ptsim/internal/prose"
	"ptsim/internal/quote"
)

// What a question and an exercise are made of.
const (
	answerBegin = "<details><summary>Answer</summary>"
	answerEnd   = "</details>"
	maskBlank   = "`??|??|??`"
	chooseAll   = "Choose all that hold."
	sources     = "Source: "
)

// maskBits are the choices of a question for a mask, in the order in which masks are printed.
var maskBits = []string{"P1", "P0", "H1", "H0", "A1", "A0"}

// section reads a question or an exercise up to the next heading.
func (p *parser) section(begin int, kind string, number int) error {
	var ask, answer []string
	var checks []Check
	into, folded := &ask, false
	run := p.run
	for p.next < len(p.lines) {
		line := p.lines[p.next]
		if heading(line) {
			break
		}
		p.read()
		switch {
		case strings.HasPrefix(line, "```"):
			from := p.line
			if _, _, err := p.fence(line); err != nil {
				return err
			}
			*into = append(*into, p.lines[from-1:p.next]...)
		case strings.HasPrefix(line, aboutBegin):
			var err error
			if run, err = p.about(line); err != nil {
				return err
			}
		case strings.HasPrefix(line, checkBegin):
			c, err := p.check(line)
			if err != nil {
				return err
			}
			checks = append(checks, c)
		case line == answerBegin && !folded:
			into, folded = &answer, true
		case line == answerEnd && into == &answer:
			into = nil
		case strings.HasPrefix(strings.TrimSpace(line), "<"):
			return p.errorf("HTML "+quote.Short(line), answerBegin+" once, and "+answerEnd+" behind it")
		case into != nil:
			*into = append(*into, line)
		case strings.TrimSpace(line) != "":
			return p.errorf(quote.Short(line)+" behind an answer", "a heading")
		}
		if into == nil { // only blank lines may come
			into = nil
		}
	}
	p.line = begin
	switch {
	case !folded:
		return p.errorf(kind+" without an answer", answerBegin)
	case into != nil:
		return p.errorf(kind+" with an answer that does not end", answerEnd)
	case joined(ask) == "" || joined(answer) == "":
		return p.errorf(kind+" that is empty, or whose answer is", "some text")
	}
	if kind == "Exercise" {
		p.l.Blocks = append(p.l.Blocks, &Exercise{
			Line: begin, Number: number, Text: joined(ask), Answer: joined(answer), Scenarios: fences("scenario", answer), Checks: checks,
		})
		return nil
	}
	q := &Question{Line: begin, Number: number, Checks: checks, Run: run}
	for _, c := range checks {
		if c.Step > 0 {
			q.Step = c.Step
			break
		}
	}
	if err := p.choices(q, ask); err != nil {
		return err
	}
	if err := p.answer(q, joined(answer)); err != nil {
		return err
	}
	p.l.Blocks = append(p.l.Blocks, q)
	return nil
}

func heading(line string) bool {
	return strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "### ")
}

func joined(lines []string) string { return strings.TrimSpace(strings.Join(lines, "\n")) }

// fences returns the code blocks of that kind.
func fences(kind string, lines []string) []string {
	var found []string
	inside, wanted, body := false, false, ""
	for _, l := range lines {
		switch {
		case strings.HasPrefix(l, "```") && !inside:
			inside, wanted, body = true, strings.TrimSpace(l) == "```"+kind, ""
		case strings.HasPrefix(l, "```"):
			if inside = false; wanted {
				found = append(found, body)
			}
		default:
			body += l + "\n"
		}
	}
	return found
}

var choiceLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9]{1,2})\. (\S.*)$`) })

// choices parts a question from its choices, the ordered list at its end.
func (p *parser) choices(q *Question, lines []string) error {
	from := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "1. ") })
	if from < 0 {
		q.Prompt = joined(lines)
		if !strings.Contains(q.Prompt, maskBlank) {
			return p.errorf("a question without choices", "a list 1. 2. ..., or "+maskBlank+" for a mask")
		}
		q.Many, q.Choices = true, slices.Clone(maskBits)
		return nil
	}
	q.Prompt = joined(lines[:from])
	q.Many = strings.Contains(q.Prompt, chooseAll)
	if q.Prompt == "" {
		return p.errorf("choices without a question", "one")
	}
	for _, l := range lines[from:] {
		m := choiceLine().FindStringSubmatch(l)
		switch {
		case m != nil && m[1] == strconv.Itoa(len(q.Choices)+1):
			q.Choices = append(q.Choices, m[2])
		case m != nil:
			return p.errorf("choice "+m[1], "choice "+strconv.Itoa(len(q.Choices)+1))
		case strings.HasPrefix(l, "   ") && strings.TrimSpace(l) != "":
			q.Choices[len(q.Choices)-1] += " " + strings.TrimSpace(l)
		case strings.TrimSpace(l) != "":
			return p.errorf(quote.Short(l)+" among the choices", "a number, or three spaces for what goes on")
		}
	}
	if n := len(q.Choices); n < 2 || n > 9 {
		return p.errorf(strconv.Itoa(n)+" choices", "2 to 9")
	}
	return nil
}

var (
	answerLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\*\*([0-9](?:(?:, | and )[0-9])*|none)\.\*\*\s`) })
	maskLine   = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("^\\*\\*`([-P][-P]\\|[-H][-H]\\|[-A][-A])`\\.\\*\\*\\s")
	})
	digits = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[0-9]`) })
)

// answer takes an answer apart: what is right, why, and the sources.
func (p *parser) answer(q *Question, answer string) error {
	why, cite, _ := strings.Cut(answer, "\n"+sources)
	for _, c := range strings.Split(strings.TrimSpace(cite), ";") {
		if c = prose.OneLine(c); c != "" {
			q.Cite = append(q.Cite, strings.TrimSuffix(c, "."))
		}
	}
	if strings.Contains(q.Prompt, maskBlank) {
		m := maskLine().FindStringSubmatch(why)
		if m == nil {
			return p.errorf("an answer that begins with "+quote.Short(firstLine(why)), "**`PP|HH|AA`.** with a dash for a clear bit")
		}
		q.Mask = m[1]
		for i, r := range strings.ReplaceAll(q.Mask, "|", "") {
			if r != '-' {
				q.Answer = append(q.Answer, i)
			}
		}
		q.Why = strings.TrimSpace(why[len(m[0]):])
		return nil
	}
	m := answerLine().FindStringSubmatch(why)
	if m == nil {
		return p.errorf("an answer that begins with "+quote.Short(firstLine(why)), "**2.** or **1, 3 and 4.**")
	}
	for _, d := range digits().FindAllString(m[1], -1) {
		n, _ := strconv.Atoi(d)
		if n < 1 || n > len(q.Choices) || len(q.Answer) > 0 && n-1 <= q.Answer[len(q.Answer)-1] {
			return p.errorf("choice "+d+" as the answer", "one of the choices, in their order")
		}
		q.Answer = append(q.Answer, n-1)
	}
	if !q.Many && len(q.Answer) != 1 {
		return p.errorf(strconv.Itoa(len(q.Answer))+" answers", "one, or the words "+strconv.Quote(chooseAll))
	}
	q.Why = strings.TrimSpace(why[len(m[0]):])
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
