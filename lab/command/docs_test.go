package command

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/report"
)

var update = flag.Bool("update", false, "rewrite the outputs in README.md and the pictures in docs/img")

// runAtTop runs ptsim at the top of the module and returns what it printed.
func runAtTop(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	t.Chdir("../..")
	code = run(context.Background(), args, streams{strings.NewReader(""), &stdout, &stderr})
	require.Empty(t, stderr.String())
	return stdout.String(), code
}

// consoleBlock is a block of README.md: a command and its output.
var consoleBlock = regexp.MustCompile("(?s)```console\n\\$ (ptsim[^\n]*)\n(.*?)```\n")

// elide leaves out of an output what the text leaves out: where it shows a line of three dots, as many lines before and
// after as it shows.
func elide(out, shown string) string {
	head, tail, ok := strings.Cut(shown, "...\n")
	if !ok {
		return out
	}
	lines := strings.SplitAfter(out, "\n")
	before, after := strings.Count(head, "\n"), strings.Count(tail, "\n")
	lines = lines[:len(lines)-1]
	if before+after >= len(lines) {
		return out
	}
	return strings.Join(lines[:before], "") + "...\n" + strings.Join(lines[len(lines)-after:], "")
}

// TestREADME runs every command that README.md shows and compares the output.
func TestREADME(t *testing.T) { checkConsole(t, "../../README.md", 3) }

// TestTour does so for the tour.
func TestTour(t *testing.T) { checkConsole(t, "../../docs/tour.md", 6) }

// TestREADMEIsShort wants the first page to be read in a few minutes.
func TestREADMEIsShort(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	words, code := 0, false
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "```") {
			code = !code
		} else if !code {
			words += len(strings.Fields(line))
		}
	}
	assert.LessOrEqual(t, words, 1200)
	assert.Greater(t, words, 300)
}

