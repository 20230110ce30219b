package command

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
)

// openCheckpoint opens the file of --checkpoint, to keep in it how far the search is.
func (q *inquiry) openCheckpoint(std streams) (err error) {
	switch {
	case q.schedule != nil:
		return errors.New("--checkpoint: nothing is searched where a schedule is run; expected a scenario without one")
	case q.mode == "random" || q.mode == "pct":
		return fmt.Errorf("--checkpoint: schedules of mode %s are drawn anew each time; expected mode exhaustive, shortest or bounded", q.mode)
	}
	if q.opt.Checkpoint, err = explore.OpenCheckpoint(q.checkpoint, q.asks()); err != nil {
		return err
	}
	q.opt.Checkpoint.Every = q.every
	if states, took, ok := q.opt.Checkpoint.GoesOn(); ok {
		fmt.Fprintf(std.err, "ptsim: going on from %s: %s so far, in %s\n", q.checkpoint, prose.Count(states, "state", "states"), took.Round(10*time.Millisecond))
	}
	return nil
}

// everyFlag adds --checkpoint-every.
func everyFlag(cmd *cobra.Command, every *time.Duration) {
	cmd.Flags().DurationVar(every, "checkpoint-every", time.Minute, "how often --checkpoint is written; less often where that would cost more than 2 % of the time")
}

// checkEvery refuses an interval that is none, or that goes with nothing.
func checkEvery(cmd *cobra.Command, every time.Duration, checkpoint string) error {
	switch {
	case every <= 0:
		return fmt.Errorf("--checkpoint-every: %s; expected a time such as 10s or 5m", every)
	case cmd.Flags().Changed("checkpoint-every") && checkpoint == "":
		return errors.New("--checkpoint-every says how often --checkpoint is written; expected both")
	case cmd.Flags().Changed("checkpoint") && checkpoint == "":
		return errors.New("--checkpoint: no name; expected where to keep how far the search is")
	}
	return nil
}

// asks says what the question is, in words that no other one has.
func (q *inquiry) asks() string {
	o := q.exploreOptions
	text := fmt.Sprintf("%s (%x) on %s, %s, mode %s, races %s", scenario.FullName(q.Scenario), sha256.Sum256([]byte(q.Scenario.Source)), q.Version, q.surroundings(), o.mode, o.races)
	if o.mode == "bounded" {
		text += fmt.Sprintf(", bound %d", o.bound)
	}
	if o.kind != "" {
		text += ", kind " + o.kind
	}
	if o.plain {
		text += ", plain"
	}
	if o.first {
		text += ", first"
	}
	return text
}

// closeCheckpoint writes what is not in the file yet, and says how to go on, or why that will not do.
func (q *inquiry) closeCheckpoint(std streams, a *answer) {
	c := q.opt.Checkpoint
	if c == nil {
		if a.CutShort && q.opt.Context.Err() == nil {
			fmt.Fprintln(std.err, "ptsim: give more by --memory-limit, and --checkpoint FILE to go on next time from where it ends")
		}
		return
	}
	switch err := c.Close(); {
	case err != nil:
		fmt.Fprintf(std.err, "ptsim: %s\n", oneLine(err))
	case a.CutShort:
		fmt.Fprintf(std.err, "ptsim: %s has how far it is; the same command goes on from there\n", q.checkpoint)
	}
}
