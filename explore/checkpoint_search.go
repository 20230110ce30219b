package explore

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"

	"ptsim/internal/checkpoint"
	"ptsim/kern"
)

// savedSearch is a search that has not ended, in a checkpoint. Its tables follow it in the file.
type savedSearch struct {
	Key     string
	States  uint64 // for people
	Elapsed time.Duration
	Auto    savedAutomaton
	Uses    []byte // what was done to each word
	// By word and by object, the number by which steps know it; see depend.go.
	Words, Objects []uint32
	Weak           *savedWeakTable `json:",omitempty"`

	Exhaustive *savedExhaustive
	Shortest   *savedShortest
	Bounded    *savedBounded
}

// savedFound is what a search has found.
type savedFound struct {
	Path []byte
	How  int
	V    *kern.Violation
	Race kern.Addr

	Adjacent bool
}

func keepFound(f *found) *savedFound {
	if f == nil {
		return nil
	}
	return &savedFound{keepPath(f.path), f.how, f.v, f.race, f.adjacent}
}

func (k *savedFound) found() *found {
	if k == nil {
		return nil
	}
	return &found{path: pathOf(k.Path), how: k.How, v: k.V, race: k.Race, adjacent: k.Adjacent}
}

// keepPath makes three bytes of each transition.
func keepPath(p []trans) []byte {
	b := make([]byte, 0, 3*len(p))
	for _, tr := range p {
		b = append(b, tr.t, tr.item, tr.alt)
	}
	return b
}

// pathOf is the inverse of keepPath.
func pathOf(b []byte) []trans {
	p := make([]trans, 0, len(b)/3)
	for ; len(b) >= 3; b = b[3:] {
		p = append(p, trans{b[0], b[1], b[2]})
	}
	return p
}

// part is a search that has ended, or was cut short.
type part struct {
	Result
	racy   []kern.Addr
	halves bool    // as in movements: what to search with next
	pairs  pairing // it met
	broken bool    // it met code that does what a rule excludes by which it folded steps
	stays  stays   // how to fold instead
}

// runPart runs one search of a model, or returns what it came to in an earlier run. budget ends it after so many states.
func runPart(m *Model, opt Options, what string, rules *movements, budget uint64, run func(x *system) (Result, error)) (p part, err error) {
	defer catch(&err)
	x, err := newSystem(m, opt, rules)
	if err != nil {
		return part{}, err
	}
	defer x.release()
	x.budget = budget
	c := opt.Checkpoint
	if c == nil {
		return x.part(run)
	}
	x.key = fmt.Sprintf("%s of %s, %s, budget %d", what, m.Name, x.surroundings(rules), budget)
	c.begin()
	k, err := c.finished(x.key)
	if err != nil {
		return part{}, err
	}
	if k != nil {
		r, err := k.Result.result(x)
		return part{r, k.Racy, k.Halves, k.Pairs, k.Broken, stays{ref: k.StaysRef, list: k.StaysList, locks: k.StaysLocks, readers: k.StaysReaders, shared: k.StaysShared, servers: k.StaysServers}}, err
	}
	p, err = x.part(run)
	if err == nil && !p.CutShort {
		c.finish(savedPart{x.key, keepResult(x, &p.Result), p.racy, p.halves, p.pairs, p.broken, p.stays.ref, p.stays.list, p.stays.locks, p.stays.shared, p.stays.readers, p.stays.servers})
	}
	return p, err
}

// raced tells whether it found a data race.
func (p *part) raced() bool {
	return p.Kinds[kern.DataRace.String()] > 0 || p.Violation != nil && p.Violation.Kind == kern.DataRace
}

func (x *system) part(run func(x *system) (Result, error)) (part, error) {
	r, err := run(x)
	u := &x.auto.words
	return part{r, x.alsoRacy(x.racyWords()), u.halves, u.pairs, u.breaks(x.auto.mode), x.auto.mode.with(u)}, err
}

// surroundings are the options and rules on which the states of a search depend: all but those that are known not to matter.
func (x *system) surroundings(rules *movements) string {
	o := x.opt
	o.Threads = min(o.Threads, 2) // what is left out depends on whether there are several
	o.Memory, o.Progress, o.Context, o.Checkpoint = 0, nil, nil, nil
	return fmt.Sprintf("%+v, %+v", o, *rules)
}

