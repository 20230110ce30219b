package masks

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The JSON form of a table. Keys are always there, in this order, so that two tables can be compared line for line.
type (
	jsonState struct {
		Mask    uint8     `json:"mask"`
		Hex     string    `json:"hex"`
		Picture string    `json:"picture"`
		Active  bool      `json:"active"`
		Halves  [2]string `json:"halves"`
		Legal   bool      `json:"legal"`
		Why     string    `json:"why"`
		Listed  bool      `json:"on_list"`
		Reach   Reach     `json:"reached"`
	}
	jsonRow struct {
		Mask     uint8      `json:"mask"`
		Active   bool       `json:"active"`
		Half     uint32     `json:"half"`
		Op       Op         `json:"op"`
		Possible bool       `json:"possible"`
		WhyNot   string     `json:"why_not"`
		Path     []jsonSeen `json:"path"`
		Next     uint8      `json:"next"`
		NextAct  bool       `json:"next_active"`
		Listed   bool       `json:"next_on_list"`
		List     ListAction `json:"list"`
		RCU      RCUAction  `json:"rcu"`
		Callback string     `json:"callback"`
		Ran      string     `json:"ran"`
		Release  Release    `json:"release"`
		Pin      int        `json:"mm_count"`
		Locked   bool       `json:"takes_lock"`
		Steps    []string   `json:"steps"`
		Trouble  []string   `json:"trouble"`
	}
	jsonSeen struct {
		Mask   uint8 `json:"mask"`
		Active bool  `json:"active"`
		Locked bool  `json:"locked"`
	}
	jsonPlace struct {
		Mask     uint8  `json:"mask"`
		Active   bool   `json:"active"`
		Callback string `json:"callback"`
		Batch    []int  `json:"halves_in_batch"`
		Released bool   `json:"released"`
	}
	jsonMove struct {
		From int    `json:"from"`
		To   int    `json:"to"`
		Op   Op     `json:"op"`
		Half uint32 `json:"half"`
	}
)

// json writes the table as an object, an element of its arrays a line.
func (t *Table) json() []byte {
	var b bytes.Buffer
	b.WriteString("{\n")
	for _, f := range []struct {
		key   string
		value any
	}{
		{"variant", t.Name}, {"kernel", t.Info.Kernel}, {"about", t.Info.About}, {"flawed", t.Info.Flawed}, {"pin", t.Pin},
		{"fragments", t.Fragments}, {"h_bits", t.Heads}, {"page_active", t.Actives}, {"pte_free_defer", t.Defers},
		{"birth", t.jsonRow(t.Birth)},
	} {
		fmt.Fprintf(&b, "%q:%s,\n", f.key, mustJSON(f.value))
	}
	jsonArray(&b, "states", t.States, func(s State) any {
		return jsonState{
			uint8(s.Mask), fmt.Sprintf("%02x", uint8(s.Mask)), s.Mask.String(), s.Active,
			[2]string{s.Halves[0].String(), s.Halves[1].String()}, s.Legal, s.Why, s.Listed, s.Reach,
		}
	})
	b.WriteString(",\n")
	jsonArray(&b, "rows", t.Rows, func(r Row) any { return t.jsonRow(r) })
	b.WriteString(",\n")
	jsonArray(&b, "places", t.Life.Places, func(p Place) any {
		batch := []int{}
		for half := range 2 {
			if p.Batch>>half&1 != 0 {
				batch = append(batch, half)
			}
		}
		return jsonPlace{uint8(p.Mask), p.Active, p.Callback, batch, p.Released}
	})
	b.WriteString(",\n")
	jsonArray(&b, "moves", t.Life.Moves, func(m Move) any {
		return jsonMove{m.From, m.To, t.Rows[m.Row].Op, t.Rows[m.Row].Half}
	})
	fmt.Fprintf(&b, ",\n\"lost\":%s\n}\n", mustJSON(append([]int{}, t.Life.Lost...)))
	return b.Bytes()
}

func (t *Table) jsonRow(r Row) jsonRow {
	var from State
	if r.Op != Fresh {
		from = t.States[r.State]
	}
	j := jsonRow{
		uint8(from.Mask), from.Active, r.Half, r.Op, r.Possible, r.WhyNot, []jsonSeen{}, uint8(r.Next), r.Active, r.Listed,
		r.List, r.RCU, r.Callback, r.Ran, r.Release, r.Pin, r.Locked, []string{}, append([]string{}, r.Trouble...),
	}
	for _, s := range r.Path {
		j.Path = append(j.Path, jsonSeen{uint8(s.Mask), s.Active, s.Locked})
	}
	for _, s := range r.Steps {
		j.Steps = append(j.Steps, s.What)
	}
	return j
}

func jsonArray[T any](b *bytes.Buffer, key string, list []T, f func(T) any) {
	fmt.Fprintf(b, "%q:[", key)
	for i, e := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(mustJSON(f(e)))
	}
	b.WriteString("\n]")
}

func mustJSON(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic("masks: " + err.Error()) // only for types that JSON does not have, and there are none
	}
	return out
}
