package quiz

import "ptsim/internal/stepper"

// Predictor makes the questions about the moves of one session. It has a session of its own, on which it takes the move
// first: what it keeps of the way there makes the next question cheap. Use it from one goroutine at a time, and Close it.
type Predictor struct {
	shadow *stepper.Session
}

// NewPredictor makes one for sessions of that question.
func NewPredictor(q stepper.Question) (*Predictor, error) {
	s, err := stepper.New(q)
	if err != nil {
		return nil, err
	}
	return &Predictor{shadow: s}, nil
}

// Close ends the Predictor's session.
func (p *Predictor) Close() { p.shadow.Close() }

// Predict returns the questions that can be asked about a move before it is taken, as the function Predict does.
func (p *Predictor) Predict(s *stepper.Session, move string) (*Quiz, error) {
	if err := p.stand(s); err != nil {
		return nil, err
	}
	a, err := ask(p.shadow, move, false)
	if err != nil {
		return nil, err
	}
	return a.quiz, nil
}

// stand has the shadow stand where the session does.
func (p *Predictor) stand(s *stepper.Session) error {
	if len(p.shadow.Tries()) > stepper.MaxTries/2 {
		fresh, err := stepper.New(p.shadow.Question)
		if err != nil {
			return err
		}
		p.shadow.Close()
		p.shadow = fresh
	}
	if err := p.shadow.Seek(0); err != nil {
		return err
	}
	for _, mv := range path(s.At()) {
		if err := p.shadow.Take(mv); err != nil {
			return err
		}
	}
	return nil
}

// path returns the moves that lead to a state.
func path(at *stepper.Try) []string {
	var moves []string
	line := make([]*stepper.Try, 0, at.View.Step)
	for t := at; t.Parent != nil; t = t.Parent {
		line = append(line, t)
	}
	for i := len(line) - 1; i >= 0; i-- {
		moves = append(moves, line[i].View.Did.Move)
	}
	return moves
}

// Predict returns the questions that can be asked about a move before it is taken: one of the Moves of a Lane, as text. If the
// move begins an operation they look to the end of that, else to the end of the step. It changes neither the place of the
// session nor its tree. A move about which there is nothing to ask has no questions. A move that is not possible is an error
// that says why.
func Predict(s *stepper.Session, move string) (*Quiz, error) {
	p, err := NewPredictor(s.Question)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return p.Predict(s, move)
}
