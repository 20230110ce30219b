package draw

import (
	"bytes"
	"context"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/explore"
	_ "ptsim/internal/nofiles"
	"ptsim/internal/picture"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/lab"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// schedule returns the views along the shortest violation of a version, or along a schedule that goes round the threads.
func schedule(t testing.TB, name, version string, softirqs int) []*stepper.View {
	t.Helper()
	sc, err := scenario.Load(name)
	require.NoError(t, err)
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	s, err := stepper.New(stepper.Question{Scenario: sc, Version: v, Setting: question.Setting{Softirqs: softirqs}})
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Run(context.Background(), 5_000)
	require.NoError(t, err)
	for i := 0; !s.View().Ended; i++ {
		lanes := s.View().Lanes
		if l := &lanes[i/3%len(lanes)]; len(l.Moves) > 0 {
			require.NoError(t, s.Take(l.Moves[len(l.Moves)-1].Text))
		}
	}
	var views []*stepper.View
	for _, try := range s.Line() {
		views = append(views, try.View)
	}
	return views
}

// all are schedules in which everything occurs that there is to draw.
func all(t testing.TB) map[string][]*stepper.View {
	m := map[string][]*stepper.View{}
	for _, k := range []struct {
		scenario, version string
		softirqs          int
	}{
		{"S1", "rfc", 2}, {"S1f", "pinned/page-life", 1}, {"defer2", "rfc-as-posted", 2}, {"B4", "rfc", explore.SoftirqsOnCPU},
		{"walk", "classic", 2}, {"fork", "active", 2}, {"pgste", "rfc", 2}, {"S2", "fullpage", 2}, {"full", "rfc", 2}, {"reuse", "typesafe", 2},
		{"S3a", "pinned/half", explore.SoftirqsOnCPU}, {"fault", "rfc", 2},
	} {
		m[k.scenario+"/"+k.version] = schedule(t, k.scenario, k.version, k.softirqs)
	}
	return m
}

func wellFormed(t require.TestingT, text string) {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else {
			require.NoError(t, err)
		}
	}
}

// roomy wants no text to be wider than its room, to leave the picture, or to lie on another.
func roomy(t require.TestingT, texts []placed, w, h float64) {
	type box struct{ x0, y0, x1, y1 float64 }
	boxes := make([]box, len(texts))
	for i, k := range texts {
		width, size := k.kind.width(k.text)*k.scale, fonts[k.kind].size*k.scale
		require.LessOrEqual(t, width, k.w+0.01, k.text)
		x := k.x
		if k.middle {
			x -= width / 2
		}
		boxes[i] = box{x, k.y - 0.72*size, x + width, k.y + 0.2*size}
		require.True(t, boxes[i].x0 >= 0 && boxes[i].x1 <= w && boxes[i].y0 >= 0 && boxes[i].y1 <= h, "%q is at %v, outside of %v x %v", k.text, boxes[i], w, h)
		for j := range i {
			a, b := boxes[i], boxes[j]
			require.False(t, a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1, "%q lies on %q", k.text, texts[j].text)
		}
	}
}

func options() []Options {
	return []Options{{Title: "A title"}, {Title: "A title", Dark: true, Steps: 99}, {Compact: true, Steps: 99}}
}

// TestFrames: each picture of each schedule is XML, has all its texts in their places, and is as large as the others.
func TestFrames(t *testing.T) {
	for name, views := range all(t) {
		t.Run(name, func(t *testing.T) {
			for _, o := range options() {
				s := NewSheet(views, o)
				heights := map[float64]bool{}
				for i, v := range views {
					var b strings.Builder
					texts := s.frame(&b, i, nil)
					wellFormed(t, b.String())
					f := newFrame(v, o, s.has)
					sz := s.sizes
					if o.Compact {
						sz = f.measure()
					} else {
						need := f.measure()
						assert.LessOrEqual(t, need.left, sz.left)
						assert.LessOrEqual(t, need.sentence, sz.sentence)
					}
					heights[f.height(sz)] = true
					roomy(t, texts, f.w, f.height(sz))
				}
				if !o.Compact {
					assert.Len(t, heights, 1)
				}
			}
		})
	}
}

// TestTextsAsDrawn: what is measured is what is drawn, in the order of the document.
func TestTextsAsDrawn(t *testing.T) {
	views := schedule(t, "S1", "rfc", 2)
	s := NewSheet(views, Options{Title: "S1"})
	for i := range views {
		var b strings.Builder
		texts := s.frame(&b, i, nil)
		drawn := regexp.MustCompile(`<text [^>]*>([^<]*)</text>`).FindAllStringSubmatch(b.String(), -1)
		require.Len(t, drawn, len(texts))
		for j := range drawn {
			assert.Equal(t, clean(texts[j].text), drawn[j][1])
		}
	}
}

