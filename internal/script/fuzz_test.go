package script_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// FuzzParse feeds the parser anything. What it accepts must mean the same again when written out, and must run, on a
// version that corrupts its lists and on one that does not, without stopping the program.
func FuzzParse(f *testing.F) {
	for _, rec := range corpus(f, pgalloc.RFC) {
		if rec.Script[0] == 'e' && len(rec.Ops) < 100 {
			f.Add(strings.Join(rec.Ops, "\n"))
		}
	}
	f.Add("mm 1\nalloc 1 -> t1\nref t1 4\nalloc 1 -> t2\ndefer t1\ngp\ngp\nexit 1\ngp\nwork\n")
	f.Add("\x1f\x8b\x08\x00mm\x00")
	f.Add("alloc 1 -> \nhook hook hook\nref t 99999999999999999999\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := script.Parse("f", strings.NewReader(text))
		if err != nil {
			require.ErrorAs(t, err, new(*script.Error))
			require.Regexp(t, `^f(:\d+)?: .+; expected .+`, err.Error())
			return
		}
		for _, op := range s.Ops {
			again, err := script.Parse("f", strings.NewReader(strings.Repeat("\n", op.Line-1)+op.Text))
			require.NoError(t, err)
			require.Equal(t, []script.Op{op}, again.Ops)
		}
		if len(s.Ops) > 200 {
			return
		}
		for _, v := range []pgalloc.Variant{pgalloc.RFCAsPosted, pgalloc.Pinned} {
			r, err := script.New(s, script.Options{Variant: v})
			require.NoError(t, err)
			view := script.NewText(io.Discard, script.TextOptions{})
			var line []byte
			err = r.Each(func(ch *script.Change) error {
				line = ch.AppendJSON(line[:0])
				line = r.State().AppendJSON(line[:0])
				return view.Full(ch, r.State())
			})
			if err != nil {
				require.ErrorAs(t, err, new(*script.Error))
				continue
			}
			if v == pgalloc.Pinned {
				assert.Empty(t, r.Violations())
			}
		}
	})
}
