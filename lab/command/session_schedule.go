package command

import (
	"context"
	"fmt"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"

	"github.com/spf13/cobra"
)

// aheadStates is how many states are tried to find the shortest way to a violation.
const aheadStates = 4_000_000

// openSchedule opens a session that is on a schedule: the one that open gives it, or else the shortest that breaks the
// version. If nothing can break it there is no session and no error: that is said on standard output, and ends with so.
func (o *sessionFlags) openSchedule(cmd *cobra.Command, std streams, args []string, so string) (*stepper.Session, error) {
	s, err := o.open(cmd, std, args)
	if err != nil {
		return nil, err
	}
	none, err := shortest(cmd.Context(), s)
	if err == nil && none == "" {
		return s, nil
	}
	defer s.Close()
	if err != nil {
		return nil, err
	}
	// Not to standard output, which may be read as JSON, or be the file that is to become the page.
	_, err = fmt.Fprintf(std.err, "ptsim: %s on %s: %s%s\n", scenario.FullName(s.Question.Scenario), s.Question.Version, none, so)
	return nil, err
}

// shortest has a session that has taken no step take the shortest way to a violation. If there is none it says so, and that
// it was proved; a search that gave up is an error.
func shortest(ctx context.Context, s *stepper.Session) (none string, err error) {
	if len(s.Line()) > 1 {
		return "", nil
	}
	a, err := s.Run(ctx, aheadStates)
	switch {
	case err != nil:
		return "", err
	case ctx.Err() != nil:
		return "", fmt.Errorf("%w after %s: no schedule that breaks %s was found so far, and nothing was written", context.Canceled, prose.Count(a.States, "state", "states"), s.Question.Version)
	case a.Verdict == string(explore.Safe):
		return a.Sentence, nil
	case a.Verdict == string(explore.Incomplete):
		return "", fmt.Errorf("%w: %s", errIncomplete, a.Sentence)
	}
	return "", nil
}
