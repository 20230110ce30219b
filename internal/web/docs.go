package web

import (
	"net/http"
	"path"
	"strings"

	"ptsim"
	"ptsim/internal/course"
	"ptsim/internal/quote"
)

// Doc is a document that steps and lessons refer to.
type Doc struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	HTML  string `json:"html"`
}

func (s *Server) doc(_ http.ResponseWriter, r *http.Request) (any, error) {
	name := r.URL.Query().Get("name")
	text, known := manual(name)
	if !known {
		return nil, &fault{http.StatusNotFound, quote.Short(name) + ": no such document; expected one that a step or a lesson refers to"}
	}
	title, rest, _ := strings.Cut(text, "\n")
	html, err := page(rest, path.Dir("docs/"+name+".md"))
	return Doc{name, strings.TrimPrefix(title, "# "), html}, err
}

// manual is the text of a document, by its path in docs without the ending.
func manual(name string) (text string, known bool) {
	if path.Clean("/" + name)[1:] != name {
		return "", false
	}
	raw, err := ptsim.Manuals.ReadFile("docs/" + name + ".md")
	return string(raw), err == nil
}

func (s *Server) glossary(http.ResponseWriter, *http.Request) (any, error) { return course.Glossary() }

// Plan is the plan of an hour in class.
type Plan struct {
	HTML string `json:"html"`
}

func (s *Server) plan(http.ResponseWriter, *http.Request) (any, error) {
	text, err := course.Plan()
	if err != nil {
		return nil, err
	}
	html, err := page(text, courseFolder)
	return Plan{html}, err
}

const courseFolder = "docs/course"

// page makes HTML of markdown that stands in a file of a folder. Links to lessons and to documents that the page has lead to
// them, and links to the web there; others lead to files that the page has not, and only their text is left.
func page(markdown, folder string) (string, error) {
	return course.HTML(markdown, func(dest string) string {
		if strings.HasPrefix(dest, "https://") {
			return dest
		}
		file, heading, _ := strings.Cut(dest, "#")
		file = strings.TrimPrefix(path.Join(folder, file), "docs/")
		name, isDoc := strings.CutSuffix(file, ".md")
		if !isDoc {
			return ""
		}
		if slug, ok := strings.CutPrefix(name, "course/"); ok {
			for _, n := range course.Names() {
				if n == slug {
					return "#course/" + slug
				}
			}
			return "#course"
		}
		if _, known := manual(name); !known {
			return ""
		}
		if heading != "" {
			name += ":" + heading
		}
		return "#docs/" + name
	})
}
