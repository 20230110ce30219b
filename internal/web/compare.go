package web

import (
	"net/http"

	"ptsim/internal/question"
	"ptsim/internal/sidebyside"
	"ptsim/internal/stepper"
)

// CompareQuery asks what another version does on the schedule of a place.
type CompareQuery struct {
	Place
	Version string `json:"version"`
}

// CompareAnswer is a comparison, its rows packed: each a sidebyside.Row.
type CompareAnswer struct {
	sidebyside.Comparison
	Rows *Pack `json:"rows"`
}

func (s *Server) postCompare(w http.ResponseWriter, r *http.Request) (any, error) {
	var q CompareQuery
	if err := read(w, r, &q); err != nil {
		return nil, err
	}
	var a CompareAnswer
	err := s.with(r.Context(), q.Place, func(l *live, at standing) error {
		if at.stale != "" {
			return &fault{http.StatusConflict, at.stale}
		}
		v, err := question.VersionOf(l.Question.Scenario.Lab, q.Version)
		if err != nil {
			return asFault(err)
		}
		c, err := sidebyside.Compare(l.Session, v)
		if err != nil {
			return err
		}
		a.Comparison, a.Rows = *c, newPack()
		for _, row := range c.Rows {
			row.Left, row.Right = pathless(row.Left), pathless(row.Right)
			if err := a.Rows.add(&row); err != nil {
				return err
			}
		}
		return nil
	})
	return a, err
}

// pathless is a view without the schedule that leads to it.
func pathless(v *stepper.View) *stepper.View {
	if v == nil {
		return nil
	}
	short := *v
	short.Path = ""
	return &short
}
