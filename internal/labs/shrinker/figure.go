package shrinker

import (
	"ptsim/lab"
	protocol "ptsim/shrinker"
)

// global is what the card of the global variables is called.
const global = "mm"

// figures draw shrinker_list in its order, what is off it and not freed yet, and the super_block behind each shrinker.
func figures(things []lab.Thing) []lab.Figure {
	list := lab.Strip{Label: "shrinker_list", Chain: true, None: "empty"}
	seen := map[string]bool{global: true}
	for at := lab.Find(things, global).Get("shrinker_list"); at != nil && at.To != "" && !seen[at.To]; {
		sh := lab.Find(things, at.To)
		seen[at.To] = true
		list.Cells = append(list.Cells, cell(sh, at.To))
		at = sh.Get("list")
	}
	off := lab.Strip{Label: "off the list"}
	var owners []lab.Strip
	for i := range things {
		sh := &things[i]
		if sh.Kind != protocol.ShrinkerCache || sh.Freed {
			continue
		}
		if !seen[sh.Name] {
			off.Cells = append(off.Cells, cell(sh, sh.Name))
		}
		owner := lab.Strip{Label: sh.Name + "->private_data", None: "not set"}
		if sb := sh.Get("private_data"); sb != nil && sb.To != "" {
			owner.Cells = []lab.Cell{{Thing: sb.To, Fill: lab.Full}}
			if t := lab.Find(things, sb.To); t == nil || t.Freed {
				owner.Cells[0].Fill = lab.Broken
			}
		}
		owners = append(owners, owner)
	}
	strips := []lab.Strip{list}
	if len(off.Cells) > 0 {
		strips = append(strips, off)
	}
	return []lab.Figure{{Title: "Who can be found, and what its callback uses", Strips: append(strips, owners...)}}
}

// cell draws a shrinker with its count: one whose count is zero gives no reference any more, or none yet.
func cell(sh *lab.Thing, name string) lab.Cell {
	c := lab.Cell{Thing: name, Fill: lab.Full}
	switch n := sh.Get("refcount"); {
	case sh == nil || sh.Freed:
		c.Fill = lab.Broken
	case n != nil:
		c.Text = name + " (count " + n.Value + ")"
		if n.Word == 0 {
			c.Fill = lab.Pending
		}
	}
	return c
}
