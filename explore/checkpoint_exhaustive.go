package explore

import (
	"fmt"
	"unsafe"
)

// savedExhaustive is an exhaustive search in a checkpoint. The states that it met are in tables.
type savedExhaustive struct {
	Phase                        phase
	Cyclic                       bool
	States, Moves, Viewed, Depth uint64
	First                        *savedFound
	Kinds                        map[string]int
	Jobs                         []savedJob
	Sets                         []int // how many entries there are in each table
}

// savedJob is a job that nobody has taken yet, or that a worker is in the middle of.
type savedJob struct {
	Path, Rest            []byte
	Given                 bool   // it has a Rest: somebody else tries the others
	Made, Steps, Accesses []byte // as they are in memory
	Stack                 *savedStack
}

// savedStack is what a worker has on its stack, as it is in memory. A checkpoint is for one build of the program, so that it
// means the same to whoever reads it; none of it has a pointer.
type savedStack struct {
	Frames, Arena         []byte
	Made, Steps, Accesses []byte
	Asleep                []byte
	States, Viewed        uint64 // not yet added to the search's counts
	Moves, Depth, Ticks   uint64
}

// memory returns a slice of values without pointers as the bytes that they are.
func memory[E any](s []E) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// values is the inverse of memory.
func values[E any](b []byte) []E {
	var e E
	s := make([]E, len(b)/int(unsafe.Sizeof(e)))
	copy(memory(s), b)
	return s
}

// save writes the search into the checkpoint, if there is one. Nobody is searching.
func (sr *search) save() {
	if sr.x.opt.Checkpoint == nil {
		return
	}
	k := &savedExhaustive{Phase: sr.phase, Cyclic: sr.x.cyclic, First: keepFound(sr.first), Kinds: sr.kinds}
	for _, v := range sr.sets() {
		k.Sets = append(k.Sets, v.len())
	}
	for _, j := range sr.jobs {
		k.Jobs = append(k.Jobs, savedJob{
			keepPath(j.path), keepPath(j.rest), j.rest != nil, memory(j.made), memory(j.races.steps), memory(j.races.accesses), j.stack,
		})
	}
	for _, w := range sr.workers {
		if len(w.frames) == 0 {
			w.flush()
			continue
		}
		k.Jobs = append(k.Jobs, savedJob{Path: keepPath(w.path), Stack: w.keepStack()})
	}
	k.States, k.Moves, k.Viewed, k.Depth = sr.states.Load(), sr.moves.Load(), sr.viewed.Load(), uint64(sr.depth.Load())
	sr.x.keep(k.States, func(s *savedSearch) { s.Exhaustive = k }, func(t *tableWriter) {
		for i, v := range sr.sets() {
			t.table("states", k.Sets[i], v.setBytes(), v.each)
		}
	})
}

// setBytes is how many bytes a set of transitions takes in a checkpoint.
func (v *visited) setBytes() int {
	if v.keys == noSets {
		return 0
	}
	return (maskBits + 7) / 8
}

func (w *worker) keepStack() *savedStack {
	return &savedStack{
		memory(w.frames), memory(w.arena), memory(w.made), memory(w.races.steps), memory(w.races.accesses), memory(w.asleep),
		w.states, w.viewed, w.moves, w.depth, w.ticks,
	}
}

// goOn takes the search to where a saved one was, if there is one.
func (sr *search) goOn(s *savedSearch) error {
	if s == nil {
		return nil
	}
	defer sr.x.went()
	k := s.Exhaustive
	if k == nil {
		return sr.x.opt.Checkpoint.file.Refuse("is in the middle of another kind of search")
	}
	sr.states.Store(k.States)
	sr.moves.Store(k.Moves)
	sr.viewed.Store(k.Viewed)
	sr.depth.Store(int64(k.Depth))
	sr.first = k.First.found()
	for kind, n := range k.Kinds {
		sr.kinds[kind] = n
	}
	sr.jobs = nil
	for _, j := range k.Jobs {
		g := job{path: pathOf(j.Path), stack: j.Stack}
		if j.Given {
			g.rest, g.made = pathOf(j.Rest), values[made](j.Made)
			g.races = raceLog{steps: values[touched](j.Steps), accesses: values[access](j.Accesses)}
		}
		sr.jobs = append(sr.jobs, g)
	}
	sets := sr.sets()
	if len(sets) != len(k.Sets) {
		return sr.x.opt.Checkpoint.file.Refuse("has tables of another number")
	}
	for i, v := range sets {
		v.reserve(k.Sets[i])
		if err := sr.x.readTable("states", v.setBytes(), func(key, made uint64) { v.visit(key, uint32(made)) }); err != nil {
			return err
		}
		if n := v.len(); n != k.Sets[i] {
			return sr.x.opt.Checkpoint.file.Refuse(fmt.Sprintf("holds %d states where it says %d", n, k.Sets[i]))
		}
	}
	return nil
}

// restack makes the frames of a stack again, on top of the state of its job.
func (w *worker) restack(k *savedStack) {
	w.frames, w.arena, w.made, w.asleep = values[frame](k.Frames), values[trans](k.Arena), values[made](k.Made), values[int32](k.Asleep)
	w.races.steps, w.races.accesses = values[touched](k.Steps), values[access](k.Accesses)
	for i := range w.frames {
		f := &w.frames[i]
		if i > 0 {
			w.again(f.chosen)
		}
		f.mark, f.beneath, f.beneathAcc = w.s.mark(), 0, 0
		w.stack[f.key%uint64(len(w.stack))]++
	}
	w.states, w.viewed, w.moves, w.depth = w.states+k.States, w.viewed+k.Viewed, w.moves+k.Moves, max(w.depth, k.Depth)
	w.ticks = k.Ticks
}
