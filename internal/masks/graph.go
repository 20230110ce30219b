package masks

import (
	"fmt"
	"slices"

	"ptsim/pgalloc"
)

// graph is the life of a page as a picture: what can be told apart by looking at the page, and the operations in between.
type graph struct {
	nodes []node
	edges []edge
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
	title  string
	note   string
}

// edge stands for all operations that lead from one node to another.
type edge struct {
	from, to int
	ops      []Op
	labels   []string
}

// graph draws up the graph of Life.
func (t *Table) graph() *graph {
	g := &graph{nodes: []node{{kind: nodeBirth, title: "alloc_page"}}}
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
	g.connect(0, of[0], Fresh, t.label(t.Birth))
	for _, m := range t.Life.Moves {
		r := t.Rows[m.Row]
		g.connect(of[m.From], of[m.To], r.Op, t.label(r))
	}
	return g
}

func (t *Table) node(p Place) node {
	n := node{place: p, title: p.Mask.String()}
	if p.Released {
		n.kind, n.title, n.note = nodeReleased, "released", ""
		return n
	}
	for _, s := range t.States {
		if s.Mask == p.Mask && s.Active == p.Active {
			n.listed = s.Listed
		}
	}
	switch {
	case !t.Fragments:
		n.title = map[bool]string{true: "in a batch", false: "in use"}[p.Batch != 0]
		if p.Callback != "" {
			n.title = "on rcu_head"
		}
		n.note = "no mask"
	case p.Mask == 0:
		n.note = "on rcu_head"
	case p.Mask.HH() != 0 && p.Callback == "":
		n.note = fmt.Sprintf("%02x, not queued", uint8(p.Mask))
	case n.listed:
		n.note = fmt.Sprintf("%02x, on the list", uint8(p.Mask))
	case p.Active:
		n.note = fmt.Sprintf("%02x, PageActive", uint8(p.Mask))
	default:
		n.note = fmt.Sprintf("%02x", uint8(p.Mask))
	}
	return n
}

// label names an operation: a callback by its own name, the rest with the half if there are two.
func (t *Table) label(r Row) string {
	switch {
	case r.Op == Now:
		return r.Ran
	case !t.Fragments:
		return r.Op.String()
	}
	return fmt.Sprintf("%s %d", r.Op, r.Half)
}

func (g *graph) connect(from, to int, op Op, label string) {
	for i := range g.edges {
		e := &g.edges[i]
		if e.from == from && e.to == to {
			if !slices.Contains(e.labels, label) {
				e.ops, e.labels = append(e.ops, op), append(e.labels, label)
			}
			return
		}
	}
	g.edges = append(g.edges, edge{from, to, []Op{op}, []string{label}})
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