// TestScenariosPage does so for the worked example, and wants the example in pieces to be the file.
func TestScenariosPage(t *testing.T) {
	checkConsole(t, "../../docs/scenarios.md", 3)
	text, err := os.ReadFile("../../docs/scenarios.md")
	require.NoError(t, err)
	file, err := os.ReadFile("../../docs/scenarios/mine.scn")
	require.NoError(t, err)
	pieces := regexp.MustCompile("(?s)```scn\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.GreaterOrEqual(t, len(pieces), 3)
	whole := ""
	for _, p := range pieces[:3] { // what follows is about other things
		whole += p[1] + "\n"
	}
	without := regexp.MustCompile(`(?m)^about .*\n`).ReplaceAllString(string(file), "")
	assert.Equal(t, without, strings.TrimSuffix(whole, "\n"))
	lab, err := os.ReadFile("../../docs/scenarios/swapped.scn")
	require.NoError(t, err)
	assert.Equal(t, string(lab), pieces[len(pieces)-1][1], "the example of a lab")
}

// TestLabPage wants the change that docs/lab.md makes to be one that can be made, and to be found out as it says.
func TestLabPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/lab.md")
	require.NoError(t, err)
	change := regexp.MustCompile("(?s)```go\n *(.*?)\n *```").FindSubmatch(page)
	require.NotNil(t, change)
	source, err := os.ReadFile("../../pgalloc/classic.go")
	require.NoError(t, err)
	assert.Contains(t, string(source), "\t"+string(change[1])+"\n")
	list, err := os.ReadFile("../../internal/mutants/list/classic.mut")
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^mutant \S+ in PageTableFree\nwhat .*\n- `+regexp.QuoteMeta(string(change[1]))+`\n\+\nkilled page,classic,`, string(list))
	all, err := os.ReadFile("../../docs/reference/mutants.md")
	require.NoError(t, err)
	count := regexp.MustCompile(`(?m)^(\d+) mutants: `).FindSubmatch(all)
	require.NotNil(t, count)
	assert.Contains(t, string(page), "this "+string(count[1])+" times")
}

// TestTopics wants the manuals to fit a terminal, and to be whole.
func TestTopics(t *testing.T) {
	for topic, words := range map[string][]string{
		"scenario": {"tlbfree TABLE", "finally", "THE START"}, "script": {"tlbfree TABLE", "HOOKS", `"freed"`},
		"lab":      {"PageTableFree", "explore.Exhaustive"},
		"workload": {"arrive 50/s", "THE TEXT"}, "traces": {"ptsim retract", "set_event_pid"},
	} {
		for _, args := range [][]string{{"help", topic}, {topic}, {topic, "--help"}} {
			out, code := runAtTopOnce(t, args...)
			require.Equal(t, exitOK, code)
			for _, w := range words {
				assert.Contains(t, out, w, args)
			}
			for _, line := range strings.Split(out, "\n") {
				if topic != "traces" { // whose commands are as long as they are
					assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
				}
				assert.NotContains(t, line, "\t")
			}
		}
	}
}

// runAtTopOnce is runAtTop for a test that runs several commands.
func runAtTopOnce(t *testing.T, args ...string) (out string, code int) {
	t.Run(strings.Join(args, " "), func(t *testing.T) { out, code = runAtTop(t, args...) })
	return out, code
}

// TestLifeOfAPage does so for the text that goes with the pictures.
func TestLifeOfAPage(t *testing.T) { checkConsole(t, "../../docs/life-of-a-page.md", 1) }

// checkConsole runs the commands that a text shows, of which there must be some.
func checkConsole(t *testing.T, path string, least int) {
	path, err := filepath.Abs(path)
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	found := consoleBlock.FindAllStringSubmatchIndex(string(text), -1)
	require.GreaterOrEqual(t, len(found), least)
	var fresh strings.Builder
	last := 0
	for _, m := range found {
		command, shown := string(text[m[2]:m[3]]), string(text[m[4]:m[5]])
		t.Run(command, func(t *testing.T) {
			out, code := runAtTop(t, strings.Fields(command)[1:]...)
			want := exitOK
			if strings.Contains(out, "VIOLATION") {
				want = exitFinding
			}
			assert.Equal(t, want, code)
			out = elide(out, shown)
			if !*update {
				assert.Equal(t, out, shown)
			}
			fresh.Write(text[last:m[4]])
			fresh.WriteString(out)
			last = m[5]
		})
	}
	fresh.Write(text[last:])
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(fresh.String()), 0o644))
	}
}

// TestREADMESetUp wants the two commands that set everything up to be what CI runs, the tests by way of internal/skips.
func TestREADMESetUp(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	ci, err := os.ReadFile("../../.ci/run")
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, block)
	commands := strings.Split(strings.TrimSpace(string(block[1])), "\n")
	require.Len(t, commands, 2)
	for _, c := range commands {
		c = strings.Replace(c, "go test", "go run ./internal/skips", 1)
		assert.Contains(t, string(ci), "\n"+c+"\n")
	}
}

// TestPictures wants the pictures in docs/img to be what the commands draw.
func TestPictures(t *testing.T) {
	img, err := filepath.Abs("../../docs/img")
	require.NoError(t, err)
	draw := map[string]string{}
	for _, v := range []string{"classic", "rfc-as-posted", "rfc", "pinned", "active", "fullpage"} {
		t.Run(v, func(t *testing.T) {
			draw["masks-"+v+".svg"], _ = runAtTop(t, "masks", "--variant", v, "--format", "svg")
		})
	}
	t.Run("life", func(t *testing.T) { draw["life.svg"], _ = runAtTop(t, "masks", "--life", "--format", "svg") })
	t.Run("pages", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "pages.svg")
		runAtTop(t, "retract", "--svg", file)
		svg, err := os.ReadFile(file)
		require.NoError(t, err)
		draw["pages.svg"] = string(svg)
	})
	for name, svg := range draw {
		path := filepath.Join(img, name)
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(svg), 0o644))
			continue
		}
		have, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equalf(t, string(have), svg, "%s is stale; go test ./lab/command -update redraws it", name)
	}
	entries, err := os.ReadDir(img)
	require.NoError(t, err)
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".png" {
			continue // a photograph of the page, which a browser took
		}
		assert.Containsf(t, draw, e.Name(), "nothing draws docs/img/%s", e.Name())
	}
}

// picture is a picture in a text: what it says to who cannot see it, and the file.
var picture = regexp.MustCompile(`!\[([^\]]*)\]\(([^)]*/)?([\w-]+\.(?:svg|png))\)`)

// TestPicturesAreShown wants every picture in docs/img to be in a text, with a sentence for those who cannot see it.
func TestPicturesAreShown(t *testing.T) {
	shown := map[string]bool{}
	for _, file := range []string{"README.md", "docs/tour.md", "docs/life-of-a-page.md", "docs/stepper.md"} {
		text, err := os.ReadFile("../../" + file)
		require.NoError(t, err)
		for _, m := range picture.FindAllStringSubmatch(string(text), -1) {
			shown[m[3]] = true
			assert.Greater(t, len(strings.Fields(m[1])), 4, "%s: %s needs more words than %q", file, m[3], m[1])
		}
	}
	entries, err := os.ReadDir("../../docs/img")
	require.NoError(t, err)
	for _, e := range entries {
		assert.True(t, shown[e.Name()], "docs/img/%s is shown nowhere", e.Name())
	}
}

// TestCosts wants the figures of memory in docs/costs.md that are quick to compute to be what the command says.
func TestCosts(t *testing.T) {
	doc, err := os.ReadFile("../../docs/costs.md")
	require.NoError(t, err)
	for name, args := range map[string][]string{
		"shm": {"testdata/traces/shm.ftrace.gz"}, "gitgc": {"testdata/traces/gitgc.ftrace.gz"}, "mixed": {"--workload", "mixed"},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := runAtTop(t, append([]string{"compare", "--format", "json"}, args...)...)
			require.Equal(t, exitOK, code)
			var rows []report.Cost
			require.NoError(t, json.Unmarshal([]byte(out), &rows))
			row := fmt.Sprintf("| %s | %.2f |", name, rows[0].LeastPages/256)
			for _, v := range []string{"classic", "pinned", "active", "fullpage"} {
				for _, r := range rows {
					if r.Variant == v {
						digits := 1
						if r.AboveLeast >= 0.0995 {
							digits = 0
						}
						row += fmt.Sprintf(" %.2f (+%.*f%%) |", r.MeanMiB, digits, 100*r.AboveLeast)
					}
				}
			}
			assert.Contains(t, string(doc), "\n"+row+"\n")
		})
	}
}

// TestRacesCost wants the table of what the ways to judge data races cost to be right, of what is quick to count. How many
// transitions the searches make is their own affair: within a fifth will do.
func TestRacesCost(t *testing.T) {
	doc, err := os.ReadFile("../../docs/explorer.md")
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^\| (\S+) \| (\d) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \((.*)x\) \| .* s \| .* s(, adjacent)? \| .* s \|$`).FindAllStringSubmatch(string(doc), -1)
	require.Len(t, rows, 8)
	for _, row := range rows {
		number := func(i int) (n float64) {
			_, err := fmt.Sscan(strings.ReplaceAll(row[i], ",", ""), &n)
			require.NoError(t, err)
			return n
		}
		assert.Equal(t, row[6], fmt.Sprintf("%.1f", number(5)/number(4)), row[0])
		if number(4) > 100_000 {
			continue
		}
		for races, judged := range map[string]string{"auto": map[bool]string{true: "adjacent", false: "happens-before"}[row[7] != ""], "happens-before": "happens-before"} {
			out, code := runAtTop(t, "explore", row[1], "--variant", "pinned", "--softirqs", row[2], "--races", races, "--format", "json")
			require.Equal(t, exitOK, code)
			var found struct {
				States, Transitions float64
				Race                float64 `json:"race_transitions"`
				Covers              struct {
					Races string `json:"data_races"`
				}
			}
			require.NoError(t, json.Unmarshal([]byte(out), &found))
			assert.Equal(t, judged, found.Covers.Races, row[0])
			assert.Equal(t, number(3), found.States, row[0])
			assert.InEpsilon(t, number(4), found.Transitions, 0.2, row[0])
			if races == "happens-before" {
				assert.InEpsilon(t, number(5), found.Race, 0.2, row[0])
			}
		}
	}
}

