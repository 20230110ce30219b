package command

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"ptsim/internal/campaign"
	"ptsim/internal/prose"
)

func newCampaignMerge(std streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "merge DIR...",
		Short: "Print the outcome of all jobs, and which are missing",
		Long: `Merge reads the directories that campaign run has filled, one or several, and
prints what one run on one machine would have printed. Neither the number of
shards nor their order matters. Only time and memory differ.

It names on standard error the jobs that have no result, the jobs that died, and
the results that are in doubt: two for one job that differ, results of another
plan or another build of ptsim, and files that were damaged. A result in doubt is
not used.

Exit codes:

  0  every job has its answer, whatever it says
  1  a result is in doubt; a mutant does not end as its list says; a search that
     was split is violated
  2  bad input
  3  a job has no result, or died; a search that was split is incomplete`,
		Example: `  ptsim campaign merge results
  ptsim campaign merge results --format markdown
  ptsim campaign merge from-a from-b --format json`,
		RunE: func(_ *cobra.Command, dirs []string) error {
			if len(dirs) == 0 {
				return errors.New("campaign merge: no directory; expected those that ptsim campaign run has filled")
			}
			return mergeCampaign(std, dirs, format)
		},
	}
	var formats []string
	for _, k := range campaignKinds() {
		for _, f := range k.formats {
			if !slices.Contains(formats, f) {
				formats = append(formats, f)
			}
		}
	}
	formatFlag(cmd, &format, formats...)
	return cmd
}

func mergeCampaign(std streams, dirs []string, format string) error {
	m, err := campaign.Merge(dirs)
	if err != nil {
		return err
	}
	k, err := findCampaign(m.Plan.Kind)
	if err != nil {
		return fmt.Errorf("%s: %w", dirs[0], err)
	}
	if err := checkFormat(format, k.formats...); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	width, _ := columnsOf(std.out)
	err = buffered(std.out, func(w io.Writer) error { return k.merge(w, width, m, format) })
	if err != nil && !errors.Is(err, errFinding) && !errors.Is(err, errIncomplete) {
		return err
	}
	tellOf(std.err, "has no result", "have no result", m.Missing)
	tellOf(std.err, "died", "died", m.Died)
	for _, d := range m.Doubts {
		fmt.Fprintf(std.err, "ptsim: in doubt: %s\n", d)
	}
	switch {
	case errors.Is(err, errFinding) || len(m.Doubts) > 0:
		return errFinding
	case err != nil || !m.Whole():
		return errIncomplete
	}
	return nil
}

// mostTold is how many jobs are told one by one.
const mostTold = 20

func tellOf(w io.Writer, one, several string, jobs []string) {
	if len(jobs) == 0 {
		return
	}
	verb := several
	if len(jobs) == 1 {
		verb = one
	}
	fmt.Fprintf(w, "ptsim: %s %s:\n", prose.Count(len(jobs), "job", "jobs"), verb)
	for _, j := range jobs[:min(len(jobs), mostTold)] {
		fmt.Fprintf(w, "  %s\n", j)
	}
	if more := len(jobs) - mostTold; more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}
