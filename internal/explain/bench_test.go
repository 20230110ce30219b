package explain_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/explain"
	"ptsim/internal/question"
	"ptsim/pgalloc"
)

// What a sentence costs: that of each step of the flaw in turn, from facts that are there.
func BenchmarkStep(b *testing.B) {
	ses := open(b, "S1", question.Version(pgalloc.RFC), 1, explore.GracePrecise)
	defer ses.Close()
	_, err := ses.Run(context.Background(), 100_000)
	require.NoError(b, err)
	var facts []*explain.Facts
	for _, try := range ses.Line()[1:] {
		facts = append(facts, try.View.Did.Facts())
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		explain.Step(facts[i%len(facts)])
	}
}
