package scenario

import (
	"slices"
	"strconv"
	"strings"

	"ptsim/pgalloc"
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
	lines := strings.Split(before, "\n")
	line := lines[len(lines)-1]
	_, rest, _ := strings.Cut(after, "\n")
	c := Completion{Words: []Word{}}
	if strings.Contains(line, "#") {
		return c
	}
	c.Typed = line[strings.LastIndexAny(line, " \t")+1:]
	tokens := strings.Fields(line[:len(line)-len(c.Typed)])
	n := readNames(lines[:len(lines)-1], strings.Split(rest, "\n"))
	var all []Word
	if len(tokens) == 0 {
		all = firstWords(n.part)
	} else {
		c.Form, c.About = formOf(tokens[0], n.part), About(tokens[0])
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

// setupForms are the lines that say what is there at the start, in the order in which a scenario has them.
var setupForms = []string{mmForm, pageForm, fileForm, vmaForm, taskForm}

// headers are the directives about the whole scenario, in the order of the package doc.
var headers = []string{"title", "about", "without", "batch", "variant", "pin", "softirqs", "grace", "expect", "schedule"}

// endForms are the lines of the finally section.
var endForms = []string{Freed.form(), Alive.form(), Kept.form()}

// firstWords are the words that a line of a part may begin with.
func firstWords(in part) []Word {
	var list []Word
	add := func(forms ...string) {
		for _, form := range forms {
			word, _, _ := strings.Cut(form, " ")
			list = append(list, Word{word, form, About(word)})
		}
	}
	switch in {
	case inSetup:
		add(setupForms...)
		for _, word := range headers {
			add(word + " " + headerWords[word])
		}
	case inTask:
		add(forms[Alloc:]...)
		add("or", "end", taskForm, "finally")
	case inFinally:
		add(endForms...)
	}
	return list
}

// formOf is how a line that begins with a word is written in a part, "" if none does.
func formOf(word string, in part) string {
	for _, w := range firstWords(in) {
		if w.Text == word {
			return w.Form
		}
	}
	return ""
}

// names are those that a text has.
type names struct {
	part   part // that the place is in
	mms    []string
	tables []string // of the start, and those that the task gives
	files  []string
	vmas   []string
}

// readNames reads what lines name as far as they can be read: a text that is being written is rarely right.
func readNames(before, after []string) *names {
	n := &names{}
	note := func(to *[]string, name string) {
		if name != "-" && !slices.Contains(*to, name) {
			*to = append(*to, name)
		}
	}
	task := 0
	read := func(line string, in *part, here bool) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			return
		}
		switch {
		case f[0] == "task":
			*in = inTask
			task++
			if here {
				n.tables = slices.DeleteFunc(n.tables, func(t string) bool { return strings.HasPrefix(t, "\x00") })
			}
		case f[0] == "finally":
			*in = inFinally
		case *in == inSetup && len(f) > 1 && f[0] == "mm":
			note(&n.mms, f[1])
		case *in == inSetup && len(f) > 1 && f[0] == "file":
			note(&n.files, f[1])
		case *in == inSetup && len(f) > 1 && f[0] == "vma":
			note(&n.vmas, f[1])
		case *in == inSetup && len(f) > 2 && f[0] == "page":
			for _, t := range f[2:] {
				note(&n.tables, t)
			}
		case *in == inTask && here && len(f) == 4 && f[2] == "->":
			switch k := opKindOf(f[0]); {
			case k == Fork:
				note(&n.mms, f[3])
			case k != NoOp && k.names():
				note(&n.tables, "\x00"+f[3]) // the task's own
			}
		}
	}
	for _, line := range before {
		read(line, &n.part, true)
	}
	in := n.part
	for _, line := range after {
		read(line, &in, false)
	}
	for i, t := range n.tables {
		n.tables[i] = strings.TrimPrefix(t, "\x00")
	}
	return n
}

// words are those that may come after the tokens of a line of that form.
func (n *names) words(tokens []string, form string) []string {
	list := strings.Fields(form)
	at := len(tokens)
	switch tokens[0] {
	case "mm":
		if at >= 2 {
			return slices.DeleteFunc([]string{"users", "pgste"}, func(w string) bool { return slices.Contains(tokens, w) || tokens[at-1] == "users" })
		}
		return []string{n.newMM()}
	case "task":
		return taskWords(tokens[1:])
	case "page", "vma":
		if strings.HasPrefix(strings.Trim(list[min(at, len(list)-1)], "[]"), "TABLE") && at < len(list) {
			if tokens[0] == "page" {
				return []string{"-"}
			}
			return append(slices.Clone(n.tables), "-")
		}
	}
	if at >= len(list) {
		return nil
	}
	switch list[at] {
	case "N":
		if _, header := headerWords[tokens[0]]; header {
			return settings(tokens[0])
		}
		return n.mms
	case "TO":
		return []string{n.newMM()}
	case "TABLE":
		if list[at-1] == "->" {
			return nil // a new name
		}
		return n.tables
	case "FILE":
		return n.files
	case "VMA":
		return n.vmas
	case "NAME", "MODE", "VERDICT", "lazy-flush":
		if tokens[0] == "vma" || tokens[0] == "file" {
			return nil // a new name
		}
		return settings(tokens[0])
	case "->":
		return []string{"->"}
	}
	return nil
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

// newMM is the smallest number that no mm has.
func (n *names) newMM() string {
	for i := 1; ; i++ {
		if name := strconv.Itoa(i); !slices.Contains(n.mms, name) {
			return name
		}
	}
}

// settings are the words that may follow a directive about how the scenario is explored.
func settings(directive string) []string {
	var list []string
	switch directive {
	case "variant":
		for _, v := range pgalloc.Variants() {
			list = append(list, string(v.Variant))
		}
	case "pin":
		for _, p := range pgalloc.Pins() {
			list = append(list, string(p))
		}
	case "softirqs":
		list = []string{"1", "2", "cpu"}
	case "grace":
		list = []string{"precise", "any"}
	case "expect":
		list = []string{"safe", "violated"}
	case "without":
		list = []string{"lazy-flush"}
	}
	return list
}
