package explore

import (
	"fmt"
	"strings"
	"unsafe"
)

// What a search holds in memory it counts, and compares with Options.Memory: every few thousand transitions, and before a table
// becomes a larger one, since both are there for a while. What is not counted is the machine, some hundred KiB for each
// thread that searches, and what the garbage collector has not come to yet: a program that cannot spare that sets a limit of
// its own by debug.SetMemoryLimit.

// held is what a search holds, in bytes.
type held struct {
	states uint64 // fingerprints of states that were met
	paths  uint64 // of Shortest: the ways to them, and which wait
	stacks uint64 // what is left to try, and how to take steps back
	code   uint64 // what was learnt of the code
}

func (h held) total() uint64 { return h.states + h.paths + h.stacks + h.code }

// shortage says what used up the memory.
func (h held) shortage(limit uint64) string {
	var parts []string
	for _, p := range []struct {
		what  string
		bytes uint64
	}{{"fingerprints of states", h.states}, {"ways to states", h.paths}, {"stacks", h.stacks}, {"the code's automata", h.code}} {
		if p.bytes > 0 {
			parts = append(parts, p.what+" "+bytesText(p.bytes))
		}
	}
	return fmt.Sprintf("the memory limit was reached: of %s, %s; more states want larger tables", bytesText(limit), strings.Join(parts, ", "))
}

// bytesText writes an amount of memory.
func bytesText(n uint64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", (n+1023)>>10)
}

// stackBytes is what a slice that is used as a stack takes: also what it will grow to, if it will soon, since the old one is
// there meanwhile.
func stackBytes[E any](s []E) uint64 {
	var e E
	n := cap(s)
	if len(s) > n-n/8 {
		n += n + n/4
	}
	return uint64(n) * uint64(unsafe.Sizeof(e))
}

// bytes is what the log of a state takes.
func (s *state) bytes() uint64 { return stackBytes(s.log) + stackBytes(s.acc) }

// bytes is what a race log takes.
func (l *raceLog) bytes() uint64 {
	return stackBytes(l.steps) + stackBytes(l.accesses) + stackBytes(l.around)
}

// count notes what the worker's stacks take.
func (w *worker) count() {
	w.stacks.Store(w.s.bytes() + w.races.bytes() + stackBytes(w.frames) + stackBytes(w.arena) + stackBytes(w.path) +
		stackBytes(w.made) + stackBytes(w.asleep))
}

// sets are the fingerprints of states, and of states with their views if there are any.
func (sr *search) sets() []*visited {
	if sr.views == nil {
		return []*visited{sr.seen}
	}
	return []*visited{sr.seen, sr.views}
}

// held counts what the search holds.
func (sr *search) held() held {
	h := held{code: uint64(sr.x.auto.bytes.Load())}
	for _, v := range sr.sets() {
		h.states += uint64(v.bytes.Load())
	}
	for _, w := range sr.workers {
		h.stacks += w.stacks.Load()
	}
	return h
}

// room tells whether there is memory for so much more.
func (sr *search) room(more uint64) bool {
	limit := sr.x.opt.Memory
	return limit == 0 || sr.held().total()+more <= limit
}

// held counts what the search holds.
func (d *dijkstra) held() held {
	return held{
		states: d.seen.bytes() + d.whole.bytes(), paths: d.entries.bytes() + d.queue.bytes, code: uint64(d.x.auto.bytes.Load()),
		stacks: d.s.bytes() + d.races.bytes() + stackBytes(d.path) + stackBytes(d.marks) + stackBytes(d.ahead) + stackBytes(d.order),
	}
}

// held counts what the search holds.
func (b *bound) held() held {
	return held{
		states: uint64(b.seen.bytes.Load() + b.states.bytes.Load()), code: uint64(b.x.auto.bytes.Load()),
		stacks: b.s.bytes() + stackBytes(b.frames) + stackBytes(b.arena),
	}
}
