package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/labs"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/lab"
)

func newLabs(std streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "labs [NAME]",
		Short: "List the protocols (labs) that can be explored, or describe one",
		Long: `A lab is a protocol that ptsim can explore: its variants, the words of its
scenarios, the rows of its table, the rules of its steps. Without a name, labs
lists the labs. With a name it prints everything about that lab.

A scenario of a lab is called LAB/NAME: "ptsim explore stack/aba" explores it,
and "ptsim verdicts --lab stack" explores the rows of the lab's table. A file of
your own begins with "lab NAME". A scenario without a lab belongs to the page
tables. "ptsim help lab" says how to write a lab.

masks, run, retract, compare and record are about the page tables alone.`,
		Example: "  ptsim labs\n  ptsim labs stack\n  ptsim labs --format json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkFormat(format, "text", "json"); err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			list := labs.All()
			if len(args) > 0 {
				l, err := labs.Get(args[0])
				if err != nil {
					return err
				}
				list = []*lab.Lab{l}
			}
			return buffered(std.out, func(w io.Writer) error {
				width, _ := columnsOf(std.out)
				switch {
				case format == "json":
					return writeLabsJSON(w, list)
				case len(args) > 0:
					return describeLab(w, list[0], width)
				}
				for _, l := range list {
					text := fmt.Sprintf("%s; %s, %s", l.Title, prose.Count(len(l.Versions), "variant", "variants"), prose.Count(len(scenario.NamesOf(l)), "scenario", "scenarios"))
					if len(l.Rows) > 0 {
						text += ", " + prose.Count(len(l.Rows), "row", "rows")
					}
					fmt.Fprint(w, prose.Hang(fmt.Sprintf("%-10s ", l.Name), strings.Repeat(" ", 11), text, width))
				}
				return nil
			})
		},
		ValidArgs: labs.Names(),
	}
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

// describeLab prints all that a lab says about its protocol.
func describeLab(w io.Writer, l *lab.Lab, width int) error {
	const column = 24
	indent := strings.Repeat(" ", column)
	item := func(head, text string) {
		head = "  " + head
		if len(head) > column-2 {
			fmt.Fprintln(w, head)
			head = ""
		}
		fmt.Fprint(w, prose.Hang(fmt.Sprintf("%-*s", column, head), indent, text, width))
	}
	part := func(title string, n int) bool {
		if n > 0 {
			fmt.Fprintf(w, "\n%s\n", title)
		}
		return n > 0
	}
	fmt.Fprint(w, prose.Hang("", "", l.Name+": "+l.Title, width))
	fmt.Fprint(w, prose.Hang("", "", l.About, width))
	part("Variants, in the order of publication", len(l.Versions))
	for _, v := range l.Versions {
		from := "not published"
		if v.Source != "" {
			from = v.Source
		}
		text := from + ": " + v.About
		if v.Flawed != "" {
			text += "; flawed: it " + v.Flawed
		}
		if v.Name == l.First() {
			text += " (the default)"
		}
		item(v.Name, text)
	}
	if part("About the whole scenario", len(l.Settings)) {
		for _, s := range l.Settings {
			item(s.Form, s.About)
		}
	}
	if part("At the start", len(l.Nouns)) {
		for _, n := range l.Nouns {
			item(n.Form, n.About)
		}
	}
	if part("In a task", len(l.Verbs)) {
		for _, v := range l.Verbs {
			item(v.Form, v.About)
		}
	}
	if part("After finally", len(l.Ends)) {
		for _, e := range l.Ends {
			item(e.Form, e.About)
		}
	}
	names := scenario.NamesOf(l)
	if part("Scenarios", len(names)) {
		for _, name := range names {
			s, err := scenario.Load(name)
			if err != nil {
				return err
			}
			item(name, s.Title)
		}
	}
	if part("Rules that steps rest on", len(l.Rules)) {
		for _, r := range l.Rules {
			item(r.ID, r.Text+" ["+r.Source+"]")
		}
	}
	return nil
}

// labJSON is a lab as JSON has it.
type labJSON struct {
	Name      string        `json:"name"`
	Title     string        `json:"title"`
	About     string        `json:"about"`
	Default   string        `json:"default"`
	Versions  []versionJSON `json:"versions"`
	Nouns     []formJSON    `json:"nouns"`
	Verbs     []formJSON    `json:"verbs"`
	Ends      []formJSON    `json:"ends"`
	Settings  []formJSON    `json:"settings"`
	Scenarios []string      `json:"scenarios"`
	Rows      []rowJSON     `json:"rows"`
	Rules     []ruleJSON    `json:"rules"`
}

type versionJSON struct {
	Name   string `json:"name"`
	Year   int    `json:"year"` // 0: not published
	Source string `json:"source"`
	About  string `json:"about"`
	Flawed string `json:"flawed"`
}

type formJSON struct {
	Form  string `json:"form"`
	About string `json:"about"`
}

type rowJSON struct {
	ID       string `json:"id"`
	Scenario string `json:"scenario"`
	Version  string `json:"version"`
	Expect   string `json:"expect"`
	Note     string `json:"note"`
}

type ruleJSON struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Source string `json:"source"`
}

func writeLabsJSON(w io.Writer, list []*lab.Lab) error {
	out := []labJSON{}
	for _, l := range list {
		k := labJSON{
			Name: l.Name, Title: l.Title, About: l.About, Default: l.First(), Versions: []versionJSON{}, Nouns: []formJSON{}, Verbs: []formJSON{},
			Ends: []formJSON{}, Settings: []formJSON{}, Scenarios: scenario.NamesOf(l), Rows: []rowJSON{}, Rules: []ruleJSON{},
		}
		for _, v := range l.Versions {
			k.Versions = append(k.Versions, versionJSON(v))
		}
		for _, n := range l.Nouns {
			k.Nouns = append(k.Nouns, formJSON{n.Form, n.About})
		}
		for _, v := range l.Verbs {
			k.Verbs = append(k.Verbs, formJSON{v.Form, v.About})
		}
		for _, e := range l.Ends {
			k.Ends = append(k.Ends, formJSON{e.Form, e.About})
		}
		for _, s := range l.Settings {
			k.Settings = append(k.Settings, formJSON{s.Form, s.About})
		}
		for _, r := range l.Rows {
			k.Rows = append(k.Rows, rowJSON{r.ID, r.Scenario, r.Version, r.Expect, r.Note})
		}
		for _, r := range l.Rules {
			k.Rules = append(k.Rules, ruleJSON{r.ID, r.Text, r.Source})
		}
		out = append(out, k)
	}
	return writeJSON(w, out)
}