// goOn returns the search that the checkpoint is in the middle of, with the system as it was then; nil if it is in none.
func (x *system) goOn() (*savedSearch, error) {
	c := x.opt.Checkpoint
	if c == nil || c.going == nil {
		return nil, nil
	}
	k := c.going
	c.going = nil
	if !x.auto.relearn(&k.Auto) {
		return nil, c.file.Refuse("is about a model whose code did something else")
	}
	x.words.set(k.Words)
	x.objects.set(k.Objects)
	x.weak.set(k.Weak)
	x.start = time.Now().Add(-k.Elapsed)
	x.uses = values[usage](k.Uses)
	return k, nil
}

// keep returns all numbers.
func (n *numbers) keep() []uint32 {
	list := make([]uint32, len(n.of))
	for i := range n.of {
		list[i] = n.of[i].Load()
	}
	return list
}

// set is the inverse of keep.
func (n *numbers) set(list []uint32) {
	n.of = make([]atomic.Uint32, len(list))
	for i, v := range list {
		n.of[i].Store(v)
		n.next.Store(max(n.next.Load(), v))
	}
}

// went closes the file that a search went on from.
func (x *system) went() {
	c := x.opt.Checkpoint
	c.file.Close()
	c.file = nil
}

// keep writes the search that is under way into the checkpoint. Nobody may be searching.
func (x *system) keep(states uint64, fill func(k *savedSearch), tables func(t *tableWriter)) {
	u := x.allUses()
	k := &savedSearch{Key: x.key, States: states, Elapsed: time.Since(x.start), Auto: x.auto.keep(),
		Uses: memory(u), Words: x.words.keep(), Objects: x.objects.keep(), Weak: x.weak.keep()}
	fill(k)
	x.opt.Checkpoint.write(func(w *checkpoint.Writer) error {
		t := &tableWriter{w: w}
		t.add(k)
		tables(t)
		return t.err
	})
}

// Tables are what is large: fingerprints, each with some bytes that go with it.

// chunkBytes is how much of a table is one value in the file.
const chunkBytes = 1 << 18

// savedTable is the head of a table.
type savedTable struct {
	Name    string
	Entries int
	Payload int // bytes that go with each fingerprint
}

// tableWriter writes tables. The first error ends all.
type tableWriter struct {
	w   *checkpoint.Writer
	err error
}

func (t *tableWriter) add(v any) {
	if t.err == nil {
		t.err = t.w.Add(v)
	}
}

// table writes one: each calls its argument for each entry.
func (t *tableWriter) table(name string, entries, payload int, each func(f func(key, payload uint64))) {
	t.add(&savedTable{name, entries, payload})
	chunk := make([]byte, 0, chunkBytes)
	each(func(key, load uint64) {
		if len(chunk)+16 > cap(chunk) {
			t.add(chunk)
			chunk = chunk[:0]
		}
		chunk = binary.LittleEndian.AppendUint64(chunk, key)
		chunk = binary.LittleEndian.AppendUint64(chunk, load)[:len(chunk)+payload]
	})
	if len(chunk) > 0 {
		t.add(chunk)
	}
}

// readTable reads the next table of the file.
func (x *system) readTable(name string, payload int, put func(key, payload uint64)) error {
	r := x.opt.Checkpoint.file
	var head savedTable
	if err := r.Read(&head); err != nil {
		return err
	}
	if head.Name != name || head.Payload != payload {
		return r.Refuse(fmt.Sprintf("has the table %s/%d where %s/%d was expected", head.Name, head.Payload, name, payload))
	}
	size := 8 + payload
	for left := head.Entries; left > 0; {
		var chunk []byte
		if err := r.Read(&chunk); err != nil {
			return err
		}
		if len(chunk) == 0 || len(chunk)%size != 0 || len(chunk)/size > left {
			return r.Refuse("has a table of another length than it says")
		}
		left -= len(chunk) / size
		for ; len(chunk) > 0; chunk = chunk[size:] {
			load := uint64(0)
			for i, b := range chunk[8:size] {
				load |= uint64(b) << (8 * i)
			}
			put(binary.LittleEndian.Uint64(chunk), load)
		}
	}
	return nil
}

// allUses is what all states of the system, and those before the search went on, have seen.
func (x *system) allUses() wordUses {
	all := newWordUses(x.states[0].env.words)
	if len(x.uses) == len(all) {
		all.join(x.uses)
	}
	for _, s := range x.states {
		all.join(s.uses)
	}
	return all
}
