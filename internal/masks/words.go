package masks

import (
	"fmt"
	"strings"
)

// sentences say in words what the picture of a graph shows.
func (t *Table) sentences(g *graph) []string {
	var s []string
	for _, e := range g.edges {
		s = append(s, t.sentence(g, e))
	}
	return s
}

func (t *Table) sentence(g *graph, e edge) string {
	s := fmt.Sprintf("From %s, %s leads to %s", g.nodes[e.from].describe(), e.label, g.nodes[e.to].describe())
	if e.softirq {
		s += ", taking the lock of the list in a softirq"
	}
	switch {
	case e.pin > 0:
		s += ", and grabs the mm"
	case e.pin < 0:
		s += ", and drops the mm"
	}
	return s + "."
}

// describe names a node in words.
func (n node) describe() string {
	switch {
	case n.kind == nodeBirth:
		return "alloc_page"
	case n.kind == nodeReleased:
		return "the release of the page"
	}
	mask, hex := n.caption()
	if hex == "" {
		switch {
		case n.place.Callback != "":
			return "on rcu_head"
		case n.place.Batch != 0:
			return "in a batch"
		}
		return "in use"
	}
	s := []string{hex + " (" + mask}
	if n.listed {
		s = append(s, "on the list")
	}
	if n.tag != "" {
		s = append(s, n.tag)
	}
	if n.lost {
		s = append(s, "lost")
	}
	return strings.Join(s, ", ") + ")"
}

// mirrored says what the sentences leave open: what two masks mean.
func (d *drawing) mirrored(t *Table) []string {
	if !d.folded || !t.Fragments {
		return nil
	}
	return []string{"Two masks in hex are a page and its mirror image; the one that is spelled out is the first."}
}
