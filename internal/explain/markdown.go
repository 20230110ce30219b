package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"ptsim/internal/labs/pagetable"
	"ptsim/internal/question"
)

// thread is where the mails are summed up.
const thread = "docs/thread.md"

// Link is where to read on in the docs: a file and a heading of it, "" for a function of the kernel.
func (c Cite) Link() string {
	switch c.Kind {
	case section:
		return c.Where
	case mail:
		return thread + "#" + anchor(c.Where)
	}
	return ""
}

// anchor turns a heading into what links call it.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// Markdown writes the catalogue: docs/reference/rules.md.
func Markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`# The rules

Every step that the steppers show has a sentence that says what happened, and rests on one of these rules. A rule holds in the
variants that it names; where variants differ they have rules of their own. Sources are functions of the kernel, with the
version that they are cited from, [mails](../thread.md) and sections of these docs. This page is generated from the catalogue
in ` + "`internal/explain`" + `, where a test resolves every citation, and every rule is one that steps of the scenarios rest on. A step that none of them is about is told by its
[primitive](primitives.md).

`)
	for i := range rules {
		r := &rules[i]
		fmt.Fprintf(&b, "## `%s`\n\n%s\n\n- variants: %s\n", r.ID, r.Text, versions(r))
		fmt.Fprintf(&b, "- sources: %s\n\n", strings.Join(sources(r), "; "))
	}
	_, err := io.WriteString(w, strings.TrimSuffix(b.String(), "\n"))
	return err
}

// versions names the versions that a rule holds in.
func versions(r *Rule) string {
	var names []string
	whole := true
	for _, v := range question.Versions() {
		if variantOf(v) == pagetable.Pinned {
			whole = whole && r.Holds(v)
		}
	}
	for _, v := range question.Versions() {
		switch name := v.String(); {
		case !r.Holds(v):
		case variantOf(v) != pagetable.Pinned || !whole:
			names = append(names, name)
		case pinOf(v) == pagetable.PinHalf:
			names = append(names, v.Variant())
		}
	}
	if len(names) == len(pagetable.Variants()) {
		return "all"
	}
	return strings.Join(names, ", ")
}

// sources writes the citations of all versions: a function once, with the versions that it is cited from.
func sources(r *Rule) []string {
	var list []string
	for _, name := range r.kernel {
		var from []string
		for _, v := range r.Variants {
			if f := function(name, v); f != nil && !slices.Contains(from, f.Versions) {
				from = append(from, f.Versions)
			}
		}
		list = append(list, "`"+name+"()`, "+strings.Join(from, ", "))
	}
	for _, c := range citations(r, r.Variants[0]) {
		link := strings.TrimPrefix(c.Link(), "docs/")
		switch c.Kind {
		case mail:
			list = append(list, "["+c.Where+"](../"+link+")")
		case section:
			file, heading, _ := strings.Cut(link, "#")
			list = append(list, "["+file+", "+strings.ReplaceAll(heading, "-", " ")+"](../"+link+")")
		}
	}
	return list
}
