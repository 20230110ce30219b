package command

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/pgalloc"
)

// Where all versions run, those that are known to be flawed may show it; who names one wants to hear of it.
func TestWhatIsAFinding(t *testing.T) {
	for _, i := range pgalloc.Variants() {
		all, named := &retractOptions{variant: "all"}, &retractOptions{variant: string(i.Variant)}
		assert.False(t, all.isFinding(i.Variant, 0), i.Variant)
		assert.False(t, named.isFinding(i.Variant, 0), i.Variant)
		assert.Equal(t, i.Flawed == "", all.isFinding(i.Variant, 3), i.Variant)
		assert.True(t, named.isFinding(i.Variant, 3), i.Variant)
	}
	assert.NotEmpty(t, pgalloc.RFC.Info().Flawed)
}
