package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/memory"
)

// memoryFlags adds --memory and --lkmm.
func memoryFlags(cmd *cobra.Command, model, release *string, def memory.Model) {
	cmd.Flags().StringVar(model, "memory", def.String(), "memory model: "+strings.Join(memory.Models(), ", "))
	complete(cmd, "memory", memory.Models())
	cmd.Flags().StringVar(release, "lkmm", memory.Releases()[0], "kernel release whose memory model lkmm is: "+strings.Join(memory.Releases(), ", "))
	complete(cmd, "lkmm", memory.Releases())
}

// withoutFlag adds --without, which memoryOf reads.
func withoutFlag(cmd *cobra.Command) {
	cmd.Flags().StringSlice("without", nil, "take a rule out of lkmm: "+strings.Join(memory.Rules(), ", "))
	complete(cmd, "without", memory.Rules())
}

// without returns the rules that --without names, if the command has it.
func without(cmd *cobra.Command) []string {
	names, _ := cmd.Flags().GetStringSlice("without")
	return names
}

func parseMemory(model, release string, less ...string) (memory.Model, memory.Release, error) {
	m, err := memory.ParseModel(model)
	if err != nil {
		return 0, 0, fmt.Errorf("--memory: %w", err)
	}
	r, err := memory.ParseRelease(release, less...)
	if err != nil && len(less) > 0 && m == memory.LKMM {
		return 0, 0, fmt.Errorf("--lkmm or --without: %w", err)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("--lkmm: %w", err)
	}
	return m, r, nil
}

// whatIfFlag adds --what-if.
func whatIfFlag(cmd *cobra.Command, edits *[]string) {
	cmd.Flags().StringSliceVar(edits, "what-if", nil, "run the code with a barrier more before FILE:LINE (+rmb=, +wmb=, +mb=), or without what a line orders (-FILE:LINE)")
}

// editsOf reads --what-if.
func editsOf(words []string) (string, error) {
	text := strings.Join(words, ",")
	if _, err := explore.ParseEdits(text); err != nil {
		return "", fmt.Errorf("--what-if: %w", err)
	}
	return text, nil
}

// memoryOf is the memory that something runs under: what the flags say, or else the file's word.
func memoryOf(cmd *cobra.Command, model, release, word string) (spec memory.Spec, err error) {
	if word != "" && !cmd.Flags().Changed("memory") && !cmd.Flags().Changed("lkmm") && len(without(cmd)) == 0 {
		return memory.ParseSpec(word)
	}
	if spec.Model, spec.Release, err = parseMemory(model, release, without(cmd)...); err != nil {
		return spec, err
	}
	if spec.Model != memory.LKMM {
		for _, name := range []string{"lkmm", "without"} {
			if cmd.Flags().Changed(name) {
				return spec, fmt.Errorf("--%s goes with --memory lkmm; expected none with %s", name, spec.Model)
			}
		}
		spec.Release = 0
	}
	return spec, nil
}
