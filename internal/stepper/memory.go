package stepper

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/lab"
	"ptsim/memory"
)

// What a weak memory model keeps is drawn as labs' figures are: of each word that has more than one store, a strip with those in coherence
// order and one with what each thread may still read; the letters that smp_rmb or an acquire would open; and queues of stores.

// memoryFigure is that, nil if there is nothing to show.
func (w *watcher) memoryFigure() *lab.Figure {
	all := w.walker.Memory()
	f := &lab.Figure{Title: "Memory, " + w.q.Setting.Memory.String()}
	for i := range all.Words {
		word := &all.Words[i]
		stores := lab.Strip{Label: w.names.Word(word.Addr), Chain: true}
		for j, s := range word.Stores {
			fill := lab.Pending // somebody may read it yet
			if j == len(word.Stores)-1 {
				fill = lab.Full
			}
			stores.Cells = append(stores.Cells, lab.Cell{Text: w.names.Value(word.Addr, s.Value) + " " + w.storedBy(s), Fill: fill})
		}
		f.Strips = append(f.Strips, stores, w.sight(word))
	}
	for _, l := range all.Letters {
		letter := lab.Strip{Label: fmt.Sprintf("letter to %s, opened by smp_rmb or an acquire: read of %s, step %d", w.walker.Thread(l.Thread).Letter, w.names.Word(l.Addr), l.Step)}
		for _, t := range l.Tells {
			letter.Cells = append(letter.Cells, lab.Cell{Fill: lab.Full, Text: w.names.Word(t.Addr) + " = " + w.names.Value(t.Addr, t.Store.Value) + " " + w.storedBy(t.Store)})
		}
		f.Strips = append(f.Strips, letter)
	}
	for t, queue := range all.Queues {
		if len(queue) == 0 {
			continue
		}
		s := lab.Strip{Label: "queue of " + w.walker.Thread(t).Letter, Chain: true}
		for _, e := range queue {
			text := w.names.Word(e.Addr) + " = " + w.names.Value(e.Addr, e.Value)
			if e.Releases {
				text = "release of " + w.names.Word(e.Addr)
			}
			s.Cells = append(s.Cells, lab.Cell{Text: text, Fill: lab.Pending})
		}
		f.Strips = append(f.Strips, s)
	}
	if f.Strips == nil {
		return nil
	}
	return f
}

// sight says what each thread may read of a word.
func (w *watcher) sight(word *explore.MemoryWord) lab.Strip {
	s := lab.Strip{Label: "  may be read as", None: "by nobody"}
	newest := len(word.Stores) - 1
	for t, from := range word.From {
		if from < 0 {
			continue
		}
		var values []string
		for i := from; i <= newest; i++ {
			values = append(values, w.names.Value(word.Addr, word.Stores[i].Value))
		}
		text := w.walker.Thread(t).Letter + ": " + strings.Join(values, " or ")
		if word.Open[t] > from {
			text += ", after smp_rmb " + strings.Join(values[word.Open[t]-from:], " or ")
		}
		s.Cells = append(s.Cells, lab.Cell{Text: text})
	}
	return s
}

// storedBy says whose store it is, and since when.
func (w *watcher) storedBy(s explore.MemoryStore) string {
	if s.Thread < 0 {
		return "from before"
	}
	by := "of " + w.walker.Thread(s.Thread).Letter
	if s.Step > 0 {
		by += fmt.Sprintf(", step %d", s.Step)
	}
	return by
}

// readLabel says which store a way of a move reads.
func (w *watcher) readLabel(next string, r *explore.Reading) string {
	text := fmt.Sprintf("%s: reads %s %s", next, w.names.Value(r.Addr, r.Read.Value), w.storedBy(r.Read))
	if len(r.Missed) > 0 {
		text += ", an old store"
	}
	return text
}

// staleSentence says what a read of an old store missed, since when, and what would have forbidden it.
func (w *watcher) staleSentence(r *explore.Reading) string {
	var missed []string
	for _, s := range r.Missed {
		missed = append(missed, w.names.Value(r.Addr, s.Value)+" "+w.storedBy(s))
	}
	text := fmt.Sprintf("The read is stale: it returns %s %s, and misses %s. ", w.names.Value(r.Addr, r.Read.Value), w.storedBy(r.Read), prose.List(missed, "and"))
	switch r.Missing.Kind {
	case memory.OpenLetter:
		text += fmt.Sprintf("An smp_rmb() between the read in step %d and this one would forbid it, or an acquire in step %[1]d.", r.Missing.Step)
	case memory.WriterOrder:
		text += fmt.Sprintf("On %s nothing orders the store that was missed before that of step %d, which is known here: smp_wmb() between them would, or a release in step %[2]d.",
			w.walker.Thread(r.Missing.Thread).Letter, r.Missing.Step)
	default:
		text += "Nothing that was read here tells of the newer store: only smp_mb() on both sides would forbid it, or a lock."
	}
	return text
}
