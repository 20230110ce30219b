package explore

import "fmt"

// savedShortest is a search for the shortest schedule in a checkpoint. The states that it met, the ways to them and the queue
// are in tables.
type savedShortest struct {
	How                     int
	States, Moves           uint64
	Depth, Expanded         int
	Tree                    bool // the queue is in the order of the tree
	Best                    *savedFound
	BestSwitches, BestSteps int
	Distances, Whole        int // how many there are in the tables
	Entries, Waiting        int
	Candidates              uint64
	FoldedSwitches          int
	Peak                    uint64
}

// save writes the search into the checkpoint, if there is one. It is between two paths.
func (d *dijkstra) save() {
	if d.x.opt.Checkpoint == nil {
		return
	}
	k := &savedShortest{
		How: d.how, States: d.states, Moves: d.moves, Depth: d.depth, Expanded: d.expanded, Tree: d.queue.tree,
		Best: keepFound(d.best), BestSwitches: d.bestSwitches, BestSteps: d.bestSteps, FoldedSwitches: d.foldedSwitches,
		Candidates: d.candidates, Distances: d.seen.n, Whole: d.whole.n, Entries: d.entries.n, Waiting: d.queue.waiting, Peak: d.peak,
	}
	d.x.keep(d.states, func(s *savedSearch) { s.Shortest = k }, func(t *tableWriter) {
		t.table("distances", k.Distances, 4, d.seen.each)
		t.table("whole", k.Whole, 4, d.whole.each)
		t.table("ways", k.Entries, 7, d.eachEntry)
		t.table("queue", k.Waiting, 0, d.eachWaiting)
	})
}

// eachEntry calls f for each entry: its key, and what leads to it.
func (d *dijkstra) eachEntry(f func(key, payload uint64)) {
	for i := range int32(d.entries.n) {
		e := d.entries.at(i)
		f(e.key, uint64(uint32(e.before))|uint64(e.tr.t)<<32|uint64(e.tr.item)<<40|uint64(e.tr.alt)<<48)
	}
}

// eachWaiting calls f for each path in the queue, in order: its switches, steps and last entry.
func (d *dijkstra) eachWaiting(f func(key, payload uint64)) {
	d.queue.each(func(e int32, switches, steps int) { f(uint64(switches)<<48|uint64(steps)<<32|uint64(uint32(e)), 0) })
}

// goOn takes the search to where a saved one was, if there is one.
func (d *dijkstra) goOn(s *savedSearch) error {
	if s == nil {
		return nil
	}
	defer d.x.went()
	k := s.Shortest
	if k == nil {
		return d.x.opt.Checkpoint.file.Refuse("is in the middle of another kind of search")
	}
	d.begin(k.How)
	d.states, d.moves, d.depth, d.expanded, d.peak = k.States, k.Moves, k.Depth, k.Expanded, k.Peak
	d.best, d.bestSwitches, d.bestSteps, d.foldedSwitches = k.Best.found(), k.BestSwitches, k.BestSteps, k.FoldedSwitches
	d.candidates = k.Candidates
	d.seen, d.whole, d.entries, d.queue = newDistances(), newDistances(), entries{}, queue{tree: k.Tree}
	x := d.x
	if err := x.readTable("distances", 4, func(key, at uint64) { *d.seen.slot(key) = uint32(at) }); err != nil {
		return err
	}
	if err := x.readTable("whole", 4, func(key, at uint64) { *d.whole.slot(key) = uint32(at) }); err != nil {
		return err
	}
	if err := x.readTable("ways", 7, func(key, p uint64) {
		d.entries.add(entry{key, int32(uint32(p)), trans{uint8(p >> 32), uint8(p >> 40), uint8(p >> 48)}})
	}); err != nil {
		return err
	}
	if err := x.readTable("queue", 0, func(key, _ uint64) { d.queue.push(int32(uint32(key)), int(key>>48), int(key>>32&0xffff)) }); err != nil {
		return err
	}
	if d.seen.n != k.Distances || d.whole.n != k.Whole || d.entries.n != k.Entries || d.queue.waiting != k.Waiting {
		return fmt.Errorf("%s: holds %d states and %d ways; expected %d and %d", x.opt.Checkpoint.name, d.seen.n, d.entries.n, k.Distances, k.Entries)
	}
	return nil
}
