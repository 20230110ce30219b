package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/report"
)

// tableRows returns the rows of the table in a text whose header begins so, by their first cell.
func tableRows(t *testing.T, text, header string) map[string][]string {
	_, rest, ok := strings.Cut(text, "\n"+header)
	require.True(t, ok, "no table %q", header)
	rows := map[string][]string{}
	for _, line := range strings.Split(rest, "\n")[2:] {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows[cells[0]] = cells[1:]
	}
	return rows
}

// setRow puts a row into the table of a text whose header begins so, after the heading.
func setRow(text, heading, header, name string, cells []string) string {
	at := strings.Index(text, heading)
	at += strings.Index(text[at:], "\n"+header)
	at += strings.Index(text[at:], "\n| "+name+" |") + 1
	end := at + strings.IndexByte(text[at:], '\n')
	return text[:at] + "| " + name + " | " + strings.Join(cells, " | ") + " |" + text[end:]
}

// TestCostsOfTheTraces wants what docs/costs.md says of the recorded traces to be what ptsim compare says. The presets take
// longer, and are left to who changes something that they depend on.
func TestCostsOfTheTraces(t *testing.T) {
	data, err := os.ReadFile("../../docs/costs.md")
	require.NoError(t, err)
	text := string(data)
	memory := tableRows(t, text, "| load | least ")
	wasted := tableRows(t, text[strings.Index(text, "## Halves wasted"):], "| load | classic ")
	locks := tableRows(t, text, "| load | rfc | half ")
	callbacks := tableRows(t, text[strings.Index(text, "## Callbacks"):], "| load | classic ")
	for _, name := range []string{"shm", "pool", "gitgc"} {
		var out, errOut bytes.Buffer
		code := run(context.Background(), []string{"compare", filepath.Join("../../testdata/traces", name+".ftrace.gz"), "--format", "json"}, streams{nil, &out, &errOut})
		require.Equal(t, exitOK, code, errOut.String())
		var list []report.Cost
		require.NoError(t, json.Unmarshal(out.Bytes(), &list))
		by := map[string]*report.Cost{}
		for i := range list {
			by[list[i].Variant] = &list[i]
		}
		cells := func(f func(c *report.Cost) string, versions ...string) (row []string) {
			for _, v := range versions {
				require.Contains(t, by, v)
				row = append(row, f(by[v]))
			}
			return row
		}
		four := []string{"classic", "pinned", "active", "fullpage"}
		above := func(share report.Figure) string {
			if share < 0.0995 {
				return fmt.Sprintf("%+.1f%%", 100*share)
			}
			return fmt.Sprintf("%+.0f%%", 100*share)
		}
		check := func(have map[string][]string, heading, header string, cells []string) {
			if *update {
				text = setRow(text, heading, header, name, cells)
				return
			}
			assert.Equal(t, cells, have[name], name)
		}
		check(memory, "## Memory", "| load | least ", append([]string{fmt.Sprintf("%.2f", by["classic"].LeastPages/256)},
			cells(func(c *report.Cost) string { return fmt.Sprintf("%.2f (%s)", c.MeanMiB, above(c.AboveLeast)) }, four...)...))
		check(wasted, "## Halves wasted", "| load | classic ", cells(func(c *report.Cost) string { return fmt.Sprintf("%.0f for %.3f s", c.WastedHalves, c.WasteSeconds) }, four...))
		check(locks, "## Locks and atomics", "| load | rfc | half ", cells(func(c *report.Cost) string { return fmt.Sprintf("%.2f + %.2f", c.LocksPerTable, c.AtomicsPerTable) },
			"rfc", "pinned", "pinned/page", "pinned/page-locked", "pinned/page-life", "active", "fullpage"))
		check(callbacks, "## Callbacks", "| load | classic ", append(cells(func(c *report.Cost) string { return fmt.Sprintf("%.1f, %.0f", c.PerGracePeriod, c.LongestQueue) }, four...),
			by["classic"].IPIs.String()))
	}
	if *update {
		require.NoError(t, os.WriteFile("../../docs/costs.md", []byte(text), 0o644))
	}
}

// TestCostsOfTheGracePeriod wants what docs/costs.md says of other grace periods to be what ptsim retract says.
func TestCostsOfTheGracePeriod(t *testing.T) {
	data, err := os.ReadFile("../../docs/costs.md")
	require.NoError(t, err)
	text := string(data)
	table := tableRows(t, text, "| grace period | shm ")
	require.Contains(t, table, "10ms")
	for grace, have := range table {
		var cells []string
		for _, name := range []string{"shm", "pool", "gitgc"} {
			var out, errOut bytes.Buffer
			code := run(context.Background(), []string{"retract", filepath.Join("../../testdata/traces", name+".ftrace.gz"), "--variant", "classic",
				"--grace-period", grace, "--format", "json"}, streams{nil, &out, &errOut})
			require.Equal(t, exitOK, code, errOut.String())
			var rows []struct {
				Peak int     `json:"peak_pages"`
				Mean float64 `json:"mean_pages"`
			}
			require.NoError(t, json.Unmarshal(out.Bytes(), &rows))
			cells = append(cells, fmt.Sprintf("%d, %.1f", rows[0].Peak, rows[0].Mean))
		}
		if *update {
			text = setRow(text, "## The grace period", "| grace period | shm ", grace, cells)
			continue
		}
		assert.Equal(t, cells, have, grace)
	}
	if *update {
		require.NoError(t, os.WriteFile("../../docs/costs.md", []byte(text), 0o644))
	}
}
