package command

import (
	"fmt"
	"io"
	"sync"
	"time"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/verdicts"
)

// searchProgress shows on a terminal how far a search has come, in one line.
type searchProgress struct {
	w     io.Writer
	width int
	mu    sync.Mutex
	begin time.Time
	last  time.Time
	shown bool
	over  bool
}

func newSearchProgress(w io.Writer) *searchProgress {
	width, ok := isTerminal(w)
	if !ok {
		w = nil
	}
	return &searchProgress{w: w, width: width, begin: time.Now()}
}

func (p *searchProgress) update(s explore.Progress) {
	p.print(func() string { return fit(p.width, searchParts(&s)) })
}

// matrix shows how far a matrix has come, and the search that is under way.
func (p *searchProgress) matrix(m verdicts.Progress) {
	p.print(func() string { return fit(p.width, matrixParts(&m)) })
}

// part is a piece of a line, and what stands before it unless it is the first. Of two the one with the higher rank goes first
// where there is no room.
type part struct {
	before, text string
	rank         int
}

// searchParts tell what there is, and then whether an end is in sight: what is left to try, where, and how that changes. There is
// no share of the whole, since nobody knows the whole.
func searchParts(s *explore.Progress) []part {
	parts := []part{
		{"", prose.Count(s.States, "state", "states"), 0},
		{", ", prose.Group(int64(s.Rate)) + " a second", 4},
		{", ", size(s.Bytes), 3},
	}
	return append(parts, leftParts(s)...)
}

// leftParts tell what is left to try, and how many of the last steps led to a state that was not met before.
func leftParts(s *explore.Progress) []part {
	if s.Frontier == 0 {
		return nil
	}
	left, first := prose.Count(s.Frontier, "step", "steps")+" to try", "the first at depth "+prose.Group(s.Untried)
	if s.Shortest {
		left, first = prose.Count(s.Frontier, "schedule waits", "schedules wait"), "the first with "+prose.Count(s.Untried, "switch", "switches")
	}
	return []part{
		{"; ", left, 0},
		{", ", s.Trend.String(), 1},
		{", ", first, 2},
		{"; ", fmt.Sprintf("%.0f%% new", s.Fresh*100), 5},
	}
}

func matrixParts(m *verdicts.Progress) []part {
	parts := []part{
		{"", fmt.Sprintf("%d of %d cells", m.Done, m.Cells), 0},
		{", ", prose.Count(m.States, "state", "states"), 7},
	}
	cell := fmt.Sprintf("%s on %s", m.Cell.Scenario, m.Cell.Version)
	if m.Search == nil {
		return append(parts, part{"; last ", cell, 2})
	}
	parts = append(parts, part{"; now ", cell, 2}, part{", ", prose.Count(m.Search.States, "state", "states"), 3})
	return append(parts, leftParts(m.Search)...)
}

// fit puts the parts of a line together, without those for which there is no room. The last column stays free, so that no
// terminal begins another line.
func fit(width int, parts []part) string {
	for {
		text, worst := "", 0
		for i, p := range parts {
			if i > 0 {
				text += p.before
			}
			if text += p.text; p.rank >= parts[worst].rank {
				worst = i
			}
		}
		if len(text) < width || parts[worst].rank == 0 {
			return text[:min(len(text), max(width-1, 0))]
		}
		parts = append(append([]part(nil), parts[:worst]...), parts[worst+1:]...)
	}
}

// print shows a line, at most ten a second, once the work has taken a while.
func (p *searchProgress) print(line func() string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.w == nil || p.over || now.Sub(p.begin) < 300*time.Millisecond || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.w, "\r%s\x1b[K", line())
}

// done wipes the line.
func (p *searchProgress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// stood says for people where a search stood that was cut short.
func stood(p *explore.Progress) string {
	if p == nil || p.Frontier == 0 {
		return ""
	}
	return fit(1<<10, leftParts(p))
}

// size writes an amount of memory.
func size(bytes uint64) string {
	if bytes >= 1<<30 {
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	}
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", (bytes+1023)>>10)
}
