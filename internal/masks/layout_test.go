package masks

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/pgalloc"
)

// TestLayout is what makes a drawing readable: nothing hides anything else, and the two halves mirror each other.
func TestLayout(t *testing.T) {
	for _, i := range pgalloc.Variants() {
		t.Run(string(i.Variant), func(t *testing.T) {
			table, err := Build(i.Variant, "")
			require.NoError(t, err)
			d := table.layout()
			for i, b := range d.boxes {
				assert.True(t, b.left() > 0 && b.top() > 60 && b.x+b.w < d.width && b.y+b.h < d.height-60, "%s is on the paper", d.nodes[i].title)
				assert.LessOrEqual(t, float64(len(d.nodes[i].title))*titleSize*glyph, 2*b.w, "%s fits", d.nodes[i].title)
				assert.LessOrEqual(t, float64(len(d.nodes[i].note))*noteSize*glyph, 2*b.w-6, "%s fits", d.nodes[i].note)
				for j, o := range d.boxes[:i] {
					assert.False(t, b.grow(8).meets(o), "%s meets %s", d.nodes[i].title, d.nodes[j].title)
				}
				assert.InDelta(t, 2*d.middle-b.x, d.boxes[d.twin[i]].x, twinless(d.twin[i] == i && b.x != d.middle), "%s has its twin opposite", d.nodes[i].title)
			}
			for i, e := range d.edges {
				for j, n := range d.nodes {
					assert.False(t, d.boxes[j].meets(d.labels[i]), "label %s hides %s", e.labels[0], n.title)
					if j == e.from || j == e.to {
						continue
					}
					for _, p := range d.curves[i].trace {
						assert.False(t, d.boxes[j].grow(3).has(p), "%s runs through %s", e.labels[0], n.title)
					}
				}
				for j, o := range d.labels[:i] {
					assert.False(t, d.labels[i].meets(o), "label %s of %s meets %s of %s", e.labels[0], d.nodes[e.from].title,
						d.edges[j].labels[0], d.nodes[d.edges[j].from].title)
				}
				for j := range d.curves[:i] {
					assert.Less(t, d.curves[i].along(&d.curves[j]), samples/2, "%s runs along %s", e.labels[0], d.edges[j].labels[0])
				}
			}
			for _, p := range d.pairs() {
				if p[1] >= 0 {
					assert.Equal(t, d.labels[p[0]].center().mirrored(d.middle), d.labels[p[1]].center())
				}
			}
		})
	}
}

// twinless is how far from the middle a node may be: where it has no twin and does not stand in the middle, anywhere.
func twinless(b bool) float64 {
	if b {
		return math.Inf(1)
	}
	return 0.001
}

func TestCurvePart(t *testing.T) {
	c := newCurve(vec{0, 0}, vec{10, 30}, vec{40, 0})
	p := c.part(0.25, 0.75)
	for i := range 11 {
		f := float64(i) / 10
		want, have := c.at(0.25+f/2), p.at(f)
		assert.InDelta(t, want.x, have.x, 1e-9)
		assert.InDelta(t, want.y, have.y, 1e-9)
	}
}

func TestNum(t *testing.T) {
	for v, want := range map[float64]string{0: "0", -0.01: "0", 12: "12", 12.34: "12.3", -3.25: "-3.2", 0.96: "1"} {
		assert.Equal(t, want, num(v))
	}
}

func TestSwapHalves(t *testing.T) {
	for m := range pgalloc.Mask(Masks) {
		s := swapHalves(m)
		assert.Equal(t, [2]pgalloc.HalfState{m.Half(0), m.Half(1)}, [2]pgalloc.HalfState{s.Half(1), s.Half(0)})
		assert.Equal(t, m, swapHalves(s))
	}
}
