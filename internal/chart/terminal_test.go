package chart

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var sgrPattern = regexp.MustCompile("\x1b\\[[0-9]+m")

// shownWidth counts columns in a way of its own: by script.
func shownWidth(line string) int {
	line = sgrPattern.ReplaceAllString(line, "")
	n := utf8.RuneCountInString(line)
	for _, r := range line {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			n++
		}
	}
	return n
}

func terminal(t require.TestingT, p *Plot, o TermOptions) []string {
	var b bytes.Buffer
	require.NoError(t, p.Terminal(&b, o))
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func TestTerminalNeverExceedsItsWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := TermOptions{
			Width: rapid.IntRange(0, 120).Draw(t, "width"), Height: rapid.IntRange(0, 30).Draw(t, "height"),
			ASCII: rapid.Bool().Draw(t, "ascii"), Color: rapid.Bool().Draw(t, "color"),
		}
		p := anyPlot().Draw(t, "plot")
		width := o.Width
		if width == 0 {
			width = 72
		}
		lines := terminal(t, p, o)
		for _, l := range lines {
			require.LessOrEqual(t, shownWidth(l), width, "%q", l)
			bare := sgrPattern.ReplaceAllString(l, "")
			require.False(t, strings.HasSuffix(bare, " "), "space at the end of %q", l)
			for _, r := range bare {
				require.True(t, unicode.IsPrint(r), "%U in %q", r, l)
				require.False(t, o.ASCII && r > unicode.MaxASCII, "%q in %q", r, l)
			}
		}
		assert.Equal(t, lines, terminal(t, p, o), "the same again")
	})
}

func TestColourChangesNothingElse(t *testing.T) {
	p := sevenVariants()
	for _, ascii := range []bool{false, true} {
		plain := terminal(t, p, TermOptions{ASCII: ascii})
		colour := strings.Join(terminal(t, p, TermOptions{ASCII: ascii, Color: true}), "\n")
		assert.Equal(t, strings.Join(plain, "\n"), sgrPattern.ReplaceAllString(colour, ""))
		assert.Contains(t, colour, "\x1b[34ma\x1b[0m  peak", "the legend tells the colour")
		for line := range strings.SplitSeq(colour, "\n") {
			if codes := sgrPattern.FindAllString(line, -1); len(codes) > 0 {
				assert.Equal(t, "\x1b[0m", codes[len(codes)-1], "colour leaks out of %q", line)
			}
		}
	}
}

func TestOnlySharedCellsStayUncoloured(t *testing.T) {
	p := &Plot{End: 100, Series: []Series{{Name: "s", Points: []Point{{0, 4}, {50, 0}}}}}
	one := strings.Join(terminal(t, p, TermOptions{Width: 24, Height: 2, Color: true}), "\n")
	assert.Contains(t, one, "┤\x1b[34m⠒⠒⠒⠒⠒⠒⠒⠒⠒⢲\x1b[0m\n")
	p.Series = append(p.Series, Series{Name: "t", Points: []Point{{0, 4}, {20, 0}}})
	two := strings.Join(terminal(t, p, TermOptions{Width: 24, Height: 2, Color: true}), "\n")
	assert.Contains(t, two, "┤⠒⠒⠒⢲\x1b[34m⠒⠒⠒⠒⠒⡆\x1b[0m\n", "default colour as long as both are there")
}

func TestLegendSaysWhatCoincides(t *testing.T) {
	got := strings.Join(terminal(t, sevenVariants(), TermOptions{}), "\n")
	assert.Contains(t, got, "  classic = rfc-as-posted = rfc = pinned\n")
	assert.Regexp(t, `\nb  peak .*  typesafe \(drawn where a is\)\n`, got, "differs, but not in this picture")
	assert.Regexp(t, `\nc  peak .*  active\n`, got)
	narrow := terminal(t, sevenVariants(), TermOptions{Width: 34})
	assert.Subset(t, narrow, []string{"  classic = rfc-as-posted = rfc =", "  pinned"}, "wrapped, not cut")
}

