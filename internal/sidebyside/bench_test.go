package sidebyside_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/internal/question"
	"ptsim/internal/sidebyside"
	"ptsim/pgalloc"
)

// BenchmarkCompare follows the longest schedule of those scenarios that a person steps through.
func BenchmarkCompare(b *testing.B) {
	s := par(b, "fork", "rfc", 2)
	defer s.Close()
	b.ReportMetric(float64(len(s.Line())), "steps")
	for b.Loop() {
		_, err := sidebyside.Compare(s, question.Version(pgalloc.Active))
		require.NoError(b, err)
	}
}
