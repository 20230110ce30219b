package masks

import (
	"fmt"
	"html"
	"strings"

	"ptsim/internal/picture"
)

// dot writes the same picture for graphviz: a page is a table of its halves, what is on the list is a cluster, and the
// columns are ranks. Classes are those of the SVG, so that a style sheet serves both.
func (t *Table) dot(g *graph) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %q {\n", t.Name)
	fmt.Fprintf(&b, "\tlabel=%q; labelloc=t; fontname=\"Helvetica\"; fontsize=20;\n", t.Name+": the states of a page")
	b.WriteString("\trankdir=LR; nodesep=0.45; ranksep=0.9; ratio=compress; bgcolor=\"white\";\n")
	b.WriteString("\tnode [fontname=\"monospace\", shape=plain]; edge [fontname=\"monospace\", fontsize=12, penwidth=1.4];\n")
	b.WriteString("\tsubgraph cluster_list {\n\t\tlabel=\"on pgtable_list\"; labeljust=l; fontname=\"Helvetica\"; fontsize=14; style=rounded; class=list;\n")
	for i, n := range g.nodes {
		if n.listed {
			fmt.Fprintf(&b, "\t\tn%d [%s];\n", i, n.dot(t.Fragments))
		}
	}
	b.WriteString("\t}\n")
	for i, n := range g.nodes {
		if !n.listed {
			fmt.Fprintf(&b, "\tn%d [%s];\n", i, n.dot(t.Fragments))
		}
	}
	for _, e := range g.edges {
		l := looks[e.op]
		c := colourOf(l.class)
		style := map[string]string{"": "solid", "8 4": "dashed", "2 4": "dotted"}[l.dash]
		head := map[string]string{"open": "empty", "full": "normal"}[l.head]
		more := ""
		if l.tail != "" {
			more = fmt.Sprintf(", dir=both, arrowtail=%s", map[string]string{"square": "obox", "ring": "odot"}[l.tail])
		}
		// An edge to a later column is as long as they are apart, which puts every node into its own; the others have no say.
		if apart := g.nodes[e.to].column(t.Fragments) - g.nodes[e.from].column(t.Fragments); apart > 0 {
			more += fmt.Sprintf(", minlen=%d", apart)
		} else {
			more += ", constraint=false"
		}
		label := e.text()
		if e.softirq {
			label += " (lock)"
		}
		fmt.Fprintf(&b, "\tn%d -> n%d [label=%q, class=%q, color=%q, fontcolor=%q, style=%s, arrowhead=%s%s];\n",
			e.from, e.to, label, l.class, c, c, style, head, more)
	}
	b.WriteString("}\n")
	return []byte(b.String())
}

// colourOf returns a colour by light: graphviz draws on white.
func colourOf(name string) string {
	for _, c := range picture.Colours() {
		if c.Name == name {
			return c.Light
		}
	}
	return "black"
}

// dot returns the attributes of a node. Graphviz has no patterns: the halves differ by their words and grounds, and a
// pending half by the style of its border.
func (n node) dot(fragments bool) string {
	switch n.kind {
	case nodeBirth:
		return `label="alloc_page", shape=box, style=rounded, class=birth`
	case nodeReleased:
		return `label="released", shape=box, style=rounded, class=released`
	}
	var b strings.Builder
	b.WriteString(`<table border="0" cellborder="1" cellspacing="0" cellpadding="4">`)
	if tag := n.tagText(); tag != "" {
		fmt.Fprintf(&b, `<tr><td border="0"><b>%s</b></td></tr>`, html.EscapeString(tag))
	}
	for _, h := range n.halves(fragments) {
		attrs, open, end := "", "", ""
		switch h {
		case picture.HalfAllocated:
			attrs = fmt.Sprintf(` bgcolor="%s"`, colourOf("full"))
			open, end = fmt.Sprintf(`<font color="%s">`, colourOf("onfull")), "</font>"
		case picture.HalfPending:
			attrs = fmt.Sprintf(` style="dashed" color="%s"`, colourOf("gather"))
		case picture.HalfDeferred:
			attrs = fmt.Sprintf(` style="dotted" color="%s"`, colourOf("defer"))
		}
		fmt.Fprintf(&b, `<tr><td width="90"%s>%s%s%s</td></tr>`, attrs, open, h.Word, end)
	}
	mask, hex := n.caption()
	fmt.Fprintf(&b, `<tr><td border="0"><b>%s</b><br/>%s</td></tr></table>`, html.EscapeString(mask), hex)
	class := "page"
	if n.lost {
		class = "lost"
	}
	return fmt.Sprintf("label=<%s>, class=%s", b.String(), class)
}
