package tolitmus

import (
	"context"
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/internal/phrase"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
)

// States is how many states the search that learns a scenario may meet, about.
const States = 1_000_000

// Scenario writes a scenario on a version. Words are called as schedules call them. progress may be nil.
func Scenario(ctx context.Context, s *scenario.Scenario, v question.Version, progress func(explore.Progress)) (*Test, error) {
	m, err := question.Model(s, v)
	if err != nil {
		return nil, err
	}
	names, full := phrase.New(m, s, v), scenario.FullName(s)
	t, err := Write(Question{
		Name:  strings.ReplaceAll(full+"+"+v.String(), "/", "-"),
		About: []string{fmt.Sprintf("%s on %s, written by ptsim litmus --write.", full, v), s.Title + "."},
		Model: m, Word: names.Word, Thing: names.Object, Limit: States, Context: ctx, Progress: progress,
		Allocated: func(cache int, a kern.Addr) {
			names.Observe(&explore.Instance{}, &explore.Step{Op: kern.Op{Kind: kern.OpSlabAlloc, A: uint32(cache)}, Result: uint32(a)})
		},
	})
	if err != nil {
		return nil, fmt.Errorf("%s on %s: %w", full, v, err)
	}
	return t, nil
}
