package web

import (
	"container/list"
	"sync"

	"ptsim/internal/stepper"
)

// live is a session with the states that it has come to, by the text of their schedule.
type live struct {
	*stepper.Session
	key  string // of the question: what is stepped through
	seen map[string]int
	upTo int // tries that are in seen
}

func newLive(key string, s *stepper.Session) *live {
	return &live{Session: s, key: key, seen: map[string]int{}}
}

// find returns the try that a schedule leads to, if the session has been there.
func (l *live) find(path string) (id int, ok bool) {
	l.note()
	id, ok = l.seen[path]
	return id, ok
}

// note takes in what the session has come to since.
func (l *live) note() {
	tries := l.Tries()
	for ; l.upTo < len(tries); l.upTo++ {
		l.seen[tries[l.upTo].View.Path] = tries[l.upTo].ID
	}
}

// pool keeps sessions that nobody uses at the moment, so that the next step of a schedule need not run all the steps before
// it again. A session is taken out by whoever uses it, and so never two have the same one; it holds nothing that a request
// does not say itself, and may be thrown away at any time.
type pool struct {
	mu       sync.Mutex
	idle     *list.List // of *live, the one used last in front
	tries    int
	maxTries int
	closed   bool
}

func newPool(maxTries int) *pool { return &pool{idle: list.New(), maxTries: maxTries} }

// take takes out a session of a question: one that has been where path leads, or else any; nil if there is none.
func (p *pool) take(key, path string) *live {
	p.mu.Lock()
	defer p.mu.Unlock()
	var any *list.Element
	for e := p.idle.Front(); e != nil; e = e.Next() {
		l := e.Value.(*live)
		if l.key != key {
			continue
		}
		if _, ok := l.seen[path]; ok {
			return p.remove(e)
		}
		if any == nil {
			any = e
		}
	}
	if any == nil {
		return nil
	}
	return p.remove(any)
}

func (p *pool) remove(e *list.Element) *live {
	l := p.idle.Remove(e).(*live)
	p.tries -= l.upTo
	return l
}

// put gives a session back, and throws away those that were not used for longest if the pool keeps too much.
func (p *pool) put(l *live) {
	l.note()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		l.Close()
		return
	}
	p.idle.PushFront(l)
	p.tries += l.upTo
	for p.tries > p.maxTries {
		p.remove(p.idle.Back()).Close()
	}
}

// close throws all sessions away, now and later.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for p.idle.Len() > 0 {
		p.remove(p.idle.Front()).Close()
	}
}
