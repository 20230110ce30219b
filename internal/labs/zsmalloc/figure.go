package zsmalloc

import (
	"fmt"

	"ptsim/lab"
	"ptsim/zsmalloc"
)

// lists says which zspages are on each of a pool's lists.
var lists = []string{"empty zspages", "some objects", "full zspages"}

// figures draw each zspage as the chain of its pages, and each pool as its lists of zspages.
func figures(things []lab.Thing) []lab.Figure {
	var all []lab.Figure
	for i := range things {
		switch t := &things[i]; {
		case t.Kind == zsmalloc.ZspageCache:
			all = append(all, pages(things, t))
		case t.Kind == zsmalloc.PoolCache && !t.Freed:
			all = append(all, pool(things, t))
		}
	}
	return all
}

// pages draws a zspage and its pages: from first_page by page->index. A page that was freed, or that leads to another zspage or to none,
// is broken. Pages that lead to the zspage, and are not in its chain, stand below: migration is taking one in or out.
func pages(things []lab.Thing, z *lab.Thing) lab.Figure {
	chain := lab.Strip{Label: "from first_page", Chain: true, None: "no page"}
	if z.Freed {
		chain.None = "the zspage is freed"
	}
	seen := map[string]bool{}
	for at := z.Get("first_page"); !z.Freed && at != nil && at.To != "" && !seen[at.To]; {
		page := lab.Find(things, at.To)
		seen[at.To] = true
		cell := lab.Cell{Thing: at.To, Fill: lab.Full}
		if private := page.Get("private"); page == nil || page.Freed || private == nil || private.To != z.Name {
			cell.Fill = lab.Broken
		}
		chain.Cells = append(chain.Cells, cell)
		at = page.Get("index")
	}
	fig := lab.Figure{Title: "Pages of " + z.Name, Strips: []lab.Strip{chain}}
	others := lab.Strip{Label: "private leads here as well"}
	for i := range things {
		t := &things[i]
		if private := t.Get("private"); t.Kind == "page" && !t.Freed && !seen[t.Name] && private != nil && private.To == z.Name {
			cell := lab.Cell{Thing: t.Name, Fill: lab.Pending}
			if z.Freed {
				cell.Fill = lab.Broken
			}
			others.Cells = append(others.Cells, cell)
		}
	}
	if len(others.Cells) > 0 {
		fig.Strips = append(fig.Strips, others)
	}
	return fig
}

// pool draws the lists of a pool.
func pool(things []lab.Thing, p *lab.Thing) lab.Figure {
	fig := lab.Figure{Title: "Lists of " + p.Name}
	for i, label := range lists {
		strip := lab.Strip{Label: label, Chain: true, None: "none"}
		seen := map[string]bool{p.Name: true}
		for at := p.Get(fmt.Sprintf("fullness_list[%d]", i)); at != nil && at.To != "" && !seen[at.To]; {
			z := lab.Find(things, at.To)
			seen[at.To] = true
			cell := lab.Cell{Thing: at.To, Fill: lab.Full}
			if z == nil || z.Freed {
				cell.Fill = lab.Broken
			}
			strip.Cells = append(strip.Cells, cell)
			at = z.Get("list")
		}
		fig.Strips = append(fig.Strips, strip)
	}
	return fig
}
