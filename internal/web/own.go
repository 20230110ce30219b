package web

import (
	"net/http"

	"ptsim"
	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/memory"
)

// template is the scenario that an editor begins with: the one that docs/scenarios.md explains line by line.
const template = "docs/scenarios/mine.scn"

func templateText() (string, error) {
	text, err := ptsim.Manuals.ReadFile(template)
	return string(text), err
}

// Edit is the text of a scenario that is being written: what stands before the caret, and what behind it.
type Edit struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

// Edited says what is wrong with a text, and what may be written at the caret.
type Edited struct {
	Errors   []Wrong             `json:"errors"`
	Complete scenario.Completion `json:"complete"`
}

// Wrong is one thing that is wrong with a text.
type Wrong struct {
	Line int    `json:"line"` // 0: the text as a whole
	Text string `json:"text"` // what is wrong, and what was expected
}

func (s *Server) postEdit(w http.ResponseWriter, r *http.Request) (any, error) {
	var e Edit
	if err := read(w, r, &e); err != nil {
		return nil, err
	}
	a := Edited{Errors: []Wrong{}, Complete: scenario.Complete(e.Before, e.After)}
	for _, k := range scenario.Check("own.scn", e.Before+e.After) {
		a.Errors = append(a.Errors, Wrong{k.Line, k.Message()})
	}
	return a, nil
}

// question finds what a request in words asks about.
func (s *Server) question(b *Begin) (sc *scenario.Scenario, v question.Version, set question.Setting, err error) {
	if set.Softirqs, err = explore.ParseSoftirqs(b.Softirqs); err != nil {
		return nil, v, set, asFault(err)
	}
	if set.Grace, err = explore.ParseGrace(b.Grace); err != nil {
		return nil, v, set, asFault(err)
	}
	if b.Memory != "" {
		if set.Memory, err = memory.ParseSpec(b.Memory); err != nil {
			return nil, v, set, asFault(err)
		}
	}
	if sc, err = s.load(b.Text)(b.Scenario); err != nil {
		return nil, v, set, asFault(err)
	}
	v, err = question.VersionOf(sc.Lab, b.Version)
	if _, other := question.ParseVersion(b.Version); err != nil && b.Text != "" && other == nil {
		v, err = question.Version(sc.Lab.First()), nil // the text has become one of another lab since the version was chosen
	}
	return sc, v, set, asFault(err)
}

// Judged is what the explorer says of a scenario on a version, and a link to the schedule that breaks it.
type Judged struct {
	Verdict  string   `json:"verdict"` // violated, safe or incomplete
	Sentence string   `json:"sentence"`
	Covers   []string `json:"covers"`
	Link     string   `json:"link"` // of the state in which it is broken, or else of the first state
}

func (s *Server) postExplore(w http.ResponseWriter, r *http.Request) (any, error) {
	var b Begin
	if err := read(w, r, &b); err != nil {
		return nil, err
	}
	sc, v, set, err := s.question(&b)
	if err != nil {
		return nil, err
	}
	a, err := s.ahead(r.Context(), Place{First(sc, v, set), b.Text}, true)
	if err != nil {
		return nil, err
	}
	return Judged{a.Verdict, a.Sentence, a.Covers, a.Path}, nil
}

// hold has a line say what a link to it needs: the text of a scenario that the server does not know, in a form that a link
// can hold, or why none can.
func (l *Line) hold(text string) {
	if text == "" {
		return
	}
	l.Text = text
	code, err := scenario.Encode(text)
	if err != nil {
		l.NoCode = err.Error()
	}
	l.Code = code
}
