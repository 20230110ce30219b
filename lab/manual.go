package lab

import "strings"

// Manual reads what words do from the lists of a package's documentation: a form, two or more blanks, what it does, and lines that go
// on with that. A form may be of several words ("link VMA, unlink VMA"), and what it does may begin with others of the same kind
// ("and up_read: ..."). The result is by a form's first word. So a lab's manual, written once, is what an editor shows, too.
func Manual(source string) map[string]string {
	m := map[string]string{}
	var words []string
	for _, line := range strings.Split(source, "\n") {
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
}
