package report

import (
	"fmt"
	"io"

	"ptsim/internal/prose"
)

var costLines = []line[Cost]{
	grouped("tables allocated", func(c *Cost) Figure { return c.Tables }),
	part(percent("reused halves", func(c *Cost) Figure { return c.ReuseRate })),
	grouped("peak pages", func(c *Cost) Figure { return c.PeakPages }),
	decimals("peak MiB", 2, func(c *Cost) Figure { return c.PeakMiB }),
	decimals("mean pages", 1, func(c *Cost) Figure { return c.MeanPages }),
	decimals("mean MiB", 2, func(c *Cost) Figure { return c.MeanMiB }),
	part(percent("of fullpage's", func(c *Cost) Figure { return c.OfFullPage })),
	part(percent("above the least", func(c *Cost) Figure { return c.AboveLeast })),
	decimals("halves wasted, mean", 1, func(c *Cost) Figure { return c.WastedHalves }),
	part(grouped("at the peak", func(c *Cost) Figure { return c.PeakWasted })),
	part(decimals("each for, s", 3, func(c *Cost) Figure { return c.WasteSeconds })),
	decimals("locks per table", 2, func(c *Cost) Figure { return c.LocksPerTable }),
	decimals("atomics per table", 2, func(c *Cost) Figure { return c.AtomicsPerTable }),
	part(decimals("of masks", 2, func(c *Cost) Figure { return c.MaskPerTable })),
	part(decimals("of mms", 2, func(c *Cost) Figure { return c.MMPerTable })),
	grouped("callbacks", func(c *Cost) Figure { return c.Callbacks }),
	part(decimals("per grace period", 1, func(c *Cost) Figure { return c.PerGracePeriod })),
	part(grouped("longest queue", func(c *Cost) Figure { return c.LongestQueue })),
	grouped("IPI rounds", func(c *Cost) Figure { return c.IPIs }),
	grouped("mms kept after exit", func(c *Cost) Figure { return c.KeptMMs }),
	part(decimals("mean ms", 1, func(c *Cost) Figure { return c.KeptMeanMS })),
	grouped("violations", func(c *Cost) Figure { return c.Violations }),
}

// WriteCosts writes costs as a table.
func (r *Report) WriteCosts(w io.Writer, rows []Cost, width int, splats bool) {
	fmt.Fprintf(w, "%s\n", prose.Hang("", "", r.costHeading(), width))
	writeTable(w, rows, func(c *Cost) string { return c.Variant }, costLines, width)
	r.violations(w, width, splats)
}

// costHeading says what was run, and how long its grace periods were.
func (r *Report) costHeading() string {
	s := fmt.Sprintf("%s, grace period %v", r.heading(), r.Grace)
	if r.Stopped {
		s = "INTERRUPTED, " + SoFar + ": " + s
	}
	return s
}