func TestPicture(t *testing.T) {
	step := []Point{{0, 0}, {5e6, 4}}
	for _, c := range []struct {
		name string
		plot Plot
		o    TermOptions
		want string
	}{
		{"a point that lasts no time is drawn to its full height",
			Plot{End: 10e6, Series: []Series{{Name: "s", Points: []Point{{0, 1}, {5e6, 4}, {5e6, 1}}}}},
			TermOptions{Width: 28, Height: 5, ASCII: true}, `
4 +           a
  |           a
2 +           a
  |aaaaaaaaaaaaaaaaaaaaaaa a
0 +
  ++---------------------+
   0                    10
          time (ms)
a  peak 4  mean 1.0
  s`},
		{"a series that starts late is not drawn before",
			Plot{End: 10e6, Series: []Series{{Name: "s", Points: step}, {Name: "late", Points: []Point{{7500000, 2}}}}},
			TermOptions{Width: 30, Height: 5, ASCII: true}, `
4 +            aaaaaaaaaaaaa a
  |            a
2 +            a     bbbbbbb b
  |            a
0 +aaaaaaaaaaaaa
  ++-----------+-----------+
   0           5          10
           time (ms)
a  peak 4  mean 2.0
  s
b  peak 2  mean 2.0
  late`},
		{"all zeros",
			Plot{Series: []Series{{Name: "z", Points: []Point{{0, 0}}}, {Name: "none", Points: nil}}},
			TermOptions{Width: 40, Height: 3}, `
1 ┤
  │
0 ┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀ a
  └┬─────────────────────────────────┬
   0                                 1
                time (ns)
a  peak 0  mean 0
  z
no data: none`},
		{"no series", Plot{Title: "Nothing", End: 10e6}, TermOptions{Width: 20, Height: 1}, `
Nothing
0 ┤
  └┬───────────────┬
   0              10
       time (ms)
no data`},
		{"values below zero and large ones",
			Plot{End: 10, Series: []Series{{Name: "s", Points: []Point{{0, 1e9}, {5, -1e9}}}}},
			TermOptions{Width: 40, Height: 5}, `
 1.0 G ┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⡇
       │               ⡇
     0 ┤               ⡇
       │               ⡇
-1.0 G ┤               ⣇⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀ a
       └┬──────────────┬─────────────┬
        0              5            10
                  time (ns)
a  peak 1.0 G  mean 0
  s`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := "\n" + strings.Join(terminal(t, &c.plot, c.o), "\n")
			assert.Equal(t, c.want, got)
		})
	}
}

func TestTooNarrowForAPictureLeavesTheLegend(t *testing.T) {
	got := terminal(t, &Plot{Series: []Series{{Name: "s", Points: []Point{{0, 7}}}}}, TermOptions{Width: 14})
	assert.Equal(t, []string{"a  peak 7  me…", "  s"}, got)
}

func TestLettersInThePictureStandOnBlanks(t *testing.T) {
	p := sevenVariants()
	f := prepared(t, p)
	y := valueAxis(f.lo, f.hi, 6, f.integral)
	with, without := newCanvas(60, 20, false), newCanvas(60, 20, false)
	level := func(v float64) float64 { return float64(int(y.place(v)*79 + 0.5)) }
	(&sheet{TermOptions: TermOptions{Height: 20}, f: f}).curves(with, level)
	for i, c := range f.curves {
		s := spans(c.pts, f.end, 120)
		for j := range s {
			s[j].lo, s[j].hi = level(s[j].lo), level(s[j].hi)
		}
		without.draw(s, i, c.mark)
	}
	letters := ""
	for i := range with.cells {
		if with.cells[i] != without.cells[i] {
			assert.Equal(t, cell{' ', nobody}, without.cells[i], "a letter hides a curve")
			letters += string(with.cells[i].r)
		}
	}
	assert.Equal(t, "cd", letters, "a and b are too close to each other")
}

func TestTerminalErrors(t *testing.T) {
	var b bytes.Buffer
	assert.EqualError(t, (&Plot{}).Terminal(&b, TermOptions{Width: -3}), "chart: size -3x0: expected no negative number")
	assert.Empty(t, b.String())
	assert.ErrorIs(t, (&Plot{}).Terminal(brokenWriter{}, TermOptions{}), errBroken)
	assert.ErrorIs(t, (&Plot{}).SVG(brokenWriter{}), errBroken)
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestTimeLabelsStandApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &Plot{End: rapid.Int64Range(1, 1<<62).Draw(t, "end"), Series: []Series{{Name: "s", Points: []Point{{0, 1}}}}}
		width := rapid.IntRange(24, 200).Draw(t, "width")
		lines := terminal(t, p, TermOptions{Width: width, Height: 1})
		var all []string // ticks that there is a label for, at any density
		for n := range 20 {
			a, _ := timeAxis(p.End, n+1)
			for _, k := range a.ticks {
				all = append(all, k.label)
			}
		}
		labels := strings.Fields(lines[2])
		assert.NotEmpty(t, labels)
		assert.Subset(t, all, labels, "in %q", lines[2])
	})
}
