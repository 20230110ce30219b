package command

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/course"
)

// coursePages are the files of docs/course, by path.
func coursePages(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../docs/course/*.md")
	require.NoError(t, err)
	pages := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		path, err := filepath.Abs(f)
		require.NoError(t, err)
		pages[path] = string(text)
	}
	require.Len(t, pages, len(course.Names())+1)
	return pages
}

// TestCourseConsole runs the commands that the lessons show with their output.
func TestCourseConsole(t *testing.T) {
	ran := 0
	for path, text := range coursePages(t) {
		fresh := text
		for _, m := range consoleBlock.FindAllStringSubmatch(text, -1) {
			t.Run(m[1], func(t *testing.T) {
				ran++
				out, _ := runAtTop(t, strings.Fields(m[1])[1:]...)
				if out = elide(out, m[2]); *update {
					fresh = strings.Replace(fresh, m[0], "```console\n$ "+m[1]+"\n"+out+"```\n", 1)
					return
				}
				assert.Equal(t, out, m[2])
			})
		}
		if *update && fresh != text {
			require.NoError(t, os.WriteFile(path, []byte(fresh), 0o644))
		}
	}
	assert.GreaterOrEqual(t, ran, 3)
}

// awaited are commands that the course speaks of and that may not be there yet, or that do not end by themselves: of these
// only the flags are looked at.
var awaited = map[string]bool{"step": true, "learn": true, "serve": true, "quiz": true, "play": true}

var commandSpan = regexp.MustCompile("`(ptsim [^`]+)`")

// TestCourseCommands runs the commands that stand in the text.
func TestCourseCommands(t *testing.T) {
	ran := 0
	for path, text := range coursePages(t) {
		for _, m := range commandSpan.FindAllStringSubmatch(text, -1) {
			command := strings.Join(strings.Fields(m[1]), " ")
			args := strings.Fields(strings.ReplaceAll(command, " FILE", " testdata/scenarios/page.scn"))[1:]
			t.Run(filepath.Base(path)+": "+command, func(t *testing.T) {
				ran++
				if awaited[args[0]] {
					cmd, rest, err := newRoot(streams{}, "").Find(args)
					if err != nil || cmd.Name() != args[0] {
						t.Skip("there is no such command yet")
					}
					if last := args[len(args)-1]; strings.HasPrefix(last, "--") { // to be filled in
						rest = append(rest, "x")
					}
					assert.NoError(t, cmd.ParseFlags(rest))
					return
				}
				_, code := runAtTop(t, args...)
				assert.Contains(t, []int{exitOK, exitFinding}, code)
			})
		}
	}
	assert.GreaterOrEqual(t, ran, 8)
}

// TestCourseRunsReplay gives the schedules of the lessons to the command, as somebody who copies them would.
func TestCourseRunsReplay(t *testing.T) {
	for _, name := range course.Names() {
		l, err := course.Load(name)
		require.NoError(t, err)
		for _, b := range l.Blocks {
			r, ok := b.(*course.Run)
			if !ok {
				continue
			}
			t.Run(r.Schedule, func(t *testing.T) {
				out, code := runAtTop(t, "explore", "--replay", r.Schedule)
				if strings.Contains(r.Drawing, "VIOLATION") {
					assert.Equal(t, exitFinding, code)
					assert.Contains(t, out, strings.TrimSpace(r.Drawing))
					return
				}
				assert.Equal(t, exitIncomplete, code)
				assert.Contains(t, out, "nothing found, but one schedule is not all")
			})
		}
	}
}
