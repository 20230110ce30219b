package course

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ptsim/internal/quote"
)

// Check is something about a lesson that can be found out by running the code.
type Check struct {
	Line int
	What string   // one of Checks
	Step int      // of the run before it, for those that ask about a step; from 1
	Args []string // the others
	Want string   // the value; "" if it is what the answer says
}

// checkKinds are the kinds of check: whether each asks about a step, and how many other words it takes.
var checkKinds = map[string]struct {
	step bool
	args int
}{
	"mask":     {true, 1},  // PAGE: its mask
	"list":     {true, 1},  // PAGE: on or off, a list
	"page":     {true, 1},  // PAGE: used or free
	"mm":       {true, 1},  // MM: alive or freed
	"count":    {true, 1},  // MM: its mm_count
	"waiting":  {true, 0},  // how many callbacks wait
	"in":       {true, 0},  // the innermost function of the kernel that the step is in
	"context":  {true, 0},  // task or softirq
	"does":     {true, 0},  // the primitive
	"ends":     {false, 0}, // the kind of violation that the run comes to, or well
	"verdict":  {false, 4}, // SCENARIO VERSION SOFTIRQS GRACE: as the table of verdicts has it
	"explores": {false, 3}, // VERSION SOFTIRQS GRACE: the same, of the scenario in the exercise's answer
	"holds":    {false, 1}, // VERSION: always, if no cell in docs/reference/verdicts.md says otherwise; or not
	"mutant":   {false, 1}, // NAME: the scenario that finds it out first, and as what; or survives
	"legal":    {false, 1}, // VERSION: how many masks of 64 are
	"alloc":    {false, 2}, // VERSION MASK: the half that an allocation takes of a page first on the list, or none
	"lists":    {false, 4}, // VERSION MASK OPERATION HALF: what that does to the page's place on the list
	"waits":    {false, 2}, // GRACE READER: whether a grace period waits for that kind of reader, yes or no
}

// CheckKinds returns the kinds of check, sorted.
func CheckKinds() []string {
	var kinds []string
	for k := range checkKinds {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	return kinds
}

const (
	checkBegin = "<!-- check:"
	checkEnd   = "-->"
	aboutBegin = "<!-- run:"
)

// about reads a line "<!-- run: N -->": which run of the lesson a question is about, if it is not the last one.
func (p *parser) about(line string) (run int, err error) {
	body := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(line, aboutBegin), checkEnd))
	n, err := strconv.Atoi(body)
	for i, b := range p.l.Blocks {
		if _, ok := b.(*Run); ok {
			if n--; n == 0 && err == nil {
				return i, nil
			}
		}
	}
	return 0, p.errorf("a question about run "+quote.Short(body), "the number of a run before it")
}

// check reads a line "<!-- check: WHAT [STEP] [WORD...] [= VALUE] -->".
func (p *parser) check(line string) (Check, error) {
	body, closed := strings.CutSuffix(strings.TrimSpace(strings.TrimPrefix(line, checkBegin)), checkEnd)
	if !closed {
		return Check{}, p.errorf("a check that does not end on its line", "<!-- check: WHAT ... -->")
	}
	words, want, has := strings.Cut(body, " = ")
	c := Check{Line: p.line, Want: strings.TrimSpace(want)}
	f := strings.Fields(words)
	if has && c.Want == "" {
		return c, p.errorf("a check without a value behind =", "one")
	}
	if len(f) == 0 {
		return c, p.errorf("an empty check", "one of "+strings.Join(CheckKinds(), ", "))
	}
	kind, known := checkKinds[f[0]]
	if !known {
		return c, p.errorf("check "+quote.Short(f[0]), "one of "+strings.Join(CheckKinds(), ", "))
	}
	c.What, f = f[0], f[1:]
	if kind.step {
		n, err := strconv.ParseUint(first(f), 10, 16)
		if err != nil || n == 0 {
			return c, p.errorf(fmt.Sprintf("check %s %s", c.What, quote.Short(first(f))), "the number of a step of the run before it")
		}
		if p.run < 0 {
			return c, p.errorf("a check of a step, and no run", "a run before it")
		}
		c.Step, f = int(n), f[1:]
	}
	if c.What == "ends" && p.run < 0 {
		return c, p.errorf("a check of how a run ends, and no run", "a run before it")
	}
	if len(f) != kind.args {
		return c, p.errorf(fmt.Sprintf("check %s with %d words", c.What, len(f)), strconv.Itoa(kind.args))
	}
	c.Args = f
	return c, nil
}

func first(f []string) string {
	if len(f) == 0 {
		return ""
	}
	return f[0]
}
