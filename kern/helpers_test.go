package kern_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/kern"
)

// words gives a test n words of its own that nothing else uses.
func words(c *kern.CPU, n uint32) kern.Addr {
	return c.Machine().NewCache(kern.CacheConfig{Name: "words", Words: n}).Alloc(c)
}

// kinds lists what a machine has reported.
func kinds(m *kern.Machine) []kern.Kind {
	var ks []kern.Kind
	list, _ := m.Violations()
	for _, v := range list {
		ks = append(ks, v.Kind)
	}
	return ks
}

// quiet fails the test, with the whole splat, if the machine has reported anything.
func quiet(t require.TestingT, m *kern.Machine) {
	list, _ := m.Violations()
	for _, v := range list {
		require.Fail(t, v.Splat())
	}
}

// the requires that a machine has reported one violation, and returns it.
func the(t testing.TB, m *kern.Machine, kind kern.Kind) *kern.Violation {
	t.Helper()
	list, total := m.Violations()
	require.Equal(t, 1, total, "%v", kinds(m))
	require.Equal(t, kind, list[0].Kind, list[0].Sentence())
	return list[0]
}
