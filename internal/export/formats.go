package export

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
	"ptsim/memory"
)

// Options say how an export looks.
type Options struct {
	Title string // "" is the scenario's title and the version
	Dark  bool   // of svg: light on dark
	Width int    // of svg in pixels, 0 is 1200; of text in columns, 0 is 72
}

// Formats returns the formats that Write knows.
func Formats() []string { return []string{"html", "svg", "storyboard", "prose", "text", "json"} }

// ErrNoSteps says that there is no schedule to export.
var ErrNoSteps = errors.New("no step has been taken: there is nothing to export")

// Write writes the line that s is on. Of svg it is the frame of the state that is shown; for all of them see Frames.
func Write(w io.Writer, s *stepper.Session, format string, o Options) error {
	line := s.Line()
	if len(line) < 2 && format != "svg" {
		return ErrNoSteps
	}
	e := &export{s: s, o: o, q: s.Question}
	for _, try := range line {
		e.views = append(e.views, try.View)
	}
	switch format {
	case "html":
		return web.Offline(w, web.OfflineOptions{Title: e.title(), Session: s})
	case "svg":
		return e.frame(w, s.View().Step)
	case "storyboard":
		return e.storyboard(w)
	case "prose":
		return e.prose(w)
	case "text":
		return e.text(w)
	case "json":
		return e.json(w)
	}
	return fmt.Errorf("unknown format %s; expected one of %s", quote.Short(format), strings.Join(Formats(), ", "))
}

// export is one being written.
type export struct {
	s     *stepper.Session
	o     Options
	q     stepper.Question
	views []*stepper.View
}

func (e *export) title() string {
	if e.o.Title != "" {
		return e.o.Title
	}
	return fmt.Sprintf("%s on %s: %s", scenario.FullName(e.q.Scenario), e.q.Version, e.q.Scenario.Title)
}

// about is what the scenario says of itself, by paragraphs.
func (e *export) about() []string {
	return append([]string{}, prose.Paragraphs(e.q.Scenario.About)...)
}

// setting says what surrounds the scenario, in words.
func setting(s question.Setting) string {
	soft := s.SoftirqsText() + " softirq CPUs"
	switch s.SoftirqsText() {
	case "1":
		soft = "1 softirq CPU"
	case "cpu":
		soft = "callbacks on the CPU that queued them"
	}
	text := soft + " and " + s.Grace.String() + " grace periods"
	if s.Memory.Model != memory.SC {
		text += " under memory model " + s.Memory.String()
	}
	return text
}

func (e *export) last() *stepper.View { return e.views[len(e.views)-1] }

// ending says what the schedule comes to.
func (e *export) ending() string {
	switch v := e.last(); {
	case v.Violation != nil:
		return "It breaks: " + v.Violation.Sentence + "."
	case v.Ended:
		return "All is quiet, and nothing has broken."
	}
	return "The schedule is not at its end."
}

// link names the whole line, and the step that is shown.
func (e *export) link() string { return e.s.Link() }

// command is what opens a link, or a schedule, again. A scenario that ptsim does not have itself has to be given.
func (e *export) command(link string) string {
	cmd := "ptsim step "
	if own, err := scenario.Load(scenario.FullName(e.q.Scenario)); err != nil || own.Source != e.q.Scenario.Source {
		file := filepath.Base(e.q.Scenario.File)
		if strings.TrimSuffix(file, filepath.Ext(file)) != e.q.Scenario.Name || e.q.Scenario.File == "standard input" {
			file = "-" // it came from elsewhere, and has to come from there again
		}
		cmd += quoted(file) + " "
	}
	return cmd + "--replay " + quoted(link)
}

var plain = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_./-]+$`) })

// quoted is a word for a shell.
func quoted(s string) string {
	if plain().MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// who says who took a step, and in what.
func who(d *stepper.Did) string {
	text := fmt.Sprintf("%s %s on CPU%d", d.Letter, d.Name, d.CPU)
	if d.Doing != "" {
		text += ", " + d.Doing
	}
	return text
}

func cites(d *stepper.Did) string {
	var list []string
	for _, c := range d.Sentence.Cites {
		list = append(list, c.Where)
	}
	return strings.Join(list, "; ")
}
