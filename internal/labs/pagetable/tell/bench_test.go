package tell_test

import (
	"context"
	"testing"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable/tell"
	"ptsim/internal/question"
	"ptsim/lab"
	"ptsim/pgalloc"

	"github.com/stretchr/testify/require"
)

// What a sentence costs: that of each step of the flaw in turn, from facts that are there.
func BenchmarkStep(b *testing.B) {
	ses := open(b, "S1", question.Version(pgalloc.RFC), 1, explore.GracePrecise)
	defer ses.Close()
	_, err := ses.Run(context.Background(), 100_000)
	require.NoError(b, err)
	var facts []*lab.Facts
	for _, try := range ses.Line()[1:] {
		facts = append(facts, try.View.Did.Facts())
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tell.Step(facts[i%len(facts)])
	}
}
