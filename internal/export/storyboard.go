package export

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"sync"

	"ptsim/internal/draw"
	"ptsim/internal/stepper"
)

//go:embed storyboard.html
var storyboardHTML string

var storyboardPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("storyboard").Funcs(template.FuncMap{"whole": whole}).Parse(storyboardHTML))
})

var mask = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[P-]{2}\|[H-]{2}\|[A-]{2}`) })

// whole marks masks in a text, so that they are not broken at the end of a line.
func whole(text string) template.HTML {
	return template.HTML(mask().ReplaceAllStringFunc(template.HTMLEscapeString(text), func(m string) string { return `<span class="m">` + m + `</span>` }))
}

// panel is a frame of the storyboard.
type panel struct {
	Number                          int
	Who, Func, Text, Sentence, Rule string
	SameRule                        int // the step that has the rule already
	Cites                           string
	Changes                         []string
	Violation                       string
	Picture                         template.HTML
}

// storyboard writes one page to print: the frames with their sentences, in two columns. It has no script, and needs nothing
// else.
func (e *export) storyboard(w io.Writer) error {
	sheet := draw.NewSheet(e.views, draw.Options{Compact: true, Steps: len(e.views) - 1, Title: e.title()})
	var defs strings.Builder
	if err := sheet.Defs(&defs); err != nil {
		return err
	}
	var panels []panel
	said := map[string]int{}
	for i, v := range e.views {
		var picture strings.Builder
		if err := sheet.Inline(&picture, i); err != nil {
			return err
		}
		p := panel{Number: v.Step, Picture: template.HTML(picture.String())}
		p.say(v, said)
		panels = append(panels, p)
	}
	return storyboardPage().Execute(w, map[string]any{
		"Title": e.title(), "About": e.about(), "Version": e.q.Version.String(), "Setting": setting(e.q.Setting), "Ending": e.ending(),
		"Command": e.command(e.link()), "Defs": template.HTML(defs.String()), "Panels": panels, "Steps": fmt.Sprint(len(e.views) - 1),
	})
}

// say has a panel say what its step did. A rule that was said before is pointed back to.
func (p *panel) say(v *stepper.View, said map[string]int) {
	if v.Violation != nil {
		p.Violation = v.Violation.Sentence
	}
	d := v.Did
	if d == nil {
		p.Sentence = "The first state: nothing has happened yet."
		return
	}
	p.Who, p.Text, p.Sentence, p.Rule, p.Cites, p.Changes = who(d), d.Text, d.Sentence.Text, d.Sentence.Rule, cites(d), v.Said()
	if d.Func != "" {
		p.Func = d.Func + "()"
	}
	if at, again := said[p.Rule+p.Cites]; again {
		p.SameRule, p.Rule = at, ""
	} else if p.Rule != "" {
		said[p.Rule+p.Cites] = v.Step
	}
}
