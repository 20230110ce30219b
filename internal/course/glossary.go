package course

import (
	"regexp"
	"strings"
	"sync"

	"ptsim"
)

// Term is a term of docs/glossary.md.
type Term struct {
	Name  string   `json:"name"`
	Names []string `json:"names"` // how it stands in a text: alone, or for more than one
	Text  string   `json:"text"`  // what it means, without markup
}

var (
	glossaryRow  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^\| (.+?) \| (.+) \|$`) })
	markdownLink = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`) })
)

// Glossary returns the terms in the order of the glossary, for those who explain a word where it stands.
func Glossary() ([]Term, error) {
	text, err := ptsim.Manuals.ReadFile("docs/glossary.md")
	if err != nil {
		return nil, err
	}
	var list []Term
	for _, row := range glossaryRow().FindAllStringSubmatch(string(text), -1) {
		if row[1] == "term" || strings.HasPrefix(row[1], "--") {
			continue
		}
		what := markdownLink().ReplaceAllString(row[2], "$1")
		name := strings.ReplaceAll(row[1], "`", "")
		list = append(list, Term{Name: name, Names: namesOf(name), Text: strings.NewReplacer("`", "", `\|`, "|").Replace(what)}) // a bar that is none of the table
	}
	return list, nil
}

// namesOf are the forms in which a term stands in a text. "A, H, P bits" are three.
func namesOf(term string) []string {
	var list []string
	parts := strings.Split(term, ", ")
	_, noun, _ := strings.Cut(parts[len(parts)-1], " ")
	for i, p := range parts {
		if i < len(parts)-1 {
			p += " " + noun
		}
		list = append(list, p)
		switch {
		case p == "A bits": // "a bit" is something else
		case strings.HasSuffix(p, "bits"):
			list = append(list, strings.TrimSuffix(p, "s"))
		case strings.HasSuffix(p, "lf"):
			list = append(list, strings.TrimSuffix(p, "f")+"ves")
		case strings.HasSuffix(p, "ch"):
			list = append(list, p+"es")
		case !strings.ContainsAny(p, "_."):
			list = append(list, p+"s")
		}
	}
	return list
}
