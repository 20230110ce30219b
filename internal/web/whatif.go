package web

import (
	"context"
	"net/http"
)

// WhatIfQuery asks for the schedule of a place on code that is edited: Edit is one of those that a view offers.
type WhatIfQuery struct {
	Place
	Edit string `json:"edit"`
}

// WhatIfAnswer has two parts: how far the schedule runs on the edited code, and the verdict of a search of all schedules of that
// code.
type WhatIfAnswer struct {
	Line     *Line  `json:"line"`
	Note     string `json:"note"`
	Verdict  string `json:"verdict"`
	Sentence string `json:"sentence"`
}

func (s *Server) postWhatIf(w http.ResponseWriter, r *http.Request) (any, error) {
	var q WhatIfQuery
	if err := read(w, r, &q); err != nil {
		return nil, err
	}
	if err := enter(r.Context(), s.long); err != nil {
		return nil, err
	}
	defer leave(s.long)
	ctx, cancel := context.WithTimeout(r.Context(), searching)
	defer cancel()
	var a WhatIfAnswer
	err := s.with(ctx, q.Place, func(l *live, at standing) error {
		if at.stale != "" {
			return &fault{http.StatusConflict, at.stale}
		}
		to, note, err := l.Edited(q.Edit)
		if to != nil {
			defer to.Close()
		}
		if err != nil {
			return bad("%v", err)
		}
		line := to.Line()
		if a.Line, err = lineTo(&live{Session: to}, line[len(line)-1], ""); err != nil {
			return err
		}
		a.Note = note
		if err := to.Seek(0); err != nil {
			return err
		}
		found, err := to.Ahead(ctx, MaxStates)
		a.Verdict, a.Sentence = found.Verdict, found.Sentence
		return err
	})
	if a.Line != nil {
		a.Line.hold(q.Text)
	}
	return &a, err
}
