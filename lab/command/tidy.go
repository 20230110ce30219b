package command

import (
	"context"
	"sync"
	"time"
)

// tidying is what keeps the program from being ended by a signal while it holds something that must be put back, or said.
type tidying struct {
	mu   sync.Mutex
	held bool
	free chan struct{} // closed while not held
}

type tidyingKey struct{}

// withTidying lets the commands under ctx call mustTidy.
func withTidying(ctx context.Context) context.Context {
	t := &tidying{free: make(chan struct{})}
	close(t.free)
	return context.WithValue(ctx, tidyingKey{}, t)
}

// mustTidy has the program wait, for as long as it takes, until release is called.
func mustTidy(ctx context.Context) (release func()) {
	t, ok := ctx.Value(tidyingKey{}).(*tidying)
	if !ok {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held, t.free = true, make(chan struct{})
	return sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.held = false
		close(t.free)
	})
}

// tidied yields when nothing is held and so much time has passed since: the command then waits for something else.
func tidied(ctx context.Context, patience time.Duration) <-chan time.Time {
	t := ctx.Value(tidyingKey{}).(*tidying)
	done := make(chan time.Time, 1)
	go func() {
		for {
			time.Sleep(patience)
			t.mu.Lock()
			held, free := t.held, t.free
			t.mu.Unlock()
			if !held {
				done <- time.Now()
				return
			}
			<-free
		}
	}()
	return done
}
