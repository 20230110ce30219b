package conform_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/internal/conform"
	"ptsim/pgalloc"
)

// FuzzLog replays whatever can be read, on a version of each kind: it ends, and every decision is counted once.
func FuzzLog(f *testing.F) {
	f.Add("mm 1\nlook 1 -\nadd 1 p0\nlook 1 p0 01\nhit 1 p0.1 03\nrcu 1 p0.0 12\nflush 1\nbatch 1\nremove p0.0 02\nfree 1 p0.1 20\ndrop 1\n")
	f.Add("mm 1\nalloc 1 p0\nalloc 1 p1 400 0\nrcu 1 p0\nflush 1\nfree 1 p1\nbatch 2\nremove p0\ndrop 1\n")
	f.Add(newKernel(3, true).run(300))
	f.Fuzz(func(t *testing.T, text string) {
		l, err := conform.Read("f", strings.NewReader(text))
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		for _, v := range []pgalloc.Variant{pgalloc.Classic, pgalloc.RFC, pgalloc.Pinned, pgalloc.FullPage} {
			r, err := conform.Replay(context.Background(), l, conform.Options{Variant: v})
			if err != nil {
				assert.NotContains(t, err.Error(), "\n")
				continue
			}
			assert.Equal(t, r.Decisions, r.Agree+r.Disagree)
			assert.Equal(t, r.Disagree > 0, r.First != nil)
			n := 0
			for _, c := range r.Kinds {
				n += c.Agree + c.Disagree
			}
			assert.Equal(t, r.Decisions, n)
		}
	})
}

func BenchmarkReplay(b *testing.B) {
	l, err := conform.Open("../../testdata/real/races.gz")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := conform.Replay(b.Context(), l, conform.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(l.Records))/b.Elapsed().Seconds(), "records/s")
}