// TestContrast: words at the 4.5 that WCAG's level AA asks for, on whatever they stand on; lines at 3.
func TestContrast(t *testing.T) {
	by := map[string]picture.Colour{}
	for _, c := range colours() {
		by[c.Name] = c
	}
	for _, pick := range []func(picture.Colour) string{func(c picture.Colour) string { return c.Light }, func(c picture.Colour) string { return c.Dark }} {
		for _, pair := range [][2]string{
			{"ink", "ground"}, {"ink", "panel"}, {"muted", "ground"}, {"muted", "panel"}, {"alarm", "ground"}, {"alarm", "panel"},
			{"onfull", "full"}, {"onalarm", "alarm"}, {"gather", "ground"}, {"defer", "ground"},
		} {
			assert.GreaterOrEqual(t, picture.Contrast(pick(by[pair[0]]), pick(by[pair[1]])), 4.5, pair)
		}
	}
	used := regexp.MustCompile(`[fs]-([a-z]+)`)
	for _, views := range all(t) {
		var b strings.Builder
		require.NoError(t, SVG(&b, views[len(views)/2], Options{}))
		for _, m := range used.FindAllStringSubmatch(regexp.MustCompile(`class="[^"]*"`).FindString(b.String()), -1) {
			assert.Contains(t, by, m[1])
		}
	}
}

// TestSheet: the pictures of a page refer only to what is defined, and say each thing once.
func TestSheet(t *testing.T) {
	for name, views := range all(t) {
		s := NewSheet(views, Options{Compact: true})
		var b bytes.Buffer
		require.NoError(t, s.Defs(&b))
		alone := 0
		for i := range views {
			require.NoError(t, s.Inline(&b, i))
			var one strings.Builder
			require.NoError(t, s.Frame(&one, i))
			alone += one.Len()
		}
		wellFormed(t, "<html>"+b.String()+"</html>")
		ids := map[string]int{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(b.String(), -1) {
			ids[m[1]]++
			assert.Equal(t, 1, ids[m[1]], "%s: %s", name, m[1])
		}
		for _, m := range regexp.MustCompile(`href="#([^"]*)"|url\(#([^)]*)\)`).FindAllStringSubmatch(b.String(), -1) {
			assert.Equal(t, 1, ids[m[1]+m[2]], m[0])
		}
		assert.Less(t, b.Len(), alone*3/5, name)
	}
}

// TestDeterministic: the same view, the same bytes.
func TestDeterministic(t *testing.T) {
	for range 3 {
		var one, two strings.Builder
		views := schedule(t, "fork", "rfc", 2)
		require.NoError(t, NewSheet(views, Options{}).Frame(&one, 7))
		require.NoError(t, NewSheet(schedule(t, "fork", "rfc", 2), Options{}).Frame(&two, 7))
		assert.Equal(t, one.String(), two.String())
	}
}

// TestWidth: a picture is scaled, not laid out anew.
func TestWidth(t *testing.T) {
	v := schedule(t, "S1", "rfc", 2)[:3]
	s, half := NewSheet(v, Options{}), NewSheet(v, Options{Width: 600})
	w, h := s.Size()
	w2, h2 := half.Size()
	assert.Equal(t, 1200, w)
	assert.Equal(t, 600, w2)
	assert.InDelta(t, float64(h)/2, h2, 1)
	var b strings.Builder
	require.NoError(t, half.Frame(&b, 0))
	assert.Contains(t, b.String(), `width="600"`)
	assert.Contains(t, b.String(), `viewBox="0 0 1200 `)
}

// TestGolden keeps two pictures, to be looked at when they change. What they say about the step is not the drawing's.
func TestGolden(t *testing.T) {
	for _, k := range []struct {
		file, scenario, version string
		step                    int
		o                       Options
	}{
		{"defer2.svg", "defer2", "rfc", 7, Options{Title: "defer2 on rfc"}},
		{"compact.svg", "S1", "active", 12, Options{Compact: true, Dark: true}},
	} {
		v := *schedule(t, k.scenario, k.version, 2)[k.step]
		if v.Did != nil {
			did := *v.Did
			did.Sentence.Text, did.Sentence.Rule, did.Sentence.Cites = "What happened.", "What it rests on.", nil
			v.Did = &did
		}
		var b bytes.Buffer
		require.NoError(t, SVG(&b, &v, k.o))
		file := filepath.Join("testdata", k.file)
		if *update {
			require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), b.String(), "%s; look at it, then go test -update", file)
	}
}

