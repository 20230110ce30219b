package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

func newMasks(std streams) *cobra.Command {
	var variant, pin, format string
	cmd := &cobra.Command{
		Use:   "masks",
		Short: "Show what every mask and operation of a version comes to",
		Long: `Masks puts a page into each of the 64 states that the six bits of its mask can spell, runs each operation
of the allocator on it, and shows what happened: whether the state is legal or why not, whether the page is
on the list, what the operation does to the list and to RCU, the next mask, and whether the page is released.
As svg or dot it is the graph of a page's states.`,
		Example: `  ptsim masks --variant rfc
  ptsim masks --variant active --format svg > active.svg
  ptsim masks --variant classic --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, masks.Formats()...); err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			v, p, err := parseVersion(cmd, variant, pin)
			if err != nil {
				return err
			}
			t, err := masks.Build(v, p)
			if err != nil {
				return err
			}
			return buffered(std.out, func(w io.Writer) error { return stdoutError(t.Write(w, format)) })
		},
	}
	variantFlags(cmd, &variant, &pin, string(pgalloc.Pinned), "")
	formatFlag(cmd, &format, masks.Formats()...)
	return cmd
}
