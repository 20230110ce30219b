package campaign_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDocs wants docs/campaigns.md to show the files that stand in docs/campaigns, which were tried.
func TestDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/campaigns.md")
	require.NoError(t, err)
	for name, language := range map[string]string{"job.yaml": "yaml", "Makefile": "make", "shard.sbatch": "sh", "merge.sbatch": "sh"} {
		text, err := os.ReadFile("../../docs/campaigns/" + name)
		require.NoError(t, err)
		assert.Containsf(t, string(doc), "\n```"+language+"\n"+string(text)+"```\n", "docs/campaigns/%s", name)
	}
}
