package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"ptsim/internal/stepper"
)

// Pack is a list of values in which everything that occurs twice is written once: from one step to the next hardly anything
// changes, and a view says all there is. It is JSON for assets/pack.js, which undoes it.
//
// Nodes are numbered in the order of the list. A scalar stands for itself. An array is [-1, node...], an object [shape,
// node...], where a shape is the list of an object's keys.
type Pack struct {
	Shapes [][]string `json:"shapes"`
	Nodes  []any      `json:"nodes"`
	Frames []int      `json:"frames"` // the values, each a node

	shapes map[string]int
	nodes  map[string]int
}

func newPack() *Pack {
	return &Pack{Shapes: [][]string{}, Nodes: []any{}, Frames: []int{}, shapes: map[string]int{}, nodes: map[string]int{}}
}

// add puts one more value at the end.
func (p *Pack) add(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return err
	}
	p.Frames = append(p.Frames, p.intern(tree))
	return nil
}

func (p *Pack) intern(v any) int {
	switch v := v.(type) {
	case []any:
		list := make([]int, 0, len(v)+1)
		list = append(list, -1)
		for _, e := range v {
			list = append(list, p.intern(e))
		}
		return p.node("a"+fmt.Sprint(list), list)
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		name := fmt.Sprintf("%q", keys)
		shape, known := p.shapes[name]
		if !known {
			shape = len(p.Shapes)
			p.shapes[name], p.Shapes = shape, append(p.Shapes, keys)
		}
		list := make([]int, 0, len(v)+1)
		list = append(list, shape)
		for _, k := range keys {
			list = append(list, p.intern(v[k]))
		}
		return p.node("a"+fmt.Sprint(list), list)
	}
	return p.node(fmt.Sprintf("%T %v", v, v), v)
}

func (p *Pack) node(name string, v any) int {
	if i, known := p.nodes[name]; known {
		return i
	}
	i := len(p.Nodes)
	p.nodes[name], p.Nodes = i, append(p.Nodes, v)
	return i
}

// packViews packs views. Their paths are left out: each is the beginning of the last one's, and with them what is packed
// would grow with the square of the number of steps.
func packViews(views []*stepper.View) (*Pack, error) {
	p := newPack()
	for _, v := range views {
		short := *v
		short.Path = ""
		if err := p.add(&short); err != nil {
			return nil, err
		}
	}
	return p, nil
}
