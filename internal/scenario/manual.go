package scenario

import (
	_ "embed"
	"strings"
	"sync"
)

// Source is the file with the package's documentation, which is the manual of the language: ptsim help scenario prints it.
//
//go:embed doc.go
var Source string

// About says what a line that begins with a word does, as the manual has it, "" if the manual says it in prose only.
func About(word string) string { return abouts()[word] }

// abouts reads the lists of the manual: a form, two or more blanks, what it does, and lines that go on with that. A form may
// be of several words ("link VMA, unlink VMA"), and what it does may begin with others of the same kind ("and up_read: ...").
var abouts = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	var words []string
	for _, line := range strings.Split(Source, "\n") {
		text, listed := strings.CutPrefix(line, "//\t")
		if !listed {
			words = nil
			continue
		}
		head, about, both := strings.Cut(text, "  ")
		about = strings.TrimSpace(about)
		switch {
		case head == "" && words != nil: // goes on
		case head == "" || !both && !strings.ContainsAny(head, "[|"):
			words = nil
			continue
		default:
			words = nil
			for _, form := range strings.Split(head, ", ") {
				word, _, _ := strings.Cut(form, " ")
				words = append(words, word)
			}
		}
		if others, ok := strings.CutPrefix(about, "and "); ok && head != "" {
			others, _, _ = strings.Cut(others, ":")
			if more := strings.Split(others, ", "); !strings.Contains(others, ". ") && strings.IndexByte(more[0], ' ') < 0 {
				words = append(words, more...)
			}
		}
		for _, w := range words {
			m[w] = strings.TrimSpace(m[w] + " " + about)
		}
	}
	return m
})
