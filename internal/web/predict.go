package web

import (
	"container/list"
	"net/http"
	"strconv"
	"sync"

	"ptsim/internal/quiz"
	"ptsim/internal/quote"
)

// MaxItems is how many items of a quiz may be asked for at once.
const MaxItems = 20

// Predict asks for the questions about a move, or for an answer to one of them to be graded.
type Predict struct {
	Place
	Move   string       `json:"move"`
	ID     string       `json:"id,omitempty"`
	Answer *quiz.Answer `json:"answer,omitempty"`
}

func (s *Server) postPredict(w http.ResponseWriter, r *http.Request) (any, error) {
	var p Predict
	if err := read(w, r, &p); err != nil {
		return nil, err
	}
	var answer any
	err := s.with(r.Context(), p.Place, func(l *live, at standing) error {
		if at.stale != "" {
			return &fault{http.StatusConflict, at.stale}
		}
		q, err := quiz.Predict(l.Session, p.Move)
		if err != nil {
			return err
		}
		answer, err = askOrGrade(q, p.ID, p.Answer)
		return err
	})
	return answer, err
}

// askOrGrade is a quiz, or the grade of an answer to one of its questions.
func askOrGrade(q *quiz.Quiz, id string, a *quiz.Answer) (any, error) {
	if a == nil {
		return q, nil
	}
	g, err := q.Grade(id, *a)
	if err != nil {
		return nil, asFault(err)
	}
	return g, nil
}

// Drawn is an answer to a question of a quiz that was drawn by seed.
type Drawn struct {
	Seed   uint64      `json:"seed,string"`
	N      int         `json:"n"`
	Item   int         `json:"item"` // its number, from 1
	ID     string      `json:"id"`
	Answer quiz.Answer `json:"answer"`
}

func (s *Server) quiz(_ http.ResponseWriter, r *http.Request) (any, error) {
	seed, err := strconv.ParseUint(r.URL.Query().Get("seed"), 10, 64)
	if err != nil {
		return nil, bad("seed %s; expected a number", quote.Short(r.URL.Query().Get("seed")))
	}
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil {
		return nil, bad("n %s; expected a number", quote.Short(r.URL.Query().Get("n")))
	}
	items, err := s.draw(r, seed, n)
	if items == nil {
		items = []*quiz.Item{}
	}
	return items, err
}

func (s *Server) postGrade(w http.ResponseWriter, r *http.Request) (any, error) {
	var d Drawn
	if err := read(w, r, &d); err != nil {
		return nil, err
	}
	items, err := s.draw(r, d.Seed, d.N)
	if err != nil {
		return nil, err
	}
	for _, i := range items {
		if i.Number == d.Item {
			return askOrGrade(i.Quiz, d.ID, &d.Answer)
		}
	}
	return nil, bad("item %d; expected one of %d", d.Item, len(items))
}

// draw draws a quiz, as one of those who may compute at the same time.
func (s *Server) draw(r *http.Request, seed uint64, n int) ([]*quiz.Item, error) {
	if n < 1 || n > MaxItems {
		return nil, bad("n %d; expected 1 to %d", n, MaxItems)
	}
	if items := s.drawn.get(seed, n); items != nil {
		return items, nil
	}
	if err := enter(r.Context(), s.long); err != nil {
		return nil, err
	}
	defer leave(s.long)
	items, err := quiz.Draw(seed, n)
	if err != nil {
		return nil, asFault(err)
	}
	s.drawn.put(seed, n, items)
	return items, nil
}

// drawnQuizzes are the quizzes drawn last, which follow from seed and number: kept to grade their answers.
type drawnQuizzes struct {
	mu   sync.Mutex
	list list.List
}

type drawnQuiz struct {
	seed  uint64
	n     int
	items []*quiz.Item
}

func (d *drawnQuizzes) get(seed uint64, n int) []*quiz.Item {
	d.mu.Lock()
	defer d.mu.Unlock()
	for e := d.list.Front(); e != nil; e = e.Next() {
		if k := e.Value.(*drawnQuiz); k.seed == seed && k.n == n {
			d.list.MoveToFront(e)
			return k.items
		}
	}
	return nil
}

func (d *drawnQuizzes) put(seed uint64, n int, items []*quiz.Item) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list.PushFront(&drawnQuiz{seed, n, items})
	for d.list.Len() > 8 {
		d.list.Remove(d.list.Back())
	}
}
