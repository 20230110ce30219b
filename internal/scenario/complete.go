package scenario

import (
	"slices"
	"strconv"
	"strings"

	"ptsim/internal/labs"
	"ptsim/internal/lines"
	"ptsim/lab"
)

// Word is one that may stand at a place in a text.
type Word struct {
	Text  string `json:"text"`
	Form  string `json:"form"`  // of a line's first word: how such a line is written
	About string `json:"about"` // of a line's first word: what it does, as the package doc says it
}

// Completion is what may be written at a place.
type Completion struct {
	Typed string `json:"typed"` // what of the word stands before the place
	Words []Word `json:"words"` // the words that begin so
	Form  string `json:"form"`  // how the line is written, "" while its first word is not there
	About string `json:"about"` // what the line does
}

// Complete says what may be written between the two parts of a text: words of the language, and names that the text has,
// by the same forms that Parse reads lines by.
func Complete(before, after string) Completion {
	above := strings.Split(before, "\n")
	line := above[len(above)-1]
	_, rest, _ := strings.Cut(after, "\n")
	c := Completion{Words: []Word{}}
	if _, comment := lines.Split(line, prose); comment != "" {
		return c
	}
	c.Typed = line[strings.LastIndexAny(line, " \t")+1:]
	tokens := strings.Fields(line[:len(line)-len(c.Typed)])
	n := readNames(above[:len(above)-1], strings.Split(rest, "\n"))
	var all []Word
	if len(tokens) == 0 {
		all = n.firstWords()
	} else {
		first := n.first(tokens[0])
		c.Form, c.About = first.Form, first.About
		for _, text := range n.words(tokens, c.Form) {
			all = append(all, Word{Text: text})
		}
	}
	for _, w := range all {
		if strings.HasPrefix(w.Text, c.Typed) && w.Text != c.Typed {
			c.Words = append(c.Words, w)
		}
	}
	return c
}

// firstWords are the words that a line of the part that the place is in may begin with.
func (n *names) firstWords() []Word {
	var list []Word
	add := func(form, about string) {
		word := lab.Word(form)
		if about == "" {
			about = abouts()[word]
		}
		list = append(list, Word{word, form, about})
	}
	switch n.part {
	case inSetup:
		for _, k := range n.lab.Nouns {
			add(k.Form, k.About)
		}
		add(taskForm, "")
		for _, word := range headers {
			if word != "pin" || len(n.lab.Pins()) > 0 {
				add(word+" "+headerWords[word], "")
			}
		}
		for _, k := range n.lab.Settings {
			add(k.Form, k.About)
		}
	case inTask:
		for _, k := range n.lab.Verbs {
			add(k.Form, k.About)
		}
		for _, form := range []string{lab.Either, "or", "end", taskForm, "finally"} {
			add(form, "")
		}
	case inFinally:
		for _, k := range n.lab.Ends {
			add(k.Form, k.About)
		}
	}
	return list
}

// first is the word of that text, if a line may begin with it.
func (n *names) first(text string) Word {
	for _, w := range n.firstWords() {
		if w.Text == text {
			return w
		}
	}
	return Word{About: abouts()[text]}
}

// names are those that a text has.
type names struct {
	lab  *lab.Lab
	part part                // that the place is in
	of   map[string][]string // by the parameter that they may stand for; those that the task gives are among them
}