// TestExplorerCost wants the numbers of states in docs/explorer.md that are quick to count to be right.
func TestExplorerCost(t *testing.T) {
	doc, err := os.ReadFile("../../docs/explorer.md")
	require.NoError(t, err)
	for _, scenario := range []string{"S1", "S2", "S3a"} {
		row := regexp.MustCompile(`(?m)^\| ` + scenario + ` \| \d \| \d \|(.*)\|$`).FindStringSubmatch(string(doc))
		require.NotNil(t, row, scenario)
		cells := strings.Split(row[1], "|")
		require.Len(t, cells, 4)
		for i, cell := range cells {
			out, code := runAtTop(t, "explore", scenario, "--variant", "pinned", "--grace", "any", "--softirqs", fmt.Sprint(i+1), "--format", "json")
			require.Equal(t, exitOK, code)
			var found struct{ States int }
			require.NoError(t, json.Unmarshal([]byte(out), &found))
			states := regexp.MustCompile(`^ ([\d,]+), `).FindStringSubmatch(cell)
			require.NotNil(t, states, cell)
			assert.Equal(t, strings.ReplaceAll(states[1], ",", ""), fmt.Sprint(found.States), "%s with %d softirqs", scenario, i+1)
		}
	}
}

// TestTablesOfTheDocs wants each row of a table to have as many cells as its head: a bar in a cell, as a mask has two, ends the cell unless it
// is written \|, in code as well, and what follows is not shown.
func TestTablesOfTheDocs(t *testing.T) {
	bar := regexp.MustCompile(`(^|[^\\])\|`)
	cells := func(line string) int { return len(bar.FindAllString(strings.ReplaceAll(line, "||", "| |"), -1)) }
	tables := 0
	for _, pattern := range []string{"../../README.md", "../../docs/*.md", "../../docs/*/*.md", "../../internal/labs/*/*.md", "../../internal/labs/*/*/*.md"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			head, fenced, n := 0, false, 0
			for line := range strings.Lines(string(text)) {
				n++
				fenced = fenced != strings.HasPrefix(line, "```")
				switch {
				case fenced || !strings.HasPrefix(line, "|"):
					head = 0
				case head == 0:
					head = cells(line)
					tables++
				default:
					assert.Equal(t, head, cells(line), "%s:%d: cells", file, n)
				}
			}
		}
	}
	assert.Greater(t, tables, 60)
}

