package quiz_test

import (
	"fmt"

	"ptsim/internal/question"
	"ptsim/internal/quiz"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/pgalloc"
)

// What will the mask be when the lower half of a full page has been deferred?
func ExamplePredict() {
	sc, err := scenario.Load("defer2")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := stepper.New(stepper.Question{
		Scenario: sc, Version: question.Version(pgalloc.RFC), Setting: question.Setting{Softirqs: 2},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	q, err := quiz.Predict(s, "A")
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := &q.Questions[0]
	fmt.Println(ask.Prompt)
	answer, err := ask.ParseAnswer("P0 A1")
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := q.Grade(ask.ID, answer)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g.Score, "of", g.Of, "bits; it is", ask.AnswerText(g.Correct))
	fmt.Println(s.View().Step, "steps taken")
	// Output:
	// A (khugepaged0 on CPU0) begins defer t0, which is the lower half of page1. Suppose that no other thread moves until that is done. What is the mask of page1 then? Say for each bit whether it is set.
	// 5 of 6 bits; it is -P|-H|A-
	// 0 steps taken
}

// The same seed draws the same situations everywhere.
func ExampleDraw() {
	items, err := quiz.Draw(1, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, it := range items {
		fmt.Println(it.Number, it.Context.Title, len(it.Quiz.Questions))
	}
	// Output:
	// 1 a page in classic 3
	// 2 page on pinned/table, after 8 steps 3
	// 3 a page in rfc 3
}
