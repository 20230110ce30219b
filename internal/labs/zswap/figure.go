package zswap

import (
	"fmt"

	"ptsim/lab"
	protocol "ptsim/zswap"
)

// global is what the card of the global variables is called.
const global = "mm"

// figures draw the slots of the zspage, with the handles that lead there, and the contexts of the CPUs.
func figures(things []lab.Thing) []lab.Figure {
	return []lab.Figure{zspage(things), contexts(things)}
}

// zspage draws who is in each slot, and where each handle leads: compaction changes both. A handle that is pinned is said to be.
func zspage(things []lab.Thing) lab.Figure {
	mm := lab.Find(things, global)
	slots := lab.Strip{Label: "slots"}
	for n := range protocol.Slots {
		cell := lab.Cell{Text: fmt.Sprintf("%d: free", n)}
		if h := mm.Get(fmt.Sprintf("object%d.handle", n)); h != nil && h.Word != 0 {
			cell = lab.Cell{Thing: h.To, Text: fmt.Sprintf("%d: %s", n, h.Value), Fill: fill(things, h.To)}
		}
		slots.Cells = append(slots.Cells, cell)
	}
	fig := lab.Figure{Title: "The zspage: an object moves from one slot to another", Strips: []lab.Strip{slots}}
	for i := range things {
		t := &things[i]
		if t.Kind != protocol.HandleCache || t.Freed {
			continue
		}
		obj := t.Get("obj").Word
		cell := lab.Cell{Text: fmt.Sprintf("slot %d", obj>>1), Fill: lab.Full}
		if obj&1 != 0 {
			cell.Text += ", pinned"
		}
		fig.Strips = append(fig.Strips, lab.Strip{Label: t.Name + " leads to", Cells: []lab.Cell{cell}})
	}
	return fig
}

// contexts draws what each CPU's acomp_ctx has: who holds its mutex, and the request and the buffer, which go with the CPU.
func contexts(things []lab.Thing) lab.Figure {
	mm := lab.Find(things, global)
	fig := lab.Figure{Title: "The context of each CPU"}
	for cpu := range protocol.CPUs {
		label := fmt.Sprintf("CPU %d", cpu)
		if here := mm.Get("this_cpu"); here != nil && int(here.Word) == cpu {
			label += ", the tasks are here"
		}
		var cells []lab.Cell
		for _, name := range []string{"mutex", "req", "buffer"} {
			f := mm.Get(fmt.Sprintf("acomp_ctx[%d].%s", cpu, name))
			if f == nil {
				continue
			}
			cell := lab.Cell{Thing: f.To, Text: name + " " + f.Value}
			switch {
			case name == "mutex" && f.Busy:
				cell.Fill = lab.Full
			case f.To != "":
				cell.Fill = fill(things, f.To)
			}
			cells = append(cells, cell)
		}
		fig.Strips = append(fig.Strips, lab.Strip{Label: label, Cells: cells})
	}
	return fig
}

// fill tells whether a thing that something leads to is there.
func fill(things []lab.Thing, name string) lab.Fill {
	if t := lab.Find(things, name); t == nil || t.Freed {
		return lab.Broken
	}
	return lab.Full
}
