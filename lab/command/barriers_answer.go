package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"ptsim/explore"
	"ptsim/internal/barriers"
	"ptsim/internal/prose"
)

// interruptedWhy is why a scenario that an interrupted run did not come to has no verdict.
const interruptedWhy = "interrupted"

// barriersJSON is the answer as JSON has it.
type barriersJSON struct {
	Version   string         `json:"version"`
	Memory    string         `json:"memory"`
	Scenarios []barriersCase `json:"scenarios"`
	Orders    []orderJSON    `json:"orders"`
	Mended    []mendedJSON   `json:"mended"`

	stopped bool // the run was interrupted
}

type barriersCase struct {
	Scenario string  `json:"scenario"`
	Verdict  *string `json:"verdict"`
	States   *uint64 `json:"states"`
	Why      *string `json:"why"` // it was not asked, or not answered
}

type siteJSON struct {
	Primitives []string `json:"primitives"`
	Func       string   `json:"func"`
	File       string   `json:"file"`
	Line       int      `json:"line"`
}

type brokenJSON struct {
	Scenario string `json:"scenario"`
	Kind     string `json:"kind"`
	Sentence string `json:"sentence"`
	Switches int    `json:"switches"`
	Steps    int    `json:"steps"`
	Schedule string `json:"schedule"`
}

type orderJSON struct {
	siteJSON
	Answer    *string     `json:"answer"` // needed, redundant, unknown; null if the run was interrupted before
	Scenarios []string    `json:"scenarios"`
	States    *uint64     `json:"states"`
	Without   *brokenJSON `json:"without"`

	where string
}

// barrierJSON is a barrier that was put in.
type barrierJSON struct {
	siteJSON
	Before string `json:"before"` // the primitive that it stands before
	Edit   string `json:"edit"`   // as explore --what-if has it
	text   string
}

type mendedJSON struct {
	Scenario string          `json:"scenario"`
	Broken   brokenJSON      `json:"broken"`
	Sets     [][]barrierJSON `json:"sets"`
	States   []uint64        `json:"states"`
	Singles  int             `json:"singles_tried"`
	Pairs    int             `json:"pairs_tried"`
	Cut      bool            `json:"cut"`
	Unknown  int             `json:"unknown"`

	Interrupted bool `json:"interrupted,omitempty"` // there were more to be tried
}

// textOrNull is null in JSON where there is nothing.
func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// valueOf is the text, "" if there is none.
func valueOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (j *orderJSON) answer(what string, a barriers.Answer) { j.Answer, j.States = &what, &a.States }

// is tells whether the verdict is that one.
func (c *barriersCase) is(v explore.Verdict) bool { return c.Verdict != nil && *c.Verdict == string(v) }

func broken(name string, f *barriers.Found) brokenJSON {
	v := f.Trace.Violation
	return brokenJSON{name, v.Kind.String(), v.Sentence(), f.Trace.Switches, f.Trace.Count, f.Text}
}

func (b *brokenJSON) String() string {
	return fmt.Sprintf("%s: %s (%s, %s)", b.Scenario, b.Sentence, prose.Count(b.Switches, "switch", "switches"), prose.Count(b.Steps, "step", "steps"))
}

// write prints the answer as text.
func (ans *barriersJSON) write(w io.Writer, width int) error {
	var b strings.Builder
	if ans.stopped {
		fmt.Fprintln(&b, "INTERRUPTED: the answers so far, - where there are none")
	}
	for _, c := range ans.Scenarios {
		text := fmt.Sprintf("%s on %s under %s: ", c.Scenario, ans.Version, ans.Memory)
		switch {
		case valueOf(c.Why) == interruptedWhy:
			text += "-"
		case c.Verdict == nil:
			text += "not asked: " + *c.Why
		case c.Why != nil:
			text += *c.Verdict + ": " + *c.Why
		default:
			text += fmt.Sprintf("%s, %s", *c.Verdict, prose.Count(*c.States, "state", "states"))
		}
		b.WriteString(prose.Hang("", "  ", text, width))
	}
	for i := range ans.Mended {
		ans.Mended[i].write(&b, width)
	}
	if len(ans.Orders) > 0 {
		b.WriteByte('\n')
	}
	for _, o := range ans.Orders {
		site := strings.Join(o.Primitives, "(), ") + "() at " + o.where
		b.WriteString(prose.Hang(fmt.Sprintf("%-10s ", cmp.Or(valueOf(o.Answer), "-")), "           ", site, width))
		if o.Without != nil {
			b.WriteString(prose.Hang("           ", "           ", "without it, "+o.Without.String(), width))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m *mendedJSON) write(b *strings.Builder, width int) {
	fmt.Fprintf(b, "\n%s\n", prose.Hang("", "  ", m.Broken.String(), width))
	tried := prose.Count(m.Singles, "single change", "single changes")
	if m.Pairs > 0 {
		tried += " and " + prose.Count(m.Pairs, "pair", "pairs")
	}
	if m.Interrupted {
		tried += " so far"
	} else if m.Unknown > 0 {
		defer fmt.Fprintf(b, "%d of these have no answer: --states ended the search.\n", m.Unknown)
	}
	switch {
	case len(m.Sets) == 0 && m.Cut:
		fmt.Fprintf(b, "Nothing mends it of %s; --tries has a limit.\n", tried)
		return
	case len(m.Sets) == 0:
		fmt.Fprintf(b, "Nothing mends it of %s.\n", tried)
		return
	}
	fmt.Fprintf(b, "What mends it, of %s tried:\n", tried)
	for i, set := range m.Sets {
		var words []string
		for _, barrier := range set {
			words = append(words, barrier.text)
		}
		b.WriteString(prose.Hang("  ", "    ", fmt.Sprintf("%s: safe, %s", strings.Join(words, ", and "), prose.Count(m.States[i], "state", "states")), width))
	}
}

// exit is what the answer comes to.
func (ans *barriersJSON) exit() error {
	if ans.stopped {
		return context.Canceled
	}
	if len(ans.Mended) > 0 {
		return errFinding
	}
	for _, o := range ans.Orders {
		if valueOf(o.Answer) == "unknown" {
			return errIncomplete
		}
	}
	for _, c := range ans.Scenarios {
		if c.is(explore.Incomplete) {
			return errIncomplete
		}
	}
	return nil
}
