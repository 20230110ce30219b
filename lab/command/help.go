package command

import (
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/prose"
)

// Columns of a help text: no terminal that people use is narrower than helpWidth, and lines of more than helpMost are hard to
// read.
const (
	helpWidth = 80
	helpMost  = 100
)

// fitHelp makes the help of a command and of those below it fit the width, when one asks for it: paragraphs are set anew, flags
// are wrapped. Indented lines are left alone: they are tables and examples.
func fitHelp(root *cobra.Command, width int) {
	width = min(max(width, helpWidth), helpMost)
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.Long = refill(cmd.Long, width)
		wrapped := strings.NewReplacer(".LocalFlags.FlagUsages ", "wrap .LocalFlags ", ".InheritedFlags.FlagUsages ", "wrap .InheritedFlags ")
		cobra.AddTemplateFunc("wrap", func(f interface{ FlagUsagesWrapped(int) string }) string { return f.FlagUsagesWrapped(width) })
		cmd.SetUsageTemplate(wrapped.Replace(cmd.UsageTemplate()))
		show(cmd, args)
	})
}

// refill sets the paragraphs of a text anew.
func refill(text string, width int) string {
	var b strings.Builder
	var words []string
	flush := func() {
		if len(words) > 0 {
			b.WriteString(prose.Hang("", "", strings.Join(words, " "), width))
			words = nil
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, " ") {
			flush()
			b.WriteString(line + "\n")
			continue
		}
		words = append(words, line)
	}
	flush()
	return strings.TrimRight(b.String(), "\n")
}
