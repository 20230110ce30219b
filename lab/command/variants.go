package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/prose"
	"ptsim/pgalloc"
)

func newVariants(std streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "variants",
		Short:   "List the variants of the allocator",
		Example: "  ptsim variants\n  ptsim variants --format json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := checkFormat(format, "text", "json"); err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			return buffered(std.out, func(w io.Writer) error {
				width, _ := columnsOf(std.out)
				return writeVariants(w, format, width)
			})
		},
	}
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

func writeVariants(w io.Writer, format string, width int) error {
	if format == "json" {
		type entry struct {
			Variant pgalloc.Variant `json:"variant"`
			Kernel  string          `json:"kernel"`
			About   string          `json:"about"`
			Flawed  string          `json:"flawed"`
			Pins    []pgalloc.Pin   `json:"pins"`
		}
		list := []entry{}
		for _, i := range pgalloc.Variants() {
			e := entry{i.Variant, i.Kernel, i.About, i.Flawed, []pgalloc.Pin{}}
			if i.Variant == pgalloc.Pinned {
				e.Pins = pgalloc.Pins()
			}
			list = append(list, e)
		}
		return writeJSON(w, list)
	}
	for _, i := range pgalloc.Variants() {
		head := fmt.Sprintf("%-14s %-21s ", i.Variant, i.Kernel)
		rest := strings.Repeat(" ", len(head))
		fmt.Fprint(w, prose.Hang(head, rest, i.About, width))
		if i.Flawed != "" {
			fmt.Fprint(w, prose.Hang(rest, rest, "known flaw: "+i.Flawed, width))
		}
	}
	fmt.Fprintln(w, "\npins of the pinned variant, the default first:")
	for _, p := range pgalloc.Pins() {
		fmt.Fprint(w, prose.Hang(fmt.Sprintf("  %-12s ", p), strings.Repeat(" ", 15), p.About(), width))
	}
	return nil
}
