package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// Question says what is stepped through.
type Question struct {
	Lab      string   `json:"lab"`
	Scenario string   `json:"scenario"`
	Title    string   `json:"title"`
	About    []string `json:"about"` // prose; an empty line parts two paragraphs
	File     string   `json:"file"`
	Version  string   `json:"version"`
	Kernel   string   `json:"kernel"` // where the version was published
	Flawed   string   `json:"flawed"` // what is known to be wrong with it
	Softirqs string   `json:"softirqs"`
	Grace    string   `json:"grace"`
	Memory   string   `json:"memory"`
}

func asked(q *stepper.Question) Question {
	info, _ := q.Scenario.Lab.Version(string(q.Version))
	k := Question{
		Lab: q.Scenario.Lab.Name, Scenario: scenario.FullName(q.Scenario), Title: q.Scenario.Title, About: q.Scenario.About, File: q.Scenario.File, Version: q.Version.String(),
		Kernel: cmp.Or(info.Source, "not published"), Flawed: info.Flawed, Softirqs: q.Setting.SoftirqsText(), Grace: q.Setting.Grace.String(),
		Memory: q.Setting.Memory.String(),
	}
	if k.About == nil {
		k.About = []string{}
	}
	return k
}

// Line is a schedule with everything there is to see along it.
type Line struct {
	Question Question `json:"question"`
	Path     string   `json:"path"`  // the schedule
	Step     int      `json:"step"`  // the one to show
	Stale    string   `json:"stale"` // why the link does not fit any more, "" if it does
	Views    *Pack    `json:"views"`

	Text   string `json:"text,omitempty"`    // the scenario, if the server does not know it by name
	Code   string `json:"code,omitempty"`    // the same as a part of a link
	NoCode string `json:"no_code,omitempty"` // why a link cannot hold it
}

// lineTo is the line from the first state to that of the path, which may lie behind the one that is shown.
func lineTo(l *live, end *stepper.Try, stale string) (*Line, error) {
	pack, err := packViews(between(nil, end))
	if err != nil {
		return nil, err
	}
	return &Line{Question: asked(&l.Question), Path: end.View.Path, Step: l.At().View.Step, Stale: stale, Views: pack}, nil
}

// between returns the views after one state and up to another.
func between(from, to *stepper.Try) []*stepper.View {
	var views []*stepper.View
	for t := to; t != from; t = t.Parent {
		views = append(views, t.View)
	}
	slices.Reverse(views)
	return views
}

// Begin is a question in words: a scenario on a version.
type Begin struct {
	Scenario string `json:"scenario"`
	Text     string `json:"text,omitempty"`
	Version  string `json:"version"`
	Softirqs string `json:"softirqs"`
	Grace    string `json:"grace"`
	Memory   string `json:"memory,omitempty"` // sc if it is ""
}

func (s *Server) postBegin(w http.ResponseWriter, r *http.Request) (any, error) {
	var b Begin
	if err := read(w, r, &b); err != nil {
		return nil, err
	}
	sc, v, set, err := s.question(&b)
	if err != nil {
		return nil, err
	}
	return s.line(r.Context(), Place{First(sc, v, set), b.Text})
}

// First is the link of a first state: a schedule of no steps.
func First(sc *scenario.Scenario, v question.Version, set question.Setting) string {
	return question.Name(sc, v) + "@" + set.Link() + ":s:00000000:"
}

func (s *Server) postLine(w http.ResponseWriter, r *http.Request) (any, error) {
	var p Place
	if err := read(w, r, &p); err != nil {
		return nil, err
	}
	if err := p.unpack(); err != nil {
		return nil, asFault(err)
	}
	return s.line(r.Context(), p)
}

func (s *Server) line(ctx context.Context, p Place) (line *Line, err error) {
	err = s.with(ctx, p, func(l *live, at standing) error {
		line, err = lineTo(l, at.end, at.stale)
		return err
	})
	if line != nil {
		line.hold(p.Text)
	}
	return line, err
}

// Step is a move to be taken from a place.
type Step struct {
	Place
	Move string `json:"move"`
}

func (s *Server) postStep(w http.ResponseWriter, r *http.Request) (any, error) {
	var q Step
	if err := read(w, r, &q); err != nil {
		return nil, err
	}
	var view *stepper.View
	err := s.with(r.Context(), q.Place, func(l *live, at standing) error {
		if at.stale != "" {
			return &fault{http.StatusConflict, at.stale}
		}
		if l.At().View.Step >= MaxSteps {
			return bad("a schedule of %d steps; expected no more", MaxSteps)
		}
		if err := l.Take(q.Move); err != nil {
			return err
		}
		view = l.View()
		return nil
	})
	return view, err
}

// AheadQuery asks what lies ahead of a place, and to go there.
type AheadQuery struct {
	Place
	Run bool `json:"run"`
}

// AheadAnswer is what lies ahead, and, if it was asked to go there, the states on the way.
type AheadAnswer struct {
	stepper.Ahead
	Path  string `json:"path"`
	Views *Pack  `json:"views"`
}

func (s *Server) postAhead(w http.ResponseWriter, r *http.Request) (any, error) {
	var q AheadQuery
	if err := read(w, r, &q); err != nil {
		return nil, err
	}
	return s.ahead(r.Context(), q.Place, q.Run)
}

// ahead looks at what lies ahead of a place, as one of those who may search at the same time.
func (s *Server) ahead(asked context.Context, p Place, run bool) (*AheadAnswer, error) {
	if err := enter(asked, s.long); err != nil {
		return nil, err
	}
	defer leave(s.long)
	ctx, cancel := context.WithTimeoutCause(asked, searching, fmt.Errorf("after %v it is given up", searching))
	defer cancel()
	var a AheadAnswer
	err := s.with(ctx, p, func(l *live, at standing) (err error) {
		if at.stale != "" {
			return &fault{http.StatusConflict, at.stale}
		}
		from := l.At()
		if run {
			a.Ahead, err = l.Run(ctx, MaxStates)
		} else {
			a.Ahead, err = l.Ahead(ctx, MaxStates)
		}
		if err != nil {
			return err
		}
		if a.Moves == nil {
			a.Moves = []string{}
		}
		if a.Covers == nil {
			a.Covers = []string{}
		}
		a.Path = l.View().Path
		a.Views, err = packViews(between(from, l.At()))
		return err
	})
	return &a, err
}