// TestAnything: no view, whatever is in it, makes a picture that is no XML or whose texts leave their room.
func TestAnything(t *testing.T) {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("ab <>&\"'\x00\x1b\u2028漢 \U0001f600-_|")), 0, 60, -1)
	change := rapid.SampledFrom([]stepper.Change{stepper.Same, stepper.Appeared, stepper.Changed, stepper.Gone})
	half := rapid.Custom(func(t *rapid.T) stepper.Half {
		return stepper.Half{State: stepper.HalfState(rapid.IntRange(0, int(stepper.HalfBroken)).Draw(t, "state")), Table: word.Draw(t, "table"), Change: change.Draw(t, "change")}
	})
	page := rapid.Custom(func(t *rapid.T) stepper.Page {
		return stepper.Page{
			Name: word.Draw(t, "name"), MM: rapid.SampledFrom([]string{"mm1", "mm2", "", "x"}).Draw(t, "mm"), Halves: [2]stepper.Half{half.Draw(t, "0"), half.Draw(t, "1")},
			Bits: rapid.IntRange(0, 255).Draw(t, "bits"), Words: stepper.Words(rapid.IntRange(0, int(stepper.HeadQueued)).Draw(t, "words")), Whole: rapid.Bool().Draw(t, "whole"), Active: rapid.Bool().Draw(t, "active"),
			Refs: rapid.IntRange(-5, 1<<30).Draw(t, "refs"), Freed: rapid.Bool().Draw(t, "freed"), Change: change.Draw(t, "change"), MaskChange: change.Draw(t, "mask"), WordsChange: change.Draw(t, "w"),
		}
	})
	mm := rapid.Custom(func(t *rapid.T) stepper.MM {
		return stepper.MM{
			Name: rapid.SampledFrom([]string{"mm1", "mm2", "mm3"}).Draw(t, "name"), Users: rapid.Int().Draw(t, "users"), Count: rapid.Int().Draw(t, "count"), List: rapid.SliceOfN(word, 0, 9).Draw(t, "list"),
			Lock: word.Draw(t, "lock"), Freed: rapid.Bool().Draw(t, "freed"), Change: change.Draw(t, "change"), ListChange: change.Draw(t, "lists"), LockChange: change.Draw(t, "locks"),
		}
	})
	callback := rapid.Custom(func(t *rapid.T) stepper.Callback {
		return stepper.Callback{Name: word.Draw(t, "name"), CPU: rapid.IntRange(-1, 9).Draw(t, "cpu"), Waits: rapid.SliceOfN(word, 0, 4).Draw(t, "waits"), Change: change.Draw(t, "change")}
	})
	lane := rapid.Custom(func(t *rapid.T) stepper.Lane {
		return stepper.Lane{Letter: word.Draw(t, "letter"), Name: word.Draw(t, "name"), Doing: word.Draw(t, "doing"), Next: word.Draw(t, "next"), State: rapid.SampledFrom([]explore.Wait{explore.Ready, explore.ForLock, explore.AllEnded, explore.Over}).Draw(t, "state"), Why: word.Draw(t, "why"), Moved: rapid.Bool().Draw(t, "moved")}
	})
	rapid.Check(t, func(t *rapid.T) {
		v := &stepper.View{
			Step: rapid.IntRange(0, 5000).Draw(t, "step"), Scene: lab.Scene{Pages: rapid.SliceOfN(page, 0, 12).Draw(t, "pages"), MMs: rapid.SliceOfN(mm, 0, 4).Draw(t, "mms")},
			RCU: rapid.SliceOfN(callback, 0, 5).Draw(t, "rcu"), Work: rapid.SliceOfN(callback, 0, 2).Draw(t, "work"), Lanes: rapid.SliceOfN(lane, 0, 12).Draw(t, "lanes"),
		}
		table := rapid.Custom(func(t *rapid.T) lab.TableAt {
			return lab.TableAt{Page: word.Draw(t, "page"), Half: rapid.Uint32Range(0, 1).Draw(t, "half"), Whole: rapid.Bool().Draw(t, "whole")}
		})
		v.Batches = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) stepper.Batch {
			return stepper.Batch{Name: word.Draw(t, "name"), State: stepper.BatchState(rapid.IntRange(0, int(stepper.BatchFreed)).Draw(t, "state")), Tables: rapid.SliceOfN(table, 0, 8).Draw(t, "tables"), Change: change.Draw(t, "change")}
		}), 0, 4).Draw(t, "batches")
		v.VMAs = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) stepper.VMA {
			return stepper.VMA{Name: word.Draw(t, "name"), MM: word.Draw(t, "mm"), Table: word.Draw(t, "table")}
		}), 0, 3).Draw(t, "vmas")
		if rapid.Bool().Draw(t, "did") {
			v.Did = &stepper.Did{Text: word.Draw(t, "text"), Doing: word.Draw(t, "doing"), Changes: []string{word.Draw(t, "changes")}}
			v.Did.Sentence.Text, v.Did.Sentence.Rule = word.Draw(t, "sentence"), word.Draw(t, "rule")
		}
		if rapid.Bool().Draw(t, "bad") {
			v.Violation = &stepper.Violation{Sentence: word.Draw(t, "violation")}
		}
		for _, o := range options() {
			s := NewSheet([]*stepper.View{v}, o)
			var b strings.Builder
			texts := s.frame(&b, 0, nil)
			wellFormed(t, b.String())
			f := newFrame(v, o, s.has)
			sz := s.sizes
			if o.Compact {
				sz = f.measure()
			}
			roomy(t, texts, f.w, f.height(sz))
		}
	})
}
