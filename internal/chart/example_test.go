package chart_test

import (
	"fmt"
	"os"

	"ptsim/internal/chart"
)

// variants is three allocators doing the same work: two pack two tables into a page
// and behave alike, one spends a page on every table.
func variants() *chart.Plot {
	ms := int64(1e6)
	packed := []chart.Point{{T: 0, V: 1}, {T: 4 * ms, V: 6}, {T: 9 * ms, V: 10}, {T: 22 * ms, V: 7}, {T: 30 * ms, V: 4}}
	return &chart.Plot{
		Title:  "Pages that hold page tables",
		YLabel: "4K pages in use",
		End:    40 * ms,
		Series: []chart.Series{
			{Name: "classic", Points: packed},
			{Name: "pinned", Points: packed},
			{Name: "fullpage", Points: []chart.Point{{T: 0, V: 2}, {T: 4 * ms, V: 12}, {T: 9 * ms, V: 20}, {T: 22 * ms, V: 13}, {T: 30 * ms, V: 5}}},
		},
		Caption: "Pages that wait for a grace period are counted.",
	}
}

func ExamplePlot_Terminal() {
	if err := variants().Terminal(os.Stdout, chart.TermOptions{Width: 60, Height: 9}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Pages that hold page tables
	// 4K pages in use
	// 20 ┤            ⡏⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⢹
	//    │            ⡇                ⢸
	//    │       b    ⡇                ⢸
	//    │     ⡤⠤⠤⠤⠤⠤⠤⠇                ⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⢹
	// 10 ┤     ⡇      ⡖⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⢲          ⢸
	//    │     ⡇      ⡇ a              ⢸⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣸
	//    │     ⡏⠉⠉⠉⠉⠉⠉⠁                           ⢸⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤ b
	//    │⣀⣀⣀⣀⣀⡇                                  ⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉ a
	//  0 ┤⠒⠒⠒⠒⠒⠃
	//    └┬────────────┬─────────────┬────────────┬────────────┬
	//     0            10            20           30          40
	//                           time (ms)
	// a  peak 10  mean  6.5  classic = pinned
	// b  peak 20  mean 12.0  fullpage
	// Pages that wait for a grace period are counted.
}

func ExamplePlot_Terminal_ascii() {
	if err := variants().Terminal(os.Stdout, chart.TermOptions{Width: 60, Height: 9, ASCII: true}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Pages that hold page tables
	// 4K pages in use
	// 20 +           bbbbbbbbbbbbbbbbbbb
	//    |           b                 b
	//    |           b                 b
	//    |     bbbbbbb                 bbbbbbbbbbb
	// 10 +     b     aaaaaaaaaaaaaaaaaaa         b
	//    |     b     a                 aaaaaaaaaa*
	//    |     *aaaaaa                           ************** ab
	//    |bbbbb*
	//  0 +aaaaaa
	//    ++------------+------------+------------+------------+
	//     0            10           20           30          40
	//                           time (ms)
	// * curves meet
	// a  peak 10  mean  6.5  classic = pinned
	// b  peak 20  mean 12.0  fullpage
	// Pages that wait for a grace period are counted.
}

func ExamplePlot_SVG() {
	f, err := os.CreateTemp("", "pages-*.svg")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(f.Name())
	if err := variants().SVG(f); err != nil {
		fmt.Println(err)
	}
	if err := f.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
}

func ExampleDownsample() {
	busy := []chart.Point{{T: 0, V: 3}, {T: 1, V: 9}, {T: 2, V: 4}, {T: 3, V: 1}, {T: 4, V: 5}, {T: 10, V: 6}}
	for _, p := range chart.Downsample(busy, 20, 2) {
		fmt.Println(p.T, p.V)
	}
	// Output:
	// 1 9
	// 3 1
	// 4 5
	// 10 6
}
