package picture_test

import (
	"fmt"

	"ptsim/internal/picture"
)

// A line from one box to another has to go around what stands between them.
func Example() {
	plan := picture.Plan{
		Area: picture.Box{W: 480, H: 240},
		Boxes: []picture.Box{
			picture.Around(60, 120, 72, 48), picture.Around(420, 120, 72, 48), picture.Around(240, 120, 96, 72),
		},
		Lines: []picture.Line{{From: 0, To: 1, W: 40, H: 16}},
	}
	way := picture.Route(plan)[0]
	fmt.Println(way.Points)
	fmt.Println("label:", way.Label)
	fmt.Println(picture.Path(way.Points, 8))
	// Output:
	// [{84 96} {84 60} {396 60} {396 96}]
	// label: {220 52 40 16}
	// M84 96L84 68Q84 60 92 60L388 60Q396 60 396 68L396 96
}

func ExampleContrast() {
	fmt.Printf("%.1f %.1f\n", picture.Contrast("#000000", "#ffffff"), picture.Contrast("#777777", "#ffffff"))
	// Output: 21.0 4.5
}