// readNames reads what lines name as far as they can be read: a text that is being written is rarely right.
func readNames(before, after []string) *names {
	n := &names{lab: labs.Default(), of: map[string][]string{}}
	own := map[string][]string{} // names that the task gives
	note := func(to map[string][]string, kind, name string) {
		if name != "-" && !slices.Contains(to[kind], name) {
			to[kind] = append(to[kind], name)
		}
	}
	in := inSetup
	read := func(line string, here bool) {
		line, _ = lines.Split(line, prose)
		f := strings.Fields(line)
		if len(f) == 0 {
			return
		}
		verb, noun := n.lab.Verb(f[0]), n.lab.Noun(f[0])
		switch {
		case f[0] == "task":
			in = inTask
			if here {
				clear(own)
			}
		case f[0] == "finally":
			in = inFinally
			if here {
				clear(own)
			}
		case in == inSetup && f[0] == "lab" && len(f) > 1:
			if l, err := labs.Get(f[1]); err == nil {
				n.lab = l
			}
		case in == inSetup && noun != nil:
			for i, s := range lab.Slots(noun.Form) {
				for _, s := range append([]lab.Slot{s}, s.Optional...) {
					param, _, _ := s.Param()
					if kind := noun.Gives(param); kind != "" && i+1 < len(f) {
						note(n.of, kind, f[i+1])
					}
				}
			}
		case in == inTask && here && verb != nil && len(f) > 2 && f[len(f)-2] == "->":
			to := lab.Gives(verb.Form)
			if kind := n.lab.NewName(to); kind != to { // what is known everywhere
				note(n.of, kind, f[len(f)-1])
			} else {
				note(own, to, f[len(f)-1])
			}
		}
	}
	for _, line := range before {
		read(line, true)
	}
	n.part = in
	for _, line := range after {
		read(line, false)
	}
	for kind, names := range own {
		n.of[kind] = append(n.of[kind], names...)
	}
	return n
}

// words are those that may come after the tokens of a line of that form.
func (n *names) words(tokens []string, form string) []string {
	if tokens[0] == "task" {
		return taskWords(tokens[1:])
	}
	if headerWords[tokens[0]] != "" && n.part == inSetup {
		if len(tokens) > 1 {
			return nil
		}
		return n.settings(tokens[0])
	}
	at := len(tokens) - 1 // the place, behind the first word
	var groups [][]lab.Slot
	for i, s := range lab.Slots(form) {
		switch {
		case s.Optional != nil:
			groups = append(groups, s.Optional)
		case i == at:
			return n.at(form, s)
		}
	}
	return n.optional(form, tokens, groups)
}

// optional are the words that may stand where what may be left out begins or goes on.
func (n *names) optional(form string, tokens []string, groups [][]lab.Slot) []string {
	var list []string
	for _, g := range groups {
		if at := slices.Index(tokens, g[0].Text); at >= 0 {
			if i := len(tokens) - at; i < len(g) {
				return n.at(form, g[i]) // in the middle of it
			}
			continue
		}
		list = append(list, n.at(form, g[0])...)
	}
	return list
}

// at are the words that may stand at a place.
func (n *names) at(form string, s lab.Slot) []string {
	name, orNone, param := s.Param()
	var list []string
	noun := n.lab.Noun(lab.Word(form))
	switch {
	case !param:
		return []string{s.Text}
	case noun != nil && noun.Gives(name) != "" && n.part == inSetup:
		list = n.fresh(noun.Gives(name))
	case name == lab.Gives(form):
		list = n.fresh(n.lab.NewName(name))
	default:
		var own bool
		if list, own = n.lab.Choices(form, name); !own {
			list = n.of[name]
		}
	}
	if orNone {
		list = append(slices.Clone(list), "-")
	}
	return list
}

// fresh is a name that nothing has yet: of numbers the smallest, of others there is none to offer.
func (n *names) fresh(kind string) []string {
	if !n.lab.Numbered(kind) {
		return nil
	}
	for i := 1; ; i++ {
		if name := strconv.Itoa(i); !slices.Contains(n.of[kind], name) {
			return []string{name}
		}
	}
}

// taskWords are those that may follow the name of a task and what stands behind it.
func taskWords(said []string) []string {
	if len(said) == 0 {
		return nil // a new name
	}
	switch last := said[len(said)-1]; {
	case len(said) == 1:
		return []string{"on", "may"}
	case last == "on" && len(said) == 2:
		return []string{"cpu0", "cpu1"}
	case last == "may":
		return []string{"fail"}
	case len(said) == 3 && said[1] == "on":
		return []string{"may"}
	}
	return nil
}

// settings are the words that may follow a directive about how the scenario is explored.
func (n *names) settings(directive string) []string {
	switch directive {
	case "lab":
		return labs.Names()
	case "variant":
		return n.lab.Variants()
	case "pin":
		return n.lab.Pins()
	case "softirqs":
		return []string{"1", "2", "cpu"}
	case "grace":
		return []string{"precise", "any"}
	case "memory":
		return memories()
	case "expect":
		return []string{"safe", "violated"}
	}
	return nil
}
