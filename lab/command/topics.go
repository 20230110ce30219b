package command

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"ptsim"
	"ptsim/internal/course"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/prose"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
	"ptsim/internal/workload"
)

// topicWidth is how wide the manuals are.
const topicWidth = 80

// newTopic returns a command that prints a manual: ptsim help NAME, or ptsim NAME.
func newTopic(name, short string, text func() string) func(std streams) *cobra.Command {
	return func(std streams) *cobra.Command {
		cmd := &cobra.Command{
			Use: name, Short: short,
			Args: func(_ *cobra.Command, args []string) error {
				if len(args) > 0 {
					return fmt.Errorf("%s is a manual and takes no name%s", name, topicWith(name, args[0]))
				}
				return nil
			},
			RunE: func(*cobra.Command, []string) error {
				return buffered(std.out, func(w io.Writer) error {
					_, err := io.WriteString(w, text())
					return stdoutError(err)
				})
			},
		}
		cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) { _, _ = io.WriteString(std.out, text()) })
		return cmd
	}
}

// topicWith says which command takes a name, where a manual was given one: the two have names that differ by a letter.
func topicWith(name, arg string) string {
	switch plural := name + "s"; plural {
	case "scenarios", "workloads":
		return fmt.Sprintf("; ptsim %s %s prints one", plural, arg)
	case "labs":
		return fmt.Sprintf("; ptsim labs %s describes a lab", arg)
	}
	return ""
}

func scenarioManual() string {
	return manual(scenario.Source, "How it runs", "Where to start", "What it does not do") +
		"\nTHE WORDS OF THE PAGE TABLES\n\n" + manual(pagetable.Source, "What is checked when", "How it runs", "Where to start") +
		"\nA worked example from nothing: docs/scenarios.md.\n" +
		"ptsim scenarios lists those that come with it, ptsim scenarios NAME prints one.\n"
}

func scriptManual() string { return manual(script.Source, "The machine", "Cost") }

func workloadManual() string {
	return manual(workload.Source, "Virtual time", "Where to start") + "\nptsim workloads lists those that come with it, ptsim workloads NAME prints one.\n"
}

func document(name string) func() string {
	return func() string {
		text, err := ptsim.Manuals.ReadFile("docs/" + name)
		if err != nil {
			return err.Error() // it is part of the binary
		}
		return course.Terminal(string(text), topicWidth, nil) + "\n"
	}
}

// docLink is a link of a Go comment to a name of the package.
var docLink = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[([A-Z]\w+(?:\.\w+)?)\]`) })

// manual is the documentation of a package as text: without its Go, without the sections named, which are for those who read
// the code, and no wider than topicWidth.
func manual(source string, without ...string) string {
	var b strings.Builder
	var paragraph []string
	var left string // of a table's row, with its place
	at := 0
	var right []string
	flush := func() {
		if len(paragraph) > 0 {
			b.WriteString(prose.Hang("", "", strings.Join(paragraph, " "), topicWidth))
			paragraph = nil
		}
		if left == "" {
			return
		}
		first := left
		if text := strings.Join(right, " "); text != "" {
			const column = 27
			if len(first) > column-2 {
				fmt.Fprintf(&b, "%s\n", first)
				first = ""
			}
			b.WriteString(prose.Hang(fmt.Sprintf("%-*s", column, first), strings.Repeat(" ", column), text, topicWidth))
		} else {
			fmt.Fprintln(&b, first)
		}
		left, right = "", nil
	}
	skip := false
	for line := range strings.Lines(source) {
		line = strings.TrimRight(line, "\n")
		if !strings.HasPrefix(line, "//") {
			break
		}
		line = strings.TrimPrefix(strings.TrimPrefix(line, "//"), " ")
		if head, ok := strings.CutPrefix(line, "# "); ok {
			flush()
			skip = false
			for _, w := range without {
				skip = skip || w == head
			}
			if !skip {
				fmt.Fprintf(&b, "%s\n", strings.ToUpper(head))
			}
			continue
		}
		code, isCode := strings.CutPrefix(line, "\t")
		switch {
		case skip:
		case line == "":
			flush()
			if !strings.HasSuffix(b.String(), "\n\n") {
				b.WriteByte('\n')
			}
		case !isCode:
			paragraph = append(paragraph, line)
		default:
			word := strings.TrimLeft(code, " ")
			indent := len(code) - len(word)
			name, text, two := strings.Cut(word, "  ")
			if at > 0 && left != "" && indent >= at-1 { // more of the row above
				right = append(right, word)
				break
			}
			flush()
			left, at = "  "+strings.Repeat(" ", indent)+name, 0
			if two {
				at = len(code) - len(strings.TrimLeft(text, " "))
				right = append(right, strings.TrimLeft(text, " "))
			} else if indent == 0 {
				at = 20 // what goes on behind a long word
			}
		}
	}
	flush()
	text := strings.NewReplacer("[explore.Instance].Check", "the explorer", "[*Error]", "error", "*[Error]", "error").Replace(strings.TrimRight(b.String(), "\n"))
	return docLink().ReplaceAllString(text, "$1") + "\n"
}

func newScenarios(std streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "scenarios [NAME]",
		Short: "List the scenarios that come with ptsim, or print one",
		Long: `Without a name, scenarios lists what there is to explore. With one it prints the
text of that scenario, to read, or to change and explore as a file of your own.
"ptsim help scenario" has the language, docs/scenarios.md a worked example.`,
		Example: "  ptsim scenarios\n  ptsim scenarios S1 > mine.scn && ptsim verdicts mine.scn",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return buffered(std.out, func(w io.Writer) error {
				if len(args) == 0 {
					columns, _ := columnsOf(std.out)
					return listScenarios(w, "text", columns)
				}
				text, ok := scenario.Text(args[0])
				if !ok {
					return fmt.Errorf("unknown scenario %s; %s", quote.Short(args[0]), quote.ExpectedOf(args[0], scenario.Near(args[0]), "ptsim scenarios"))
				}
				_, err := io.WriteString(w, text)
				return stdoutError(err)
			})
		},
		ValidArgs: scenario.AllNames(),
	}
	return cmd
}
