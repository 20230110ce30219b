package tell

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"ptsim/lab"
	"ptsim/pgalloc"
)

// thread is where the mails are summed up.
const thread = "docs/thread.md"

// Link is where to read on in the docs: a file and a heading of it, "" for a function of the kernel.
func Link(c lab.Cite) string {
	switch c.Kind {
	case lab.CiteDocs:
		return c.Where
	case lab.CiteMail:
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
in ` + "`internal/labs/pagetable/tell`" + `, where a test resolves every citation, and every rule is one that steps of the scenarios rest on. A step that none of them is about is told by its
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

// names are the names of all versions: of the pinned one, with each of its pins.
func names() []string {
	var list []string
	for _, i := range pgalloc.Variants() {
		if i.Variant != pgalloc.Pinned {
			list = append(list, string(i.Variant))
			continue
		}
		for _, pin := range pgalloc.Pins() {
			list = append(list, string(i.Variant)+"/"+string(pin))
		}
	}
	return list
}

// versions names the versions that a rule holds in.
func versions(r *Rule) string {
	var list []string
	whole := true
	for _, v := range names() {
		if variantOf(v) == pgalloc.Pinned {
			whole = whole && r.Holds(v)
		}
	}
	for _, v := range names() {
		switch {
		case !r.Holds(v):
		case variantOf(v) != pgalloc.Pinned || !whole:
			list = append(list, v)
		case pinOf(v) == pgalloc.PinHalf:
			list = append(list, string(pgalloc.Pinned))
		}
	}
	if len(list) == len(pgalloc.Variants()) {
		return "all"
	}
	return strings.Join(list, ", ")
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
		link := strings.TrimPrefix(Link(c), "docs/")
		switch c.Kind {
		case lab.CiteMail:
			list = append(list, "["+c.Where+"](../"+link+")")
		case lab.CiteDocs:
			file, heading, _ := strings.Cut(link, "#")
			list = append(list, "["+file+", "+strings.ReplaceAll(heading, "-", " ")+"](../"+link+")")
		}
	}
	return list
}
