package course_test

import (
	"fmt"

	"ptsim/internal/course"
)

// The lessons, and what the first one is made of.
func Example() {
	fmt.Println(len(course.Names()), "lessons")
	l, err := course.Load("1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(l.Slug+":", l.Title)
	for _, b := range l.Blocks {
		switch b := b.(type) {
		case *course.Run:
			fmt.Println("a run of", b.Scenario, "on", b.Version)
		case *course.Question:
			fmt.Println("question", b.Number, "of", len(b.Choices), "choices")
		case *course.Exercise:
			fmt.Println("exercise", b.Number)
		}
	}
	// Output:
	// 9 lessons
	// 1-one-page-two-tables: One page, two tables
	// a run of page on classic
	// question 1 of 6 choices
	// question 2 of 3 choices
	// question 3 of 2 choices
	// question 4 of 3 choices
	// exercise 1
	// exercise 2
}

// A question of a text that somebody wrote, asked and graded.
func ExampleParse() {
	l, err := course.Parse("mine.md", `# 1. Mine

### Question 1

Which of these is a mask? Choose all that hold.

1. `+"`--|--|AA`"+`
2. 0x03
3. both halves

<details><summary>Answer</summary>

**1 and 2.** They are the same.

</details>
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	q := l.Blocks[0].(*course.Question)
	fmt.Println(q.Right(0), q.Right(1, 0))
	_, err = course.Parse("mine.md", "# 1. Mine\n\n### Question 1\n\nWhy?\n")
	fmt.Println(err)
	// Output:
	// false true
	// mine.md:3: Question without an answer; expected <details><summary>Answer</summary>
}

// The same markdown for a terminal and for a page.
func ExampleTerminal() {
	const text = "A page is **free** when its mask is `--|--|--`, see [the life](../life-of-a-page.md#death).\n\n- one\n- two\n"
	fmt.Print(course.Terminal(text, 44, nil))
	html, err := course.HTML(text, func(dest string) string { return "" })
	fmt.Print(html, err)
	// Output:
	// A page is free when its mask is --|--|--,
	// see the life (docs/life-of-a-page.md).
	//
	// - one
	// - two
	// <p>A page is <strong>free</strong> when its mask is <code>--|--|--</code>, see the life.</p>
	// <ul>
	// <li>one</li>
	// <li>two</li>
	// </ul>
	// <nil>
}
