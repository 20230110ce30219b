package explore

// queue holds the paths that a search for the shortest schedule has to expand. It gives them out by switches. Of those with as many
// switches it gives out the one with the fewest steps, as Dijkstra's algorithm wants it: no state is expanded twice, and the first
// violation is the shortest.
//
// In a large search that order is expensive. Two paths with as many steps have little in common, and to come from one to the other the
// state goes back and forth over most of both. So from followTree on, the queue gives out the paths of as many switches in depth-first
// order of their tree, in which the next path differs from the last one in a step or two. A state may then be expanded again, when it
// is reached by fewer steps. That is rare: its schedules mostly do the same steps in different orders. And the first violation is only
// a bound for the steps of those that follow.
type queue struct {
	byLength [][][]int32 // by switches, by steps
	inTree   [][]pathEnd // by switches, in the order of their tree
	tree     bool        // the order is that of the tree
	// where it is
	switches, steps, n int
	waiting            int    // paths that have not been given out
	bytes              uint64 // that it takes
}

// pathEnd is the last entry of a path, and how many steps the path has.
type pathEnd struct{ e, steps int32 }

// push adds a path. In tree order a path stands behind those that were pushed before it: the search goes through the tree, and so they
// come as the tree has them.
func (q *queue) push(e int32, switches, steps int) {
	q.waiting++
	if q.tree {
		q.inTree = reach(q.inTree, switches)
		q.bytes += add(&q.inTree[switches], pathEnd{e, int32(steps)}, 8)
		return
	}
	q.byLength = reach(q.byLength, switches)
	q.byLength[switches] = reach(q.byLength[switches], steps)
	q.bytes += add(&q.byLength[switches][steps], e, 4)
}

func reach[T any](s []T, i int) []T {
	for len(s) <= i {
		s = append(s, *new(T))
	}
	return s
}

// add appends to a slice and returns by how many bytes that grew.
func add[T any](s *[]T, e T, size int) uint64 {
	was := cap(*s)
	*s = append(*s, e)
	return uint64((cap(*s) - was) * size)
}

// next returns the length of the path that comes next. It frees what has been given out.
func (q *queue) next() (switches, steps int, ok bool) {
	if q.tree {
		for ; q.switches < len(q.inTree); q.switches, q.n = q.switches+1, 0 {
			if level := q.inTree[q.switches]; q.n < len(level) {
				return q.switches, int(level[q.n].steps), true
			}
			q.bytes -= uint64(cap(q.inTree[q.switches])) * 8
			q.inTree[q.switches] = nil
		}
		return 0, 0, false
	}
	for ; q.switches < len(q.byLength); q.switches, q.steps, q.n = q.switches+1, 0, 0 {
		for ; q.steps < len(q.byLength[q.switches]); q.steps, q.n = q.steps+1, 0 {
			bucket := &q.byLength[q.switches][q.steps]
			if q.n < len(*bucket) {
				return q.switches, q.steps, true
			}
			q.bytes -= uint64(cap(*bucket)) * 4
			*bucket = nil
		}
	}
	return 0, 0, false
}

// pop takes the path that next spoke of.
func (q *queue) pop() int32 {
	q.n++
	q.waiting--
	if q.tree {
		return q.inTree[q.switches][q.n-1].e
	}
	return q.byLength[q.switches][q.steps][q.n-1]
}

// each calls f for each path that waits, in order.
func (q *queue) each(f func(e int32, switches, steps int)) {
	n := q.n
	if q.tree {
		for switches := q.switches; switches < len(q.inTree); switches, n = switches+1, 0 {
			for _, p := range q.inTree[switches][n:] {
				f(p.e, switches, int(p.steps))
			}
		}
		return
	}
	steps := q.steps
	for switches := q.switches; switches < len(q.byLength); switches, steps = switches+1, 0 {
		for ; steps < len(q.byLength[switches]); steps, n = steps+1, 0 {
			for _, e := range q.byLength[switches][steps][n:] {
				f(e, switches, steps)
			}
		}
	}
}

// followTree lets the paths that come from now on follow in the order of their tree. Those that wait keep their order, and come first.
// Nothing happens if that was done before.
func (q *queue) followTree() {
	if q.tree {
		return
	}
	t := queue{tree: true, switches: q.switches}
	q.each(t.push)
	*q = t
}
