package s390sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is looked for again is found without a search, and what is elsewhere or gone by a search.
func TestFindAgain(t *testing.T) {
	var s vmaSet
	a, b := &VMA{Start: base, End: base + mib}, &VMA{Start: base + 2*mib, End: base + 3*mib}
	s.insert(a)
	s.insert(b)
	for range 2 {
		assert.Same(t, b, s.findAgain(base+2*mib))
		assert.Equal(t, 1, s.last)
		assert.Same(t, a, s.findAgain(base+mib-1))
		assert.Zero(t, s.last)
		assert.Nil(t, s.findAgain(base+mib))
		assert.Nil(t, s.find(base+mib))
		assert.Same(t, b, s.find(base+2*mib))
	}
	s.findAgain(base + 2*mib)
	s.list = s.list[:1]
	assert.Nil(t, s.findAgain(base+2*mib))
	assert.Same(t, a, s.findAgain(base))
}
