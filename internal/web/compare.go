package web

import (
	"net/http"

	"ptsim/internal/question"
	"ptsim/internal/sidebyside"
	"ptsim/internal/stepper"
	"ptsim/memory"
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

// ModelsAnswer is the schedule of a place under each memory model. Rows are packed, each a ModelsRow: row 0 is the first states, and row i
// is after step i.
type ModelsAnswer struct {
	sidebyside.Models
	Rows *Pack `json:"rows"`
}

// ModelsRow is a moment of each model. A view is null where the model has no step there, or did not get there.
type ModelsRow struct {
	Views []*stepper.View `json:"views"`
}

func (s *Server) postModels(w http.ResponseWriter, r *http.Request) (any, error) {
	var q Place
	if err := read(w, r, &q); err != nil {
		return nil, err
	}
	if err := enter(r.Context(), s.long); err != nil {
		return nil, err
	}
	defer leave(s.long)
	var a ModelsAnswer
	err := s.with(r.Context(), q, func(l *live, at standing) error {
		if at.stale != "" {
			return &fault{http.StatusConflict, at.stale}
		}
		m, err := sidebyside.CompareModels(r.Context(), l.Session, []memory.Spec{{}, {Model: memory.TSO}, {Model: memory.LKMM, Release: l.Question.Setting.Memory.Release}})
		if err != nil {
			return err
		}
		a.Models, a.Rows = *m, newPack()
		for i := range len(m.Steps) + 1 {
			row := ModelsRow{}
			for _, u := range m.Under {
				var v *stepper.View
				if i < len(u.Views) {
					v = pathless(u.Views[i])
				}
				row.Views = append(row.Views, v)
			}
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
