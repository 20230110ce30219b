package lab

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/lines"
	"ptsim/internal/quote"
)

// Word returns the word that a line of a form begins with.
func Word(form string) string {
	word, _, _ := strings.Cut(form, " ")
	return word
}

// Slot is a place of a form, or a group of places that may be left out.
type Slot struct {
	Text     string // "STACK", "on", "->", or "TABLE|-"
	Optional []Slot // of a group: its places
}

// Param tells whether the place is a parameter, and which: its name without a "|-" behind it, which says that a dash may stand
// there for none.
func (s Slot) Param() (name string, orNone, ok bool) {
	name, orNone = strings.CutSuffix(s.Text, "|-")
	for i := range len(name) {
		if (name[i] < 'A' || name[i] > 'Z') && name[i] != '_' {
			return "", false, false
		}
	}
	return name, orNone, name != ""
}

// Slots returns the places of a form behind its first word.
func Slots(form string) []Slot {
	var list []Slot
	_, rest, _ := strings.Cut(form, " ")
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		if inner, behind, ok := strings.Cut(rest, "]"); ok && rest[0] == '[' {
			var group []Slot
			for _, text := range strings.Fields(inner[1:]) {
				group = append(group, Slot{Text: text})
			}
			list, rest = append(list, Slot{Optional: group}), behind
			continue
		}
		text, behind, _ := strings.Cut(rest, " ")
		list, rest = append(list, Slot{Text: text}), behind
	}
	return list
}

// Gives returns the parameter that a verb of that form gives a name to: NODE of "pop STACK -> NODE"; "" if none.
func Gives(form string) string {
	_, name, _ := strings.Cut(form, "-> ")
	return name
}

// Gives returns what a name that stands for a parameter of the noun's form may stand for in other forms, "" if it is no new name.
func (n *Noun) Gives(param string) string {
	switch {
	case n.Names == param:
		return param
	case n.Names == "" && param == "NAME":
		return strings.ToUpper(Word(n.Form))
	}
	return ""
}

// NewName returns the parameter that a name behind an arrow may stand for from there on: the same, unless the lab's Params say
// otherwise.
func (l *Lab) NewName(param string) string {
	if p := l.param(param, nil); p != nil && p.New != "" {
		return p.New
	}
	return param
}

// Numbered tells whether the names that stand for a parameter are numbers.
func (l *Lab) Numbered(param string) bool {
	p := l.param(param, nil)
	return p != nil && p.Hi > 0
}

// Choices are the words that may stand for a parameter of a form, if it is one of some words. No name stands for one that is the
// form's own.
func (l *Lab) Choices(form, param string) (words []string, own bool) {
	var params []Param
	if s := l.Setting(Word(form)); s != nil {
		params = s.Params
	}
	p := l.param(param, params)
	if p == nil {
		return nil, false
	}
	return p.Words, len(p.Words) > 0 || len(params) > 0
}

// Mismatch is what is wrong with a line.
type Mismatch struct{ What, Expected string }

func (m *Mismatch) Error() string { return m.What + "; expected " + m.Expected }

// wrongForm says that words do not have a form.
func wrongForm(form string, words []string) error {
	return &Mismatch{quote.Short(strings.Join(append([]string{Word(form)}, words...), " ")) + HintForm(form, words), fmt.Sprintf("%q", form)}
}

// Match reads the words behind the first one of a line by a form. own are parameters of the form's own. The error is a *[Mismatch].
func (l *Lab) Match(form string, own []Param, words []string) ([]Arg, error) {
	slots := Slots(form)
	least, most := 0, 0
	for _, s := range slots {
		if s.Optional == nil {
			least++
		}
		most += max(1, len(s.Optional))
	}
	if len(words) < least || len(words) > most {
		return nil, wrongForm(form, words)
	}
	var args []Arg
	var groups [][]Slot
	rest := words
	for _, s := range slots {
		if s.Optional != nil { // groups stand at the end of a form
			groups = append(groups, s.Optional)
			continue
		}
		if err := l.one(s, form, own, words, rest[0], &args); err != nil {
			return nil, err
		}
		rest = rest[1:]
	}
	for len(rest) > 0 {
		at := slices.IndexFunc(groups, func(g []Slot) bool { return fits(g, rest) })
		if at < 0 {
			return nil, wrongForm(form, words)
		}
		for _, s := range groups[at] {
			if err := l.one(s, form, own, words, rest[0], &args); err != nil {
				return nil, err
			}
			rest = rest[1:]
		}
		groups = slices.Delete(slices.Clone(groups), at, at+1)
	}
	return args, nil
}

// fits tells whether words may be those of a group: its literal words are there.
func fits(group []Slot, words []string) bool {
	if len(words) < len(group) {
		return false
	}
	for i, s := range group {
		if _, _, param := s.Param(); !param && s.Text != words[i] {
			return false
		}
	}
	return true
}

// one reads one word at a place.
func (l *Lab) one(s Slot, form string, own []Param, words []string, word string, args *[]Arg) error {
	name, orNone, param := s.Param()
	if !param {
		if word != s.Text {
			return wrongForm(form, words)
		}
		*args = append(*args, Arg{Param: word, Text: word})
		return nil
	}
	a := Arg{Param: name, Text: word}
	if orNone && word == "-" {
		a.Text = ""
		*args = append(*args, a)
		return nil
	}
	p := l.param(name, own)
	switch {
	case p != nil && p.Hi > 0:
		n, ok := lines.Number(word, p.Lo, p.Hi)
		if !ok {
			return &Mismatch{p.wrong(word), fmt.Sprintf("%d to %d", p.Lo, p.Hi)}
		}
		a.Number = n
	case p != nil && len(p.Words) > 0:
		if !slices.Contains(p.Words, word) {
			return &Mismatch{p.wrong(word), strings.Join(p.Words, " or ")}
		}
	case !lines.ValidName(word, MaxName):
		return &Mismatch{quote.Short(word) + " is no name", lines.NameForm}
	}
	*args = append(*args, a)
	return nil
}

// param returns the parameter of that name, nil if it stands for a name.
func (l *Lab) param(name string, own []Param) *Param {
	for _, list := range [][]Param{own, l.Params} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

func (p *Param) wrong(word string) string {
	if p.Wrong != "" {
		return fmt.Sprintf(p.Wrong, quote.Short(word))
	}
	return quote.Short(word) + " is no " + p.Name
}

// HintForm says of the first word that is near one of the form's own which of them was perhaps meant; "" if none is.
func HintForm(form string, words []string) string {
	own := strings.FieldsFunc(form, func(r rune) bool { return strings.ContainsRune(" []|", r) })
	own = slices.DeleteFunc(own, func(w string) bool { return w != strings.ToLower(w) }) // a slot
	for _, w := range words {
		if hint := quote.Hint(w, own); hint != "" {
			return hint
		}
	}
	return ""
}
