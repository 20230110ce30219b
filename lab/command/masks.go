package command

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

func newMasks(std streams) *cobra.Command {
	var variant, pin, format string
	var life, full bool
	cmd := &cobra.Command{
		Use:   "masks",
		Short: "Show what every mask and operation of a variant comes to",
		Long: `Masks puts a page into each of the 64 states that the six bits of its mask can
form, and runs each operation of the allocator on it. It shows whether the state
is legal, or why not; whether the page is on the list; what the operation does to
the list and to RCU; the next mask; and whether the page is released.

As svg or dot it is a picture of a page's states and the moves between them,
where a page and its mirror image are one. --format dot --full draws them apart.

--life shows the life of one page from birth to release, in all variants: what
its halves do, and which words of its struct page are in use.`,
		Example: `  ptsim masks --variant rfc
  ptsim masks --variant active --format svg > active.svg
  ptsim masks --variant classic --format json
  ptsim masks --life`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			formats := masks.Formats()
			if full && format != "dot" {
				return fmt.Errorf("--full: is about the graph for graphviz; expected --format dot, not %s", format)
			}
			if life {
				if cmd.Flags().Changed("variant") || cmd.Flags().Changed("pin") {
					return errors.New("--life: is about all variants; expected neither --variant nor --pin")
				}
				formats = masks.StoryFormats()
			}
			if err := checkFormat(format, formats...); err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			write, err := maskWriter(cmd, life, full, variant, pin, format)
			if err != nil {
				return err
			}
			return buffered(std.out, func(w io.Writer) error { return stdoutError(write(w)) })
		},
	}
	variantFlags(cmd, &variant, &pin, string(pgalloc.Pinned), "")
	formatFlag(cmd, &format, masks.Formats()...)
	cmd.Flags().BoolVar(&life, "life", false, "the life of one page, in all variants")
	cmd.Flags().BoolVar(&full, "full", false, "with --format dot: draw a page and its mirror image apart")
	return cmd
}

// maskWriter does the work, and returns what writes the result.
func maskWriter(cmd *cobra.Command, life, full bool, variant, pin, format string) (func(io.Writer) error, error) {
	if life {
		stories, err := masks.Stories()
		return func(w io.Writer) error { return masks.WriteStories(w, stories, format) }, err
	}
	v, p, err := parseVersion(cmd, variant, pin)
	if err != nil {
		return nil, err
	}
	t, err := masks.Build(v, p)
	if err != nil {
		return nil, err
	}
	if full {
		return t.WriteFull, nil
	}
	return func(w io.Writer) error { return t.Write(w, format) }, nil
}
