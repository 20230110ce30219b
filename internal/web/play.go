package web

import (
	"net/http"

	"ptsim/internal/levels"
	"ptsim/memory"
)

// Level is a level as the page shows it.
type Level struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Story string `json:"story"` // paragraphs, an empty line between them
	Asks  string `json:"asks"`  // break, claim or repair
	Goal  string `json:"goal"`
	Of    string `json:"of"`   // scenario and version
	Link  string `json:"link"` // the first state

	Answers []levels.Answer `json:"answers"` // what a repair can be, null if none is asked for
}

func (s *Server) levels(http.ResponseWriter, *http.Request) (any, error) {
	list := []Level{}
	for _, l := range levels.All() {
		q := &l.Question
		of := q.Name()
		if spec := q.Setting.Memory; spec != (memory.Spec{}) {
			of += " under memory model " + spec.String()
		}
		list = append(list, Level{l.Name, l.Title, l.Story, string(l.Asks), l.Goal.Text, of, First(q.Scenario, q.Version, q.Setting), l.Answers})
	}
	return list, nil
}

// Played is a place that is said to solve a level.
type Played struct {
	Place
	Level string `json:"level"`
	Claim bool   `json:"claim"` // that it is impossible; the place does not matter then

	Repair string `json:"repair"` // the way of a repair; the place does not matter then, either
}

// Verdict says whether a level is solved.
type Verdict struct {
	levels.Judgement
	Par string `json:"par"` // the shortest solution in words, once it is solved
}

func (s *Server) postJudge(w http.ResponseWriter, r *http.Request) (any, error) {
	var p Played
	if err := read(w, r, &p); err != nil {
		return nil, err
	}
	level, err := levels.Get(p.Level)
	if err != nil {
		return nil, asFault(err)
	}
	var v Verdict
	if p.Repair != "" {
		if v.Judgement, err = level.Repair(p.Repair); err != nil {
			return nil, asFault(err)
		}
		return v, nil
	}
	if p.Claim {
		v.Judgement = level.Claim()
	} else if err := s.with(r.Context(), p.Place, func(l *live, at standing) error {
		v.Judgement = level.Judge(l.Session)
		return nil
	}); err != nil {
		return nil, err
	}
	if v.Reached {
		par, err := level.Par()
		if err != nil {
			return nil, err
		}
		v.Par = par.Text()
	}
	return v, nil
}

// Asked asks for a hint of a level, at a place.
type Asked struct {
	Place
	Level string `json:"level"`
	N     int    `json:"n"` // the number of the hint, from 1
}

func (s *Server) postHint(w http.ResponseWriter, r *http.Request) (any, error) {
	var q Asked
	if err := read(w, r, &q); err != nil {
		return nil, err
	}
	level, err := levels.Get(q.Level)
	if err != nil {
		return nil, asFault(err)
	}
	var h levels.Hint
	err = s.with(r.Context(), q.Place, func(l *live, _ standing) (err error) {
		h, err = level.Hint(q.N, l.Session)
		return err
	})
	return h, err
}
