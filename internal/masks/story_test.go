package masks_test

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

// lives are what the published descriptions of the versions say about this one life: mask, what words 1 and 2 are in use
// for, what is in word 4, and PageActive with a star; a dash for what is not in use, nothing for a page that is gone.
var lives = map[string][]string{
	"classic":  {"01 - -", "01 lru -", "03 - -", "12 lru -", "10 - -", "", ""},
	"rfc":      {"01 - mm", "01 lru mm", "03 - mm", "12 - mm", "38 now1 mm", "28 now1 mm", ""},
	"typesafe": {"01 - list", "01 lru list", "03 - list", "12 - list", "38 now1 list", "28 now1 list", ""},
	"active":   {"01 - -", "01 lru -", "03 - -", "12 lru -", "10* - -", "00 now -", ""},
	"fullpage": {"00 - -", "00 - -", "00 - -", "00 - -", "00 now -", "", ""},
}

func brief(m masks.Moment) string {
	if !m.Here {
		return ""
	}
	s := []string{strings.ToLower(string("0123456789abcdef"[m.Mask>>4])) + string("0123456789abcdef"[m.Mask&15]), "-", "-"}
	if m.Active {
		s[0] += "*"
	}
	switch m.Union {
	case "lru":
		s[1] = "lru"
	case "rcu_head":
		s[1] = m.Callback
	}
	if m.PtMM != "" {
		s[2] = m.PtMM
	}
	return strings.Join(s, " ")
}

// TestStories: every version lives the life that is written about it.
func TestStories(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		s, err := masks.Tell(v, pin)
		require.NoError(t, err)
		want := string(v)
		if v == pgalloc.RFCAsPosted || v == pgalloc.Pinned {
			want = "rfc"
		}
		var have []string
		for _, m := range s.Moments {
			have = append(have, brief(m))
			if m.Here {
				assert.True(t, m.Table, "%s: PG_table", v)
				assert.EqualValues(t, 1, m.Refs, "%s: its references", v)
			}
		}
		assert.Equal(t, lives[want], have, "%s %s", v, pin)
	})
}

// TestStoriesGrouped: each version is in one group.
func TestStoriesGrouped(t *testing.T) {
	stories, err := masks.Stories()
	require.NoError(t, err)
	var names []string
	for _, s := range stories {
		names = append(names, strings.Join(s.Names, " "))
		assert.Len(t, s.Moments, len(masks.Chapters()))
	}
	assert.Equal(t, []string{"classic", "rfc-as-posted rfc pinned", "typesafe", "active", "fullpage"}, names)
}

func TestTellErrors(t *testing.T) {
	_, err := masks.Tell("linux", "")
	assert.EqualError(t, err, `unknown variant "linux"`)
	assert.EqualError(t, masks.WriteStories(io.Discard, nil, "pdf"), `unknown format "pdf"; expected one of text, svg, json`)
	for _, f := range masks.StoryFormats() {
		assert.EqualError(t, masks.WriteStories(brokenWriter{}, nil, f), "the life of a page as "+f+": no space left on device")
	}
}

func TestStoriesJSON(t *testing.T) {
	stories, err := masks.Stories()
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, masks.WriteStories(&b, stories, "json"))
	var have struct {
		Chapters []masks.Chapter
		Stories  []masks.Story
	}
	require.NoError(t, json.Unmarshal([]byte(b.String()), &have))
	assert.Equal(t, masks.Chapters(), have.Chapters)
	assert.Equal(t, stories, have.Stories)
	assert.NotRegexp(t, `"[A-Z]\w*":`, b.String(), "keys are written as in the other JSON")
}

// storyGrid reads the picture of the lives back: for each story and chapter the words that stand in or over its column.
func storyGrid(t *testing.T, svg string, stories []masks.Story) map[string][][]string {
	drawn, _ := parseSVG(t, svg)
	var texts, boxes []elem
	var columns []float64
	for _, e := range drawn {
		switch {
		case e.name == "text" && e.num("y") == 116:
			columns = append(columns, e.num("x"))
		case e.name == "text":
			texts = append(texts, e)
		case e.name == "rect" && e.class("s-ink"):
			boxes = append(boxes, e)
		}
	}
	tops := map[string]float64{"": 645}
	for _, s := range stories {
		for _, e := range texts {
			if e.text == strings.Join(s.Names, ", ") && e.num("x") == 24 {
				tops[strings.Join(s.Names, " ")] = e.num("y") - 20
			}
		}
	}
	grid := map[string][][]string{}
	for _, s := range stories {
		name := strings.Join(s.Names, " ")
		bottom := 645.0
		for _, y := range tops {
			if y > tops[name] {
				bottom = min(bottom, y)
			}
		}
		grid[name] = make([][]string, len(columns))
		for _, e := range texts {
			if e.num("y") < tops[name] || e.num("y") > bottom || e.num("x") < 240 {
				continue
			}
			// A word in a box is about all the columns that the box is over, unless it is half of one.
			from, to := e.num("x")-1, e.num("x")+1
			for _, b := range boxes {
				if r := b.rect(); r.has(e.num("x"), e.num("y")) {
					from, to = r.x, r.r
				}
			}
			wide := (columns[1] - columns[0]) / 2
			for i, x := range columns {
				if from < x+wide-4 && to > x-wide+4 {
					grid[name][i] = append(grid[name][i], e.text)
				}
			}
		}
	}
	return grid
}

// TestStoryPicture: the picture of the lives shows in each column what the page was seen to be.
func TestStoryPicture(t *testing.T) {
	stories, err := masks.Stories()
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, masks.WriteStories(&b, stories, "svg"))
	grid := storyGrid(t, b.String(), stories)
	for _, s := range stories {
		name := strings.Join(s.Names, " ")
		gone := false
		for i, m := range s.Moments {
			var want []string
			switch {
			case !m.Here && !gone:
				want, gone = []string{"released"}, true
			case !m.Here:
			default:
				if m.Doing != "" {
					want = append(want, m.Doing)
				} else {
					want = append(want, halfWords(uint8(m.Mask))...)
					want = append(want, spell(uint8(m.Mask)))
				}
				switch m.Union {
				case "lru":
					want = append(want, "lru: listed")
				case "rcu_head":
					want = append(want, "rcu_head: "+m.Callback)
				}
				if m.PtMM != "" {
					want = append(want, m.PtMM)
				}
				if m.Active {
					want = append(want, "PageActive")
				}
			}
			have := slices.Clone(grid[name][i])
			assert.ElementsMatch(t, want, have, "%s: %s", name, masks.Chapters()[i].Title)
		}
	}
	broken := strings.Replace(b.String(), ">rcu_head: now<", ">lru: listed<", 1)
	assert.NotEqual(t, grid, storyGrid(t, broken, stories), "the comparison can fail")
}

// TestStoryIsReadable: no word on another, or off the sheet, and every word in its box.
func TestStoryIsReadable(t *testing.T) {
	drawn, _ := parseSVG(t, pictures(t)["life"])
	var texts []elem
	for _, e := range drawn {
		if e.name != "text" {
			continue
		}
		r := e.textRect()
		assert.True(t, rect{0, 0, 1280, 720}.holds(r), "%q is off the sheet", e.text)
		for _, o := range texts {
			assert.False(t, r.meets(o.textRect()), "%q is on %q", e.text, o.text)
		}
		texts = append(texts, e)
		for _, b := range drawn {
			if br := b.rect(); b.name == "rect" && b.class("s-ink") && br.meets(r) {
				assert.True(t, br.holds(r), "%q sticks out of its box, or into another", e.text)
			}
		}
	}
}
