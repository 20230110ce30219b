package perfetto_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/perfetto"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// entry is an entry of a trace, as its readers see it.
type entry struct {
	Ph, Name, Cat, Bp string
	PID, TID          int
	TS, Dur           float64
	ID                int
	Args              map[string]any
}

// story runs a short life on a machine: two mms map a file, khugepaged takes the tables, they exit.
func story(t *testing.T, v pgalloc.Variant) []entry {
	var out bytes.Buffer
	var p *perfetto.Writer
	m, err := s390sim.New(s390sim.Config{Variant: v, CPUs: 2, Checks: true, TraceSteps: true, GracePeriod: 1e7,
		Khugepaged: &s390sim.KhugepagedConfig{MaxPtesNone: -1, ScanSleep: 1e9}, Trace: func(e *s390sim.Event) { p.Event(e) }})
	require.NoError(t, err)
	p = perfetto.New(&out, 2, m.Sys.Use)
	m.Advance(5e9)
	f := m.NewFile()
	var mms []*s390sim.AddressSpace
	for i := range 2 {
		as := m.NewMM(m.CPU(i))
		as.Mmap(m.CPU(i), s390sim.Mapping{Start: 1 << 30, Len: 3 << 20, File: f, Shared: true})
		for s := range uint64(3) {
			as.Fault(m.CPU(i), 1<<30+s<<20, true)
		}
		mms = append(mms, as)
	}
	m.Advance(6e9)
	for _, as := range mms {
		as.Put(m.CPU(1))
	}
	m.Advance(7e9)
	require.NoError(t, p.Close())
	var trace struct {
		DisplayTimeUnit string
		TraceEvents     []entry
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &trace), out.String())
	return trace.TraceEvents
}

func TestTrace(t *testing.T) {
	for _, v := range pgalloc.Variants() {
		all := story(t, v.Variant)
		tracks, ids := map[[2]int]string{}, map[int]string{}
		starts, ends := map[int]float64{}, map[int]float64{}
		count := map[string]int{}
		last := -1.0
		var pages []float64
		for _, e := range all {
			assert.Contains(t, []string{"M", "X", "s", "f", "C"}, e.Ph)
			switch e.Ph {
			case "M":
				// Perfetto finds a thread by its tid alone, and gives each process a main thread whose tid is the pid.
				name := e.Args["name"].(string)
				id := e.TID
				if e.Name == "process_name" {
					require.Zero(t, e.TID)
					id = e.PID
				} else {
					tracks[[2]int{e.PID, e.TID}] = name
				}
				require.NotContains(t, ids, id, name)
				ids[id] = name
			case "s":
				starts[e.ID] = e.TS
			case "f":
				ends[e.ID] = e.TS
				assert.Equal(t, "e", e.Bp)
			case "C":
				if e.Name == "pages" {
					pages = append(pages, e.Args["pages"].(float64))
				}
			case "X":
				if strings.HasPrefix(e.Name, "c") { // call_rcu and callback: an arrow's end has its slice's category
					assert.Equal(t, "rcu", e.Cat)
				}
				require.Contains(t, tracks, [2]int{e.PID, e.TID})
				count[tracks[[2]int{e.PID, e.TID}][:3]+" "+strings.Fields(e.Name)[0]]++
				if e.Name != "grace period" {
					if e.Name != "retract" { // that one is on two tracks
						assert.Greater(t, e.TS, last, "slices of one moment follow each other")
					}
					last = e.TS
				}
			}
			assert.GreaterOrEqual(t, e.TS, 0.0)
			require.NotEmpty(t, e.Cat, e.Name)
		}
		assert.Equal(t, "khugepaged", tracks[[2]int{2, 10}])
		assert.Equal(t, "RCU", tracks[[2]int{2, 11}])
		assert.Equal(t, "CPU 1", tracks[[2]int{1, 101}])
		assert.Equal(t, 6, count["CPU table_alloc"])
		assert.Equal(t, 6, count["khu retract"])
		assert.Equal(t, 2, count["CPU mm_destroy"])
		assert.Positive(t, count["khu scan"])
		assert.Positive(t, count["RCU grace"])
		assert.Equal(t, count["CPU page_alloc"] == 0, false)
		if v.Flawed == "" {
			assert.Equal(t, count["CPU page_alloc"], count["CPU page_free"])
			assert.Zero(t, pages[len(pages)-1])
		}
		// Every arrow has two ends, and none leads back in time: a callback runs one to two grace periods after call_rcu.
		assert.NotEmpty(t, ends)
		assert.Len(t, starts, len(ends))
		for id, at := range ends {
			assert.Contains(t, starts, id)
			assert.InDelta(t, 1.5e4, at-starts[id], 0.5e4+1, "one to two grace periods in us, and what the order takes")
		}
	}
}

// What is still queued when a run ends has its arrows, too: a viewer drops those with one end.
func TestArrowsAtTheEnd(t *testing.T) {
	var out bytes.Buffer
	var p *perfetto.Writer
	m, err := s390sim.New(s390sim.Config{Variant: pgalloc.RFC, TraceSteps: true, Trace: func(e *s390sim.Event) { p.Event(e) }})
	require.NoError(t, err)
	p = perfetto.New(&out, m.M.NumCPU(), m.Sys.Use)
	m.Advance(0)
	as := m.NewMM(m.CPU(0))
	as.Mmap(m.CPU(0), s390sim.Mapping{Start: 1 << 30, Len: 1 << 30})
	for s := range uint64(1000) {
		as.Fault(m.CPU(0), 1<<30+s<<20, true)
	}
	as.Put(m.CPU(0))
	m.Quiesce()
	require.NoError(t, p.Close())
	var trace struct{ TraceEvents []entry }
	require.NoError(t, json.Unmarshal(out.Bytes(), &trace))
	open := map[int]float64{}
	arrows := 0
	for _, e := range trace.TraceEvents {
		switch e.Ph {
		case "s":
			open[e.ID] = e.TS
		case "f":
			require.Contains(t, open, e.ID)
			assert.Less(t, open[e.ID], e.TS)
			delete(open, e.ID)
			arrows++
		}
	}
	assert.Positive(t, arrows)
	assert.Empty(t, open)
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWriteErrorIsKept(t *testing.T) {
	p := perfetto.New(broken{}, 1, func() pgalloc.Use { return pgalloc.Use{} })
	for range 10000 {
		p.Event(&s390sim.Event{Kind: s390sim.EventMMCreate, MM: 1})
	}
	assert.EqualError(t, p.Close(), "full")
}
