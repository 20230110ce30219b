package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ptsim/pgalloc"
)

func newVariants(std streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "variants",
		Short:   "List the versions of the allocator",
		Example: "  ptsim variants\n  ptsim variants --format json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := checkFormat(format, "text", "json"); err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			return buffered(std.out, func(w io.Writer) error { return writeVariants(w, format) })
		},
	}
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

func writeVariants(w io.Writer, format string) error {
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
		fmt.Fprintf(w, "%-14s %-21s %s\n", i.Variant, i.Kernel, i.About)
		if i.Flawed != "" {
			fmt.Fprintf(w, "%-14s %-21s known flaw: %s\n", "", "", i.Flawed)
		}
	}
	fmt.Fprintln(w, "\npins of the pinned version, the default first:")
	for _, p := range pgalloc.Pins() {
		fmt.Fprintf(w, "  %-12s %s\n", p, p.About())
	}
	return nil
}
