package tell_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ptsim/internal/stepper"
	"ptsim/lab"
)

// A claim is something in a sentence that can be looked up in the views, which is all that the checks below know.
type claim struct {
	re    *regexp.Regexp
	check func(c *court, m []string) bool
}

// holds tells whether the claim is so; one about a thing that no view has is not.
func (k *claim) holds(c *court, m []string) (ok bool) {
	defer func() {
		if e := recover(); e != nil {
			ok = false
		}
	}()
	return k.check(c, m)
}

// court is where a sentence is tried.
type court struct {
	ses           *stepper.Session
	before, after *stepper.View
	text          string
}

const (
	halfRE  = `the (lower|upper) half of (page\d+)`
	stateRE = `(free|allocated|pending on rcu_head|pending)`
)

// claims looks up all that a sentence claims, and returns how much that was and what is wrong.
func claims(ses *stepper.Session, before, after *stepper.View) (checked int, wrong []string) {
	c := &court{ses, before, after, after.Did.Sentence.Text}
	for i := range claimed {
		for _, m := range claimed[i].re.FindAllStringSubmatch(c.text, -1) {
			checked++
			if !claimed[i].holds(c, m) {
				wrong = append(wrong, fmt.Sprintf("%q, by %s", m[0], claimed[i].re))
			}
		}
	}
	for _, name := range thing.FindAllString(c.text, -1) {
		if !c.exists(name) {
			wrong = append(wrong, "there is no "+name)
		}
	}
	if who := after.Did.Name; !strings.HasPrefix(c.text, who) {
		wrong = append(wrong, "it was "+who)
	}
	return checked, wrong
}

var thing = regexp.MustCompile(`\b(page|mm|batch|CPU)\d+\b`)

func (c *court) exists(name string) bool {
	for _, v := range []*stepper.View{c.before, c.after} {
		for _, l := range v.Lanes {
			if name == fmt.Sprintf("CPU%d", l.CPU) {
				return true
			}
		}
		if pageIn(v, name) != nil || mmIn(v, name) != nil || batchIn(v, name) != nil {
			return true
		}
	}
	return false
}

func find[T any](list []T, is func(*T) bool) *T {
	if i := slices.IndexFunc(list, func(t T) bool { return is(&t) }); i >= 0 {
		return &list[i]
	}
	return nil
}

func pageIn(v *stepper.View, name string) *stepper.Page {
	return find(v.Pages, func(p *stepper.Page) bool { return p.Name == name })
}

func mmIn(v *stepper.View, name string) *stepper.MM {
	return find(v.MMs, func(p *stepper.MM) bool { return p.Name == name })
}

func batchIn(v *stepper.View, name string) *stepper.Batch {
	return find(v.Batches, func(p *stepper.Batch) bool { return p.Name == name })
}

func vmaIn(v *stepper.View, name string) *stepper.VMA {
	return find(v.VMAs, func(p *stepper.VMA) bool { return p.Name == name })
}

func (c *court) lane() *stepper.Lane {
	return find(c.after.Lanes, func(l *stepper.Lane) bool { return l.Letter == c.after.Did.Letter })
}

// me is how views name who took the step.
func (c *court) me() string {
	l := c.lane()
	return fmt.Sprintf("%s %s on CPU%d", l.Letter, l.Name, l.CPU)
}

func side(name string) int { return slices.Index([]string{"lower", "upper"}, name) }

// halfIs tells whether a half is in that state in a view. A page that is not there yet is free.
func halfIs(v *stepper.View, page string, half int, state string) bool {
	p := pageIn(v, page)
	if p == nil {
		return state == "free"
	}
	return p.Halves[half].State.String() == state
}

// subject is the page that a sentence is about: the first that it names.
func (c *court) subject() string { return regexp.MustCompile(`page\d+`).FindString(c.text) }

func (c *court) listed(v *stepper.View, page string) bool {
	for _, m := range v.MMs {
		if slices.Contains(m.List, page) {
			return true
		}
	}
	return false
}

// queuedIs tells whether a callback is queued that waits for these readers.
func (c *court) queued(object string) *stepper.Callback {
	return find(c.after.RCU, func(k *stepper.Callback) bool { return k.Object == object })
}

// tables writes what is in a batch as a sentence does.
func spoken(tables []lab.TableAt) string {
	var list []string
	for _, t := range tables {
		if page, half, ok := strings.Cut(t.String(), "."); ok {
			list = append(list, "the "+half+" half of "+page)
		} else {
			list = append(list, "the table in "+page)
		}
	}
	text := strings.Join(list, " and ")
	if n := len(list); n > 2 {
		text = strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
	for _, page := range regexp.MustCompile(`page\d+`).FindAllString(text, 1) {
		for _, pair := range []string{"the lower half of P and the upper half of P", "the upper half of P and the lower half of P"} {
			text = strings.ReplaceAll(text, strings.ReplaceAll(pair, "P", page), "both halves of "+page)
		}
	}
	return text
}

func say(re string, check func(c *court, m []string) bool) claim {
	return claim{regexp.MustCompile(re), check}
}

// freedBy tells whether a thing was freed at that step of the line, by that thread.
func (c *court) freedBy(name, who string, step int) bool {
	line := c.ses.Line()
	if step < 1 || step >= len(line) {
		return false
	}
	gone := func(v *stepper.View) bool {
		if m := mmIn(v, name); m != nil {
			return m.Freed
		}
		return false
	}
	return gone(line[step].View) && !gone(line[step-1].View) && strings.HasPrefix(who, line[step].View.Did.Name)
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
