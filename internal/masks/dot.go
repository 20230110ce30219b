package masks

import (
	"fmt"
	"strings"
)

// dot writes the state graph for graphviz. Pages on the list have a double border, pages off it round corners.
func (t *Table) dot() []byte {
	g := t.graph()
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %q {\n", t.Name)
	fmt.Fprintf(&b, "\tlabel=%q; labelloc=t; rankdir=TB; nodesep=0.5; ranksep=0.7;\n", t.Name+": the life of a page")
	b.WriteString("\tnode [fontname=\"monospace\"]; edge [fontname=\"monospace\", fontsize=10];\n")
	for i, n := range g.nodes {
		label := n.title
		if n.note != "" {
			label += "\n" + n.note
		}
		fmt.Fprintf(&b, "\tn%d [label=%q, %s];\n", i, label, n.dotShape())
	}
	for _, e := range g.edges {
		s := strokes[e.ops[0]]
		style := "solid"
		if s.dash != "" {
			style = "dashed"
		}
		fmt.Fprintf(&b, "\tn%d -> n%d [label=%q, color=%q, fontcolor=%q, style=%s];\n", e.from, e.to,
			strings.Join(e.labels, "\n"), s.colour, s.colour, style)
	}
	b.WriteString("}\n")
	return []byte(b.String())
}

func (n node) dotShape() string {
	switch {
	case n.kind != nodeState:
		return "shape=plaintext"
	case n.listed:
		return "shape=box, peripheries=2"
	case n.lost:
		return `shape=box, style="rounded,dashed"`
	case n.place.Active:
		return `shape=box, style="rounded,bold"`
	}
	return "shape=box, style=rounded"
}
