package course_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"pgregory.net/rapid"

	"ptsim/internal/course"
)

// requireTables wants a text to be what goldmark's own tables make of it.
func requireTables(t require.TestingT, markdown string) {
	var want bytes.Buffer
	require.NoError(t, goldmark.New(goldmark.WithExtensions(extension.Table)).Convert([]byte(markdown), &want))
	have, err := course.HTML(markdown, nil)
	require.NoError(t, err)
	require.Equalf(t, want.String(), have, "%q", markdown)
}

// TestTables is about cells that goldmark counts in another way than the specification of GitHub's markdown.
func TestTables(t *testing.T) {
	for markdown, want := range map[string]string{
		"|a|b|\n|-|":                       "<p>|a|b|\n|-|</p>\n",
		"a|\n-|-":                          "<p>a|\n-|-</p>\n",
		"|a|\n|:-|\n|b\\|":                 table("<th style=\"text-align:left\">a</th>", "<td style=\"text-align:left\">b|</td>"),
		"|a|b|\n|-|-:|\n||\n|c|d|e|":       table("<th>a</th> <th style=\"text-align:right\">b</th>", "<td></td> <td></td>", "<td>c</td> <td style=\"text-align:right\">d</td>"),
		"x\n|a|\n|-|":                      "<p>x</p>\n" + table("<th>a</th>"),
		"|a|\n|-|\n- b":                    table("<th>a</th>") + "<ul>\n<li>b</li>\n</ul>\n",
		"|a|\n|-|\n|`b\\|c\\|d` `e\\\\|`|": table("<th>a</th>", "<td><code>b|c|d</code> <code>e\\|</code></td>"),
	} {
		have, err := course.HTML(markdown, nil)
		require.NoError(t, err)
		require.Equalf(t, want, have, "%q", markdown)
	}
}

// table is a table in HTML: its head, and other rows, with a space between cells.
func table(head string, rows ...string) string {
	row := func(cells string) string { return "<tr>\n" + strings.ReplaceAll(cells, "> <t", ">\n<t") + "\n</tr>\n" }
	out := "<table>\n<thead>\n" + row(head) + "</thead>\n"
	for i, r := range rows {
		if i == 0 {
			out += "<tbody>\n"
		}
		out += row(r)
		if i == len(rows)-1 {
			out += "</tbody>\n"
		}
	}
	return out + "</table>\n"
}

// TestTablesAgainstGoldmark compares with goldmark on all pages, and on tables drawn at random.
func TestTablesAgainstGoldmark(t *testing.T) {
	for _, text := range pages(t) {
		requireTables(t, text)
	}
	cell := rapid.SampledFrom([]string{"a", " b ", "`c`", "`d \\| e`", "f\\|g", "*h*", "[i](j)", "**`\\|`**", "`k", "\\*"})
	head := rapid.SampledFrom([]string{"a", "`b`", "c\\|d"}) // goldmark adds cells that are missing here, too; the specification does not
	dashes := rapid.SampledFrom([]string{"-", "---", ":-", "--:", ":-:", " - ", " :--- ", "a", ":"})
	rapid.Check(t, func(t *rapid.T) {
		row := func(cells *rapid.Generator[string], n int, what string) string {
			line := strings.Join(rapid.SliceOfN(cells, n, n).Draw(t, what), "|")
			return rapid.SampledFrom([]string{"", "|", "| ", "  |"}).Draw(t, "before") + line + rapid.SampledFrom([]string{"", "|", " |", "|  "}).Draw(t, "after")
		}
		n := rapid.IntRange(2, 4).Draw(t, "columns")
		lines := []string{rapid.SampledFrom([]string{"", "above", "a | b", "- c\n"}).Draw(t, "above"), row(head, n, "head"), row(dashes, n, "dashes")}
		for range rapid.IntRange(0, 3).Draw(t, "rows") {
			lines = append(lines, row(cell, rapid.IntRange(1, n+1).Draw(t, "cells"), "row"))
		}
		requireTables(t, strings.TrimPrefix(strings.Join(lines, "\n"), "\n"))
	})
}
