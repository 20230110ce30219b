package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestShortValues(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.004: "0.004", 14.764: "14.76", 999.96: "1,000", 999.94: "999.9", 1000: "1,000", 12345.4: "12,345", 3e6: "3,000,000"} {
		assert.Equal(t, want, short(Figure(v)))
	}
}
