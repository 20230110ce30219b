package masks_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

var (
	dotNode = regexp.MustCompile(`(?m)^\t+(n\d+) \[label=(?:<(.*)>|"([^"]*)"), (?:shape=box, style=rounded, )?class=(\w+)\];$`)
	dotEdge = regexp.MustCompile(`(?m)^\t(n\d+) -> (n\d+) \[label="([^"]+)", class="(\w+)", `)
	dotCell = regexp.MustCompile(`<td[^>]*>(.*?)</td>`)
	dotTag  = regexp.MustCompile(`<[^>]*>`)
)

// seeDot reads a graph for graphviz as see does a picture. What is in the cluster is put into a tray.
func seeDot(dot string) *seenPicture {
	p := &seenPicture{trays: []rect{{0, 0, 100, 100}}}
	names := map[string]string{}
	cluster := regexp.MustCompile(`(?s)subgraph cluster_list \{(.*?)\n\t\}`).FindStringSubmatch(dot)
	for i, m := range dotNode.FindAllStringSubmatch(dot, -1) {
		n := drawnNode{box: rect{float64(200 + 10*i), 0, float64(205 + 10*i), 5}, lost: m[4] == "lost", name: m[3]}
		if cluster != nil && strings.Contains(cluster[1], "\t"+m[1]+" [") {
			n.box = rect{1, 1, 2, 2}
		}
		var hex, tag string
		for _, c := range dotCell.FindAllStringSubmatch(m[2], -1) {
			s := dotTag.ReplaceAllString(strings.ReplaceAll(c[1], "<br/>", "\n"), "")
			first, second, _ := strings.Cut(s, "\n")
			switch {
			case maskText.MatchString(first):
				n.mask, hex = first, second
			case first == "no mask":
				hex = n.halves[0]
			case slices.Contains([]string{"free", "allocated", "pending", "deferred"}, s):
				n.halves = append(n.halves, s)
			default:
				tag = strings.TrimSpace(strings.TrimPrefix(s, "LOST"))
			}
		}
		if hex != "" {
			n.name = strings.TrimSpace(hex + " " + tag)
		}
		names[m[1]] = n.name
		p.nodes = append(p.nodes, n)
	}
	for _, m := range dotEdge.FindAllStringSubmatch(dot, -1) {
		op, lock := strings.CutSuffix(m[3], " (lock)")
		p.edges = append(p.edges, drawnEdge{from: names[m[1]], to: names[m[2]], op: op, lock: lock, class: m[4]})
	}
	return p
}

// TestDotShowsTheTable: the graph for graphviz is what the table says.
func TestDotShowsTheTable(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table, svg := drawn(t, v, pin)
		dot := text(t, table, "dot")
		p := seeDot(dot)
		assert.Empty(t, differences(table, p), table.Name)
		assert.Equal(t, strings.Count(dot, "->"), len(p.edges), table.Name)
		var a, b []string
		for _, e := range p.edges {
			a = append(a, e.String()+" as "+e.class)
		}
		for _, e := range see(t, svg).edges {
			b = append(b, e.String()+" as "+e.class)
		}
		assert.ElementsMatch(t, a, b, "%s: the same classes as the SVG", table.Name)
	})
}

func TestDotCanBeWrong(t *testing.T) {
	table := build(t, pgalloc.Pinned, "")
	dot := text(t, table, "dot")
	for old, by := range map[string]string{"free_rcu +mm": "free_rcu", "16 or 29": "16 or 28", "cluster_list": "list", " (lock)": "", "n3 ->": "n4 ->"} {
		require.Contains(t, dot, old)
		assert.NotEmpty(t, differences(table, seeDot(strings.Replace(dot, old, by, 1))), old)
	}
}

// TestGraphviz lets graphviz lay the graphs out, where there is one: it takes them without a warning, keeps the cluster,
// and puts nodes into the columns of the SVG, in their order.
func TestGraphviz(t *testing.T) {
	if _, err := exec.LookPath("dot"); err != nil {
		t.Skip("no graphviz on this machine: install it to have the dot output tried")
	}
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table, svg := drawn(t, v, pin)
		cmd := exec.Command("dot", "-Tplain")
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text(t, table, "dot")), &out, &errs
		require.NoError(t, cmd.Run(), errs.String())
		assert.Empty(t, errs.String(), table.Name)
		x := map[string]float64{}
		for i, n := range seeDot(text(t, table, "dot")).nodes {
			m := regexp.MustCompile(fmt.Sprintf(`(?m)^node n%d (\S+) `, dotIndex(t, text(t, table, "dot"), i))).FindStringSubmatch(out.String())
			require.NotNil(t, m)
			at, err := strconv.ParseFloat(m[1], 64)
			require.NoError(t, err)
			x[n.name] = at
		}
		nodes := see(t, svg).nodes
		for _, a := range nodes {
			for _, b := range nodes {
				if a.box.r < b.box.x {
					assert.Less(t, x[a.name], x[b.name], "%s: %s is left of %s", table.Name, a.name, b.name)
				}
			}
		}
	})
}

// dotIndex returns the number that the i-th node of the text has.
func dotIndex(t *testing.T, dot string, i int) (n int) {
	_, err := fmt.Sscanf(dotNode.FindAllStringSubmatch(dot, -1)[i][1], "n%d", &n)
	require.NoError(t, err)
	return n
}

// TestDotFull: apart, mirror images are nodes of their own, and every move is drawn with its half.
func TestDotFull(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table, _ := drawn(t, v, pin)
		var b strings.Builder
		require.NoError(t, table.WriteFull(&b))
		hex := map[string]bool{}
		for _, n := range seeDot(b.String()).nodes {
			assert.NotContains(t, n.name, " or ", table.Name)
			hex[n.name] = true
		}
		moves := map[string]bool{}
		for i, p := range table.Life.Places {
			if table.Fragments && !p.Released {
				assert.Contains(t, hex, strings.TrimSpace(fmt.Sprintf("%02x", uint8(p.Mask))+tagOf(p)), table.Name)
			}
			for _, m := range table.Life.Moves {
				if m.From == i {
					r := table.Rows[m.Row]
					moves[fmt.Sprintf("%02x%s %s %d", uint8(p.Mask), tagOf(p), r.Op, r.Half)] = true
				}
			}
		}
		if table.Fragments {
			assert.Equal(t, len(moves)+1, strings.Count(b.String(), "->"), table.Name) // and the birth
		}
	})
	assert.EqualError(t, build(t, pgalloc.RFC, "").WriteFull(brokenWriter{}), "masks of rfc as dot: no space left on device")
}

func tagOf(p masks.Place) string {
	switch {
	case p.Active:
		return " PageActive"
	case p.Mask == 0:
		return " on rcu_head"
	case p.Mask.HH() != 0 && p.Callback == "":
		return " not queued"
	}
	return ""
}