// TestLinksOfTheDocs wants every link of README.md and the docs to a file, and to a heading in it, to lead somewhere.
func TestLinksOfTheDocs(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	files = append(files, "../../README.md")
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	code := regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(m[1], "://") {
				continue
			}
			found++
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			to, err := os.ReadFile(target)
			if info, e := os.Stat(target); e == nil && info.IsDir() {
				continue
			}
			if !assert.NoErrorf(t, err, "%s: link to %s", file, m[1]) || anchor == "" {
				continue
			}
			assert.Containsf(t, anchors(string(to)), anchor, "%s: link to %s", file, m[1])
		}
	}
	assert.Greater(t, found, 50)
}

// anchors are the names of the headings of a text, as GitHub makes them.
func anchors(text string) (list []string) {
	for _, h := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := strings.ToLower(strings.NewReplacer("`", "", "*", "").Replace(h[1]))
		name = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(name, "")
		list = append(list, strings.ReplaceAll(name, " ", "-"))
	}
	return list
}

// TestHelpFitsATerminal wants the help of every command to fit 80 columns, and no default to be a zero that means something else.
func TestHelpFitsATerminal(t *testing.T) {
	names := []string{""}
	for _, c := range commands {
		if c.name != "traces" { // a document, whose commands are as long as they are
			names = append(names, c.name)
		}
	}
	for _, sub := range []string{"plan", "run", "merge"} {
		names = append(names, "campaign "+sub)
	}
	for _, k := range campaignKinds() {
		names = append(names, "campaign plan "+k.name)
	}
	for _, name := range names {
		var out bytes.Buffer
		args := append(strings.Fields(name), "--help")
		require.Equal(t, exitOK, run(context.Background(), args, streams{strings.NewReader(""), &out, &out}), name)
		for _, line := range strings.Split(out.String(), "\n") {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), helpWidth, "ptsim %s --help: %s", name, line)
		}
		assert.NotContains(t, out.String(), "(default 0", name)
	}
}

// TestHelpGroups wants every command under a heading of the help: a manual is not taken for a command that lists.
func TestHelpGroups(t *testing.T) {
	out, code := runAtTop(t, "--help")
	require.Equal(t, exitOK, code)
	_, rest, found := strings.Cut(out, "\nAdditional Commands:\n")
	require.True(t, found)
	rest, _, _ = strings.Cut(rest, "\n\n")
	assert.Equal(t, 2, strings.Count(rest+"\n", "\n"), "help and completion alone: %s", rest)
	_, manuals, found := strings.Cut(out, "Manuals, also as ptsim help NAME:\n")
	require.True(t, found)
	for _, c := range commands {
		require.NotEmpty(t, c.group, c.name)
		at := strings.Index(manuals, "\n  "+c.name+" ")
		if strings.HasPrefix(manuals, "  "+c.name+" ") {
			at = 0
		}
		assert.Equal(t, c.group == manualGroup, at >= 0, c.name)
	}
}
