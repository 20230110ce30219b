package sweep

import "time"

// Grid is all combinations of some values.
type Grid struct {
	Processes []int
	Tables    []int
	Lifetimes []time.Duration
	Collapses []float64
	Graces    []time.Duration
	CPUs      []int
}

// Default is the grid of docs/costs.md. The value in the middle of each axis is what the others are varied around.
func Default() Grid {
	ms := time.Millisecond
	return Grid{
		Processes: []int{4, 32, 128},
		Tables:    []int{1, 2, 4, 16},
		Lifetimes: []time.Duration{10 * ms, 100 * ms, time.Second, 0},
		Collapses: []float64{0, 10, 100},
		Graces:    []time.Duration{3 * ms, 10 * ms, 100 * ms},
		CPUs:      []int{2, 8, 64},
	}
}

// Middle is the point that docs/costs.md varies the others around.
func Middle() Point {
	return Point{Processes: 32, Tables: 4, Lifetime: 100 * time.Millisecond, Collapse: 10, Grace: 10 * time.Millisecond, CPUs: 8}
}

// Points are the points of a grid, in an order that depends on its values alone.
func (g Grid) Points() []Point {
	var list []Point
	for _, p := range g.Processes {
		for _, t := range g.Tables {
			for _, l := range g.Lifetimes {
				for _, c := range g.Collapses {
					for _, gp := range g.Graces {
						for _, n := range g.CPUs {
							list = append(list, Point{p, t, l, c, gp, n})
						}
					}
				}
			}
		}
	}
	return list
}

// Seconds is about what a point takes, all variants together, as measured over the default grid.
func (p Point) Seconds() float64 {
	tables := float64(p.Processes * p.Tables) // allocated: at the beginning, and by those that come later
	if p.Lifetime > 0 {
		tables *= 1 + p.Duration().Seconds()/p.Lifetime.Seconds()
	}
	faults := float64(p.Processes) * faultRate * p.Duration().Seconds()
	return 0.01 + 5e-6*tables + 5e-6*faults
}
