package tell

import (
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"ptsim/lab"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every citation of the kernel and of a mail can be followed: a function at a version that the citation names, and a mail
// among those of its days.
func TestCitationsHaveURLs(t *testing.T) {
	seen := map[string]int{}
	for _, r := range Rules() {
		for _, v := range names() {
			if !r.Holds(v) {
				continue
			}
			for _, c := range r.Cites(v) {
				u, err := url.Parse(c.URL)
				require.NoError(t, err)
				switch {
				case c.Kind == lab.CiteDocs:
					assert.Empty(t, c.URL)
				case u.Host == "elixir.bootlin.com":
					m := regexp.MustCompile(`^/linux/(v\d\.\d+)/A/ident/(\w+)$`).FindStringSubmatch(u.Path)
					require.NotNil(t, m, c.URL)
					assert.True(t, strings.HasPrefix(c.Where, m[2]+"(), "), c.Where)
					assert.Contains(t, c.Where, m[1])
				case u.Host == "lore.kernel.org":
					m := regexp.MustCompile(`^pte_free_defer d:(\d{8})\.\.(\d{8})$`).FindStringSubmatch(u.Query().Get("q"))
					require.NotNil(t, m, c.URL)
					first, err := time.Parse("20060102", m[1])
					require.NoError(t, err)
					last, err := time.Parse("20060102", m[2])
					require.NoError(t, err)
					if day, err := time.Parse("2 January 2006", strings.SplitN(c.Where, ":", 2)[0]); err == nil {
						assert.True(t, first.Before(day) && last.After(day), c.Where)
					}
					assert.Less(t, last.Sub(first), 15*24*time.Hour)
				case u.Host == "git.kernel.org":
					assert.Regexp(t, `/[0-9a-f]{12}$`, u.Path)
					text, err := os.ReadFile(top + "docs/thread.md")
					require.NoError(t, err)
					assert.Contains(t, string(text), strings.TrimPrefix(u.Path, "/torvalds/c/"))
				default:
					assert.Fail(t, "no URL", "%s: %s", r.ID, c.Where)
				}
				seen[u.Host]++
			}
		}
	}
	assert.Len(t, seen, 4, "%v", seen)
	assert.Equal(t, "https://elixir.bootlin.com/linux/v6.5/A/ident/page_table_free_rcu", cite(lab.CiteKernel, "page_table_free_rcu(), "+labelClassic).URL)
	assert.Equal(t, "https://lore.kernel.org/linux-mm/?q=pte_free_defer+d%3A20230611..20230614", cite(lab.CiteKernel, "page_table_free_rcu(), "+labelRFC).URL)
}

func TestCitationsInJSON(t *testing.T) {
	text, err := json.Marshal([]lab.Cite{cite(lab.CiteKernel, "mmdrop(), v6.6"), cite(lab.CiteDocs, docDeath)})
	require.NoError(t, err)
	assert.JSONEq(t, `[{"kind":"kernel","where":"mmdrop(), v6.6","url":"https://elixir.bootlin.com/linux/v6.6/A/ident/mmdrop"},{"kind":"docs","where":"docs/life-of-a-page.md#death"}]`, string(text))
	var back []lab.Cite
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, cite(lab.CiteDocs, docDeath), back[1])
}
