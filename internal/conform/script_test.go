package conform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/conform"
	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// scribe writes a log as a script, and what the script's operations must come to.
type scribe struct {
	lines  []string
	checks []func(t *testing.T, s *script.State)
	names  map[string]string // of the table in pP.H
	pages  map[int]int       // the script's id of the log's page
	misses map[int][]string  // by mm, oldest first
	open   map[int][]string  // by mm, the halves in its gather
	batch  map[string]*[]string
	tables int
}

func (w *scribe) line(check func(t *testing.T, s *script.State), format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
	w.checks = append(w.checks, check)
}

func (w *scribe) name() string {
	w.tables++
	return fmt.Sprintf("t%d", w.tables)
}

// mask wants the page of a record to have its mask.
func (w *scribe) mask(r conform.Record) func(t *testing.T, s *script.State) {
	return func(t *testing.T, s *script.State) {
		for _, p := range s.Pages {
			if p.ID == w.pages[r.Page] {
				assert.Equal(t, r.Mask, p.Mask, "%s in line %d", r.String(), r.Line)
				return
			}
		}
		assert.Zero(t, r.Mask, "%s in line %d: the page is gone", r.String(), r.Line)
	}
}

func (w *scribe) record(r, next conform.Record) {
	half := fmt.Sprintf("p%d.%d", r.Page, r.Half)
	switch r.Kind {
	case conform.MM:
		w.line(nil, "mm %d", r.MM)
	case conform.Look:
		if next.Kind == conform.Hit {
			return
		}
		name := w.name()
		w.misses[r.MM] = append(w.misses[r.MM], name)
		w.line(func(t *testing.T, s *script.State) { assert.Equal(t, script.RetMiss, s.Ret.Kind) }, "look %d -> %s", r.MM, name)
	case conform.Hit:
		w.names[half] = w.name()
		check := w.mask(r)
		w.line(func(t *testing.T, s *script.State) {
			assert.Equal(t, script.Ret{Kind: script.RetTable, Name: s.Ret.Name, ID: w.pages[r.Page], Half: r.Half}, s.Ret)
			check(t, s)
		}, "alloc %d -> %s", r.MM, w.names[half])
	case conform.Add:
		name := w.misses[r.MM][0]
		w.misses[r.MM] = w.misses[r.MM][1:]
		w.names[fmt.Sprintf("p%d.0", r.Page)] = name
		w.line(func(t *testing.T, s *script.State) {
			w.pages[r.Page] = s.Ret.ID
			assert.Equal(t, script.Ret{Kind: script.RetTable, Name: name, ID: s.Ret.ID, Fresh: true}, s.Ret)
			for _, l := range s.Lists {
				if l.MM == r.MM {
					assert.Equal(t, s.Ret.ID, l.Pages[0])
				}
			}
		}, "add %s", name)
	case conform.RCU:
		w.open[r.MM] = append(w.open[r.MM], half)
		w.line(w.mask(r), "tlbfree %s", w.names[half])
	case conform.Flush:
		batch := w.open[r.MM]
		delete(w.open, r.MM)
		for _, h := range batch {
			w.batch[h] = &batch
		}
		w.line(nil, "flush %d", r.MM)
	case conform.Remove:
		batch := w.batch[half]
		if len(*batch) == 0 {
			return // gone with the first of its batch
		}
		check := w.mask(r)
		if len(*batch) > 1 {
			check = nil
		}
		*batch = nil
		w.line(check, "remove %s", w.names[half])
	case conform.Drop:
		w.line(func(t *testing.T, s *script.State) {
			for _, l := range s.Lists {
				assert.NotEqual(t, r.MM, l.MM, "it is freed")
			}
		}, "exit %d", r.MM)
	}
}

// TestLogsAreScripts runs logs as scripts, which have an allocation in its two halves and one callback at a time: another
// machine, and another way to look at it, come to the same.
func TestLogsAreScripts(t *testing.T) {
	for _, name := range []string{"segs", "sh", "forks", "shm"} {
		l, err := conform.Open("../../testdata/real/" + name + ".gz")
		require.NoError(t, err)
		w := &scribe{
			names: map[string]string{}, pages: map[int]int{}, misses: map[int][]string{}, open: map[int][]string{},
			batch: map[string]*[]string{},
		}
		for i := range l.Records {
			next := conform.Record{} // that holds the same lock
			for _, r := range l.Records[i+1:] {
				if r.MM == l.Records[i].MM && r.Kind >= conform.Look && r.Kind <= conform.RCU {
					next = r
					break
				}
			}
			w.record(l.Records[i], next)
		}
		s, err := script.Parse(name, strings.NewReader(strings.Join(w.lines, "\n")))
		require.NoError(t, err)
		r, err := script.New(s, script.Options{Variant: pgalloc.Classic})
		require.NoError(t, err)
		require.NoError(t, r.Run(func(st *script.State) error {
			if check := w.checks[st.I]; check != nil {
				check(t, st)
			}
			return nil
		}))
		assert.Empty(t, r.Violations())
		assert.Greater(t, r.Stats().Reused, uint64(20))
	}
}
