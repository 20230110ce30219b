package labs_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
)

func Example() {
	l, err := labs.Get("stack")
	fmt.Println(l.Title, err)
	_, err = labs.Get("stak")
	fmt.Println(err != nil)
	// Output:
	// a lock-free stack <nil>
	// true
}

// TestTablesFitTogether wants each lab's tables to speak of what there is.
func TestTablesFitTogether(t *testing.T) {
	for _, l := range labs.All() {
		assert.Emptyf(t, l.Faults(), "lab %s", l.Name)
		again, err := labs.Get(l.Name)
		require.NoError(t, err)
		assert.Same(t, l, again)
	}
}
