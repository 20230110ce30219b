package command

import (
	"fmt"
	"io"
	"time"

	"ptsim/internal/ftrace"
	"ptsim/internal/prose"
)

// progress shows on a terminal how far the reading of a trace has come.
type progress struct {
	w     io.Writer
	size  int64
	begin time.Time
	last  time.Time
	shown bool
}

func newProgress(w io.Writer, size int64) *progress {
	if _, ok := isTerminal(w); !ok {
		w = nil
	}
	return &progress{w: w, size: size, begin: time.Now()}
}

func (p *progress) update(s ftrace.Stats) {
	if p.w == nil {
		return
	}
	now := time.Now()
	if now.Sub(p.begin) < 300*time.Millisecond || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	rate := float64(s.Events) / now.Sub(p.begin).Seconds()
	share := ""
	if p.size > 0 {
		share = fmt.Sprintf("%3d%%  ", s.BytesRead*100/p.size)
	}
	fmt.Fprintf(p.w, "\r%s%s events, %s a second\x1b[K", share, prose.Group(s.Events), prose.Group(int64(rate)))
}

// share shows how much of a run is over.
func (p *progress) share(done float64) {
	if p.w == nil {
		return
	}
	now := time.Now()
	if now.Sub(p.begin) < 300*time.Millisecond || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.w, "\r%3.0f%%\x1b[K", done*100)
}

// done wipes the line.
func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
