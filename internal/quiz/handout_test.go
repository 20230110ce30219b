package quiz_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/quiz"
)

// few are the items of one small handout.
func few(t *testing.T) []*quiz.Item {
	items, err := drawnFew()
	require.NoError(t, err)
	return items
}

var drawnFew = sync.OnceValues(func() ([]*quiz.Item, error) { return quiz.Draw(1, 6) })

func write(t *testing.T, h *quiz.Handout, format string) string {
	var b bytes.Buffer
	require.NoError(t, h.Write(&b, format))
	return b.String()
}

// What is handed out holds no answer: nothing of any sentence of the key, in no format.
func TestHandoutKeepsTheKey(t *testing.T) {
	items := few(t)
	for _, format := range quiz.Formats() {
		plain := func(key bool) string {
			text := write(t, &quiz.Handout{Seed: 2, Items: items, Key: key}, format)
			if format == "json" {
				return text
			}
			return strings.Join(strings.Fields(html.UnescapeString(text)), " ")
		}
		blank, keyed := plain(false), plain(true)
		assert.Greater(t, len(keyed), len(blank))
		for _, it := range items {
			for _, q := range it.Quiz.Questions {
				g, err := it.Quiz.Key(q.ID)
				require.NoError(t, err)
				_, why, ok := strings.Cut(g.Sentence, ". ")
				require.True(t, ok, g.Sentence)
				words := strings.Fields(why)
				start := strings.Join(words[:min(8, len(words))], " ")
				assert.Contains(t, keyed, start, format)
				if format != "json" && len(words) > 3 { // which has hints, and they the rules
					assert.NotContains(t, blank, start, "%s: %s", format, q.Prompt)
				}
			}
		}
	}
	assert.Error(t, (&quiz.Handout{}).Write(&bytes.Buffer{}, "pdf"))
}

func TestHandoutText(t *testing.T) {
	items := few(t)
	text := write(t, &quiz.Handout{Seed: 1, Items: items, Key: true}, "text")
	assert.Contains(t, text, "ptsim quiz --seed 1 -n 6")
	assert.Equal(t, 1, strings.Count(text, "\f"), "the key is on a page of its own")
	for _, line := range strings.Split(text, "\n") {
		if !strings.Contains(line, "--replay") {
			assert.LessOrEqual(t, len(line), 110, line)
		}
	}
	boxes := 0
	for _, it := range items {
		for _, q := range it.Quiz.Questions {
			boxes += len(q.Bits)
		}
	}
	assert.Equal(t, boxes, strings.Count(text, " [ ]"))
}

// What the key says is written as everywhere else: masks in one way, names as they are.
func TestKeyWords(t *testing.T) {
	seen, full := 0, 0
	for seed := range uint64(12) {
		items, err := quiz.Draw(seed, 8)
		require.NoError(t, err)
		for _, it := range items {
			for i := range it.Quiz.Questions {
				g, err := it.Quiz.Key(it.Quiz.Questions[i].ID)
				require.NoError(t, err)
				assert.NotRegexp(t, `Mm\d|xor [0-9a-f]+ =|mask = `, g.Sentence)
				if strings.Contains(g.Sentence, "Seen: ") && strings.Contains(g.Sentence, "xor ") {
					seen++
					assert.Regexp(t, `xor ([+-][PHA][01] ?)+: [P-][P-]\|[H-][H-]\|[A-][A-]`, g.Sentence)
				}
				if strings.Contains(it.Context.Title, "fullpage") && strings.Contains(g.Sentence, "Seen: ") {
					full++
					assert.NotContains(t, g.Sentence, "PageActive", "v6.7 asks for the order of the block, and has no PageActive")
				}
			}
		}
	}
	assert.Greater(t, seen, 10)
	assert.Positive(t, full)
}

// The JSON that is documented is what there is.
func TestHandoutJSON(t *testing.T) {
	items := few(t)
	for _, withKey := range []bool{false, true} {
		var out map[string]any
		require.NoError(t, json.Unmarshal([]byte(write(t, &quiz.Handout{Seed: 1, Items: items, Key: withKey}, "json")), &out))
		assert.ElementsMatch(t, []string{"seed", "n", "items", "key"}, keys(out))
		item := out["items"].([]any)[0].(map[string]any)
		assert.ElementsMatch(t, []string{"number", "difficulty", "context", "link", "quiz"}, keys(item))
		assert.ElementsMatch(t, []string{"title", "prose", "view", "move"}, keys(item["context"].(map[string]any)))
		assert.ElementsMatch(t, []string{"questions"}, keys(item["quiz"].(map[string]any)))
		q := item["quiz"].(map[string]any)["questions"].([]any)[0].(map[string]any)
		assert.ElementsMatch(t, []string{"id", "topic", "prompt", "bits", "choices", "hint", "cites"}, keys(q))
		if !withKey {
			assert.Nil(t, out["key"])
			continue
		}
		k := out["key"].([]any)[0].(map[string]any)
		assert.ElementsMatch(t, []string{"item", "question", "answer", "text", "sentence"}, keys(k))
	}
}

func keys(m map[string]any) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	return list
}

// The page is one file that asks for nothing: no script, no address, no style from elsewhere; every element is closed.
func TestHandoutHTML(t *testing.T) {
	items := few(t)
	page := write(t, &quiz.Handout{Seed: 1, Items: items, Key: true}, "html")
	for _, bad := range []string{"<script", "http:", "https:", "url(", "@import", "<link", "<img", "onclick", "javascript"} {
		assert.NotContains(t, page, bad)
	}
	assert.Contains(t, page, `<html lang="en">`)
	assert.Contains(t, page, "break-before: page")
	var open []string
	for _, m := range regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*>`).FindAllStringSubmatch(page, -1) {
		switch {
		case m[2] == "meta":
		case m[1] == "":
			open = append(open, m[2])
		default:
			require.NotEmpty(t, open)
			require.Equal(t, open[len(open)-1], m[2])
			open = open[:len(open)-1]
		}
	}
	assert.Empty(t, open)
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		assert.False(t, ids[m[1]], "id %s twice", m[1])
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`aria-labelledby="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		assert.True(t, ids[m[1]], m[1])
	}
	blank := write(t, &quiz.Handout{Seed: 1, Items: items}, "html")
	cells := 0
	for _, it := range items {
		for _, q := range it.Quiz.Questions {
			cells += len(q.Bits)
		}
	}
	assert.Positive(t, cells)
	assert.Equal(t, cells, strings.Count(blank, "<td>"), "a blank for each bit")
	assert.NotContains(t, blank, `<section class="key"`)
}

// Every colour of text has a contrast of at least 4.5 against white, as AA wants.
func TestHandoutContrast(t *testing.T) {
	page := write(t, &quiz.Handout{Seed: 1, Items: few(t)}, "html")
	found := regexp.MustCompile(`[^-]color: #([0-9a-f]{3})\b`).FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, found)
	for _, m := range found {
		light := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			v, err := strconv.ParseUint(m[1][i:i+1], 16, 8)
			require.NoError(t, err)
			c := float64(v*17) / 255
			if c <= 0.03928 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			light += weight * c
		}
		assert.GreaterOrEqual(t, 1.05/(light+0.05), 4.5, fmt.Sprint(m))
	}
}
