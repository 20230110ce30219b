package explore

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A table of distances that grows keeps what it knows.
func TestDistancesSurviveGrowth(t *testing.T) {
	d := newDistances()
	const keys = 5000
	for k := range uint64(keys) {
		assert.True(t, d.closer(mix(k+1), distance(2, int(k)%100)))
	}
	for k := range uint64(keys) {
		at := distance(2, int(k)%100)
		assert.False(t, d.closer(mix(k+1), at), "as far as before")
		assert.True(t, d.expand(mix(k+1), at))
		assert.False(t, d.expand(mix(k+1), at), "expanded twice")
		assert.True(t, d.closer(mix(k+1), distance(1, 99)))
	}
	assert.Equal(t, keys, d.n)
}
