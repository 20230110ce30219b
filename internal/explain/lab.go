package explain

import (
	"slices"
	"strconv"
	"strings"

	"ptsim/kern"
	"ptsim/lab"
)

// Step says what a step did, and on which rule that rests: in the words of the lab, if it has its own.
func Step(f *lab.Facts, l *lab.Lab) lab.Sentence {
	if l.Tell != nil {
		return l.Tell(f)
	}
	return Lab(f, l)
}

// Own says that a move came to nothing that others can see.
func Own(who, doing string) lab.Sentence {
	text := who + " goes on"
	if doing != "" {
		text += " with \"" + doing + "\""
	}
	return lab.Sentence{
		Text: text + ", and touches only what is its own.", Rule: "What no other CPU can notice is taken together with what others can see.",
		ID: "own", Cites: []lab.Cite{{Kind: lab.CiteDocs, Where: "docs/explorer.md#steps"}},
	}
}

// Lab says what a step of a lab's protocol did: in the words of the table of primitives, by the rule of the lab that its operation rests
// on. Where the lab has none, the rule is what the kernel promises of the primitive.
func Lab(f *lab.Facts, l *lab.Lab) lab.Sentence {
	text := f.Who + ways(f.Plain) + " " + f.Does
	if !f.Alive && f.FreedAt > 0 {
		text += "; " + f.FreedBy + " freed " + f.Thing + " at step " + strconv.Itoa(f.FreedAt)
	}
	if f.Bad != nil {
		text += "; VIOLATION: " + f.Bad.Sentence()
	}
	if r := ruleOfLab(f, l); r != nil {
		return lab.Sentence{Text: text + ".", Rule: r.Text, ID: r.ID, Cites: []lab.Cite{{Kind: lab.CiteSource, Where: r.Source}}}
	}
	s := Primitive(f, "")
	s.Text = text + "."
	return s
}

// ruleOfLab is the rule of a lab that a step rests on: of those of its operation and version, the one that is about the fewest steps.
func ruleOfLab(f *lab.Facts, l *lab.Lab) *lab.Rule {
	var best *lab.Rule
	for i := range l.Rules {
		r := &l.Rules[i]
		fits := (len(r.Verbs) == 0 || slices.Contains(r.Verbs, f.Verb)) && (len(r.Versions) == 0 || slices.Contains(r.Versions, f.Version)) &&
			(len(r.Steps) == 0 || f.Field != "" && slices.Contains(r.Steps, f.Field) || slices.Contains(r.Steps, f.Step.Op.Name()))
		if fits && (best == nil || rank(r) > rank(best)) {
			best = r
		}
	}
	return best
}

// rank orders rules by how much they say of where they hold.
func rank(r *lab.Rule) int {
	n := 0
	for i, list := range [][]string{r.Versions, r.Verbs, r.Steps} {
		if len(list) > 0 {
			n += 1 << i
		}
	}
	return n
}

// ways says in parentheses which ways were gone right before a step.
func ways(plain []lab.Past) string {
	var said []string
	for i := range plain {
		switch p := &plain[i]; {
		case p.Op.Kind == kern.OpChoose:
			said = append(said, "going way "+strconv.Itoa(int(p.Result)+1)+" of "+strconv.Itoa(int(p.Op.A)))
		case p.Op.Kind == kern.OpSlabAlloc && p.Result == 0:
			said = append(said, "no memory for it")
		}
	}
	if said == nil {
		return ""
	}
	return " (" + strings.Join(said, ", ") + ")"
}
