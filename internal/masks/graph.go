package masks

import (
	"cmp"
	"fmt"
	"slices"

	"ptsim/pgalloc"
)

// graph is the life of a page as a picture: what can be told apart by looking at the page, and the operations in between.
type graph struct {
	nodes  []node
	edges  []edge
	folded bool // a node stands for a page and its mirror image
}

type nodeKind uint8

const (
	nodeState    nodeKind = iota
	nodeBirth             // there is no page yet
	nodeReleased          // there is none any more
)

// node is one or more places that look alike: which callback of two comes first is not told apart.
type node struct {
	kind   nodeKind
	place  Place // of the first of its places
	listed bool
	lost   bool // no way leads from here to the release
	masks  []pgalloc.Mask
	tag    string // what else there is to know
}

// edge is an operation that leads from one node to another.
type edge struct {
	from, to int
	op       Op
	half     uint32 // of no meaning in a folded graph
	label    string
	softirq  bool // takes the lock of the list in a callback
	pin      int  // how mm_count changes
}

// graph draws up the graph of Life, with both of any two mirror images.
func (t *Table) graph() *graph {
	g := &graph{nodes: []node{{kind: nodeBirth}}}
	index := map[Place]int{}
	of := make([]int, len(t.Life.Places)) // the node of each place
	for i, p := range t.Life.Places {
		key := p
		if t.Fragments && p.Mask != 0 {
			key.Batch = 0
			if p.Callback != "" {
				key.Callback = "any"
			}
		}
		n, ok := index[key]
		if !ok {
			n = len(g.nodes)
			index[key] = n
			g.nodes = append(g.nodes, t.node(p))
		}
		of[i] = n
		g.nodes[n].lost = slices.Contains(t.Life.Lost, i)
	}
	g.connect(t.edge(0, of[0], t.Birth))
	for _, m := range t.Life.Moves {
		g.connect(t.edge(of[m.From], of[m.To], t.Rows[m.Row]))
	}
	return g
}

func (t *Table) node(p Place) node {
	n := node{place: p}
	switch {
	case p.Released:
		n.kind = nodeReleased
		return n
	case t.Fragments:
		n.masks = []pgalloc.Mask{p.Mask}
	}
	for _, s := range t.States {
		if s.Mask == p.Mask && s.Active == p.Active {
			n.listed = s.Listed
		}
	}
	switch {
	case p.Active:
		n.tag = "PageActive"
	case t.Fragments && p.Mask == 0, !t.Fragments && p.Callback != "":
		n.tag = "on rcu_head"
	case p.Mask.HH() != 0 && p.Callback == "":
		n.tag = "not queued"
	}
	return n
}

// edge makes the edge of a row. A callback is called by its own name, the rest with the half if there are two.
func (t *Table) edge(from, to int, r Row) edge {
	e := edge{from: from, to: to, op: r.Op, half: r.Half, pin: r.Pin}
	e.softirq = r.Locked && (r.Op == Remove || r.Op == Now)
	switch {
	case r.Op == Now:
		e.label = r.Ran
	case !t.Fragments:
		e.label = r.Op.String()
	default:
		e.label = fmt.Sprintf("%s %d", r.Op, r.Half)
	}
	return e
}

func (g *graph) connect(e edge) {
	if !slices.Contains(g.edges, e) {
		g.edges = append(g.edges, e)
	}
}

// fold lets one node stand for a page and its mirror image: which half an operation is about is then told by what the
// half is doing, since an operation starts from one state of a half only. A graph whose mirror images do not do the same
// is returned as it is.
func (g *graph) fold() *graph {
	twin := g.mirror()
	if !g.symmetric(twin) {
		return g
	}
	f := &graph{folded: true}
	of := make([]int, len(g.nodes))
	for i, n := range g.nodes {
		if j := twin[i]; j != i {
			if g.nodes[j].place.Mask < n.place.Mask {
				continue
			}
			n.masks = []pgalloc.Mask{n.place.Mask, g.nodes[j].place.Mask}
		}
		of[i], of[twin[i]] = len(f.nodes), len(f.nodes)
		f.nodes = append(f.nodes, n)
	}
	for _, e := range g.edges {
		e.from, e.to, e.half, e.label = of[e.from], of[e.to], 0, e.op.String()
		f.connect(e)
	}
	slices.SortFunc(f.edges, func(a, b edge) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.op, b.op), cmp.Compare(a.to, b.to))
	})
	return f
}

// symmetric tells whether every operation does to a page what it does to its mirror image, the birth of a page aside. A
// callback of the whole page has no half.
func (g *graph) symmetric(twin []int) bool {
	type move struct {
		from, to int
		op       Op
		softirq  bool
		pin      int
	}
	moves := map[move]bool{}
	for _, e := range g.edges {
		moves[move{e.from, e.to, e.op, e.softirq, e.pin}] = true
	}
	for m := range moves {
		m.from, m.to = twin[m.from], twin[m.to]
		if m.op != Fresh && !moves[m] {
			return false
		}
	}
	return true
}

// mirror returns, for each node, the one with its halves swapped; itself if it has no such twin.
func (g *graph) mirror() []int {
	twin := make([]int, len(g.nodes))
	for i, n := range g.nodes {
		twin[i] = i
		want := n.place
		want.Mask = swapHalves(want.Mask)
		for j, m := range g.nodes {
			if n.kind == nodeState && m.kind == nodeState && m.place.Mask == want.Mask && m.place.Active == want.Active &&
				(m.place.Callback == "") == (want.Callback == "") && want.Mask != n.place.Mask {
				twin[i] = j
			}
		}
	}
	return twin
}

// swapHalves returns the mask with the halves' bits exchanged.
func swapHalves(m pgalloc.Mask) pgalloc.Mask {
	const low = pgalloc.A | pgalloc.H | pgalloc.P
	return m&low<<1 | m>>1&low
}
