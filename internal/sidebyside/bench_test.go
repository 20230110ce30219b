package sidebyside_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/internal/sidebyside"
	"ptsim/internal/verdicts"
	"ptsim/pgalloc"
)

// BenchmarkCompare follows the longest schedule of those scenarios that a person steps through.
func BenchmarkCompare(b *testing.B) {
	s := par(b, "fork", "rfc", 2)
	defer s.Close()
	b.ReportMetric(float64(len(s.Line())), "steps")
	for b.Loop() {
		_, err := sidebyside.Compare(s, verdicts.Version{Variant: pgalloc.Active})
		require.NoError(b, err)
	}
}
