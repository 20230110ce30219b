package quiz_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/internal/quiz"
)

// BenchmarkPredict is the questions of one move after 20 steps: by a Predictor that goes along, and from nothing.
func BenchmarkPredict(b *testing.B) {
	s := session(b, "S2", "rfc", 2)
	for s.View().Step < 20 {
		require.NoError(b, s.Take(moves(s.View())[0]))
	}
	mv := moves(s.View())[0]
	b.Run("along", func(b *testing.B) {
		p, err := quiz.NewPredictor(s.Question)
		require.NoError(b, err)
		defer p.Close()
		for b.Loop() {
			_, err := p.Predict(s, mv)
			require.NoError(b, err)
		}
	})
	b.Run("once", func(b *testing.B) {
		for b.Loop() {
			_, err := quiz.Predict(s, mv)
			require.NoError(b, err)
		}
	})
}

// BenchmarkDraw is a handout of five.
func BenchmarkDraw(b *testing.B) {
	seed := uint64(0)
	for b.Loop() {
		seed++
		_, err := quiz.Draw(seed, 5)
		require.NoError(b, err)
	}
}
