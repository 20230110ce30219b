package draw

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/stepper"
)

// laneWord says in a word or two how a lane stands.
func laneWord(l *stepper.Lane) string {
	switch l.State {
	case explore.ForReaders:
		return "waits: RCU"
	case explore.ForLock:
		return "waits: lock"
	case explore.ForOtherCPU:
		return "not its CPU"
	case explore.BHOff:
		return "BH is off"
	case explore.Over:
		return "done"
	}
	return l.State.String()
}

// laneName names a lane: B exit, CPU1.
func laneName(l *stepper.Lane) string { return fmt.Sprintf("%s %s, CPU%d", l.Letter, l.Name, l.CPU) }

// laneAbout is what a lane is doing, what it is about to do, and why it cannot.
func laneAbout(l *stepper.Lane) (doing, next string) {
	doing = l.Doing
	if l.RCU {
		doing += " (rcu reader)"
	}
	if l.BH {
		doing += " (BH off)"
	}
	switch {
	case len(l.Moves) == 0:
		next = l.Why
	case l.Doing == "" || len(l.Moves) > 1:
		next = "may " + l.Moves[0].Label
		if len(l.Moves) > 1 {
			next = fmt.Sprintf("%d ways to go on, one: %s", len(l.Moves), l.Moves[0].Label)
		}
	default:
		next = "next: " + l.Next
	}
	return doing, next
}

// compactLane draws a thread in one line; in more if it moved, or waits for others.
func (f *frame) compactLane(p *pen, l *stepper.Lane, w float64) float64 {
	doing, next := laneAbout(l)
	if l.State == explore.AllEnded {
		next = ""
	}
	waits := l.State == explore.ForLock || l.State == explore.ForReaders || l.State == explore.BHOff
	if !l.Moved && !waits {
		if doing == "" {
			doing = next
		}
		next = ""
	}
	text := small.wrap(next, w-30, 2)
	height := 28 + float64(len(text))*small.line()
	if p == nil {
		return height
	}
	p.box(0, 0, w, height, l.Moved, false)
	right := w - 8
	if l.Moved {
		p.rect("f-full", 0, 0, 6, height, ` rx="2"`)
		right = p.tag("full", right, 19, "moved")
	} else {
		tw := tiny.width(laneWord(l))
		p.text(tiny, "muted", right-tw, 19, tw+1, laneWord(l))
		right -= tw + 8
	}
	p.text(strong, "ink", 14, 19, right-16, laneName(l))
	x := 14 + strong.width(laneName(l)) + 12
	p.text(small, "ink", x, 19, right-x, doing)
	y := 19 + small.line() + 2
	for _, t := range text {
		p.text(small, "ink", 14, y, w-24, t)
		y += small.line()
	}
	return height
}

// lane draws a thread in a card of that width, and returns the height that it takes; height, if more, is what it gets.
func (f *frame) lane(p *pen, l *stepper.Lane, w, height float64) float64 {
	if f.o.Compact {
		return f.compactLane(p, l, w)
	}
	doing, next := laneAbout(l)
	if l.State == explore.AllEnded {
		next = ""
	}
	text := small.wrap(next, w-24, 3)
	need := 32.0
	if doing != "" {
		need += code.line()
	}
	need += float64(len(text))*small.line() + 4
	if p == nil {
		return need
	}
	height = max(height, need)
	p.box(0, 0, w, height, l.Moved, false)
	if l.Moved {
		p.rect("f-full", 0, 0, 6, height, ` rx="2"`)
	}
	right := w - 8
	if l.Moved {
		right = p.tag("full", right, 21, "moved")
	} else if word := laneWord(l); word != "" {
		tw := tiny.width(word)
		p.text(tiny, "muted", right-tw, 21, tw+1, word)
		right -= tw + 8
	}
	k := strong
	if k.width(laneName(l)) > right-12 {
		k = small
	}
	p.text(k, "ink", 14, 21, right-16, laneName(l))
	y := 21 + code.line() + 2
	if doing != "" {
		p.text(code, "ink", 14, y, w-24, doing)
		y += code.line()
	}
	ink := "ink"
	if len(l.Moves) == 0 {
		ink = "muted"
	}
	for _, t := range text {
		p.text(small, ink, 14, y, w-24, t)
		y += small.line()
	}
	return need
}
