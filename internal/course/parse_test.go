package course_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/course"
)

const begin = "# 1. A\n\n"

// answer is the end of a question, with the number of the right choice.
func answer(text string) string {
	return "\n<details><summary>Answer</summary>\n\n" + text + "\n\n</details>\n"
}

const schedule = "page/classic@2,precise:s:79cb22de:Ax26"

func run(schedule string) string {
	return "```run\n# Note.\n$ ptsim step --replay '" + schedule + "'\n\nCPU0\n```\n"
}

func parse(t testing.TB, body string) *course.Lesson {
	t.Helper()
	l, err := course.Parse("l.md", begin+body)
	require.NoError(t, err)
	return l
}

func TestParseBlocks(t *testing.T) {
	l := parse(t, "Some prose.\n\n## And a heading\n\n```\n# no heading\n<b>\n```\n"+
		"```run\n# It shows\n# something.\n$ ptsim step --replay 'B4/pinned/half@cpu,any:s:00000000:'\n\n\nCPU0\n x\n```\nMore.\n"+
		"```console\n$ ptsim masks\na\n...\nb\n```\n")
	require.Len(t, l.Blocks, 4)
	assert.Equal(t, "Some prose.\n\n## And a heading\n\n```\n# no heading\n<b>\n```\n", l.Blocks[0].(*course.Prose).Text)
	assert.Equal(t, &course.Run{
		Line: 11, Note: "It shows something.", Scenario: "B4", Version: "pinned/half", Softirqs: explore.SoftirqsOnCPU, Grace: explore.GraceAny,
		Schedule: "B4/pinned/half@cpu,any:s:00000000:", Drawing: "CPU0\n x\n",
	}, l.Blocks[1])
	assert.Equal(t, &course.Prose{Line: 20, Text: "More.\n"}, l.Blocks[2])
	assert.Equal(t, &course.Console{Line: 21, Command: "ptsim masks", Output: "a\n...\nb\n"}, l.Blocks[3])
	assert.Equal(t, 21, course.Line(l.Blocks[3]))
	assert.Equal(t, "l", l.Slug)
}

func TestParseQuestion(t *testing.T) {
	l := parse(t, "Prose.\n"+run(schedule)+run("gather/rfc@1,any:s:00000000:")+`
### Question 1

Which
one?

1. This
   or that.
2. The other.

<!-- run: 1 -->
<!-- check: mask 4 page1 -->
<!-- check: ends = well -->
`+answer("**2.** Because\nit is.\n\nSource: [a](b);\n[c](d#e).")+`
## Others

### Question 2

Choose all that hold.

1. A
2. B
`+answer("**1, 2.** Both.")+"### Question 3\n\nIs it `??|??|??`?\n"+answer("**`-P|H-|A-`.** So."))
	require.Len(t, l.Blocks, 7)
	assert.Equal(t, &course.Question{
		Line: 17, Number: 1, Prompt: "Which\none?", Choices: []string{"This or that.", "The other."}, Answer: []int{1}, Why: "Because\nit is.",
		Cite: []string{"[a](b)", "[c](d#e)"}, Run: 1, Step: 4,
		Checks: []course.Check{{Line: 27, What: "mask", Step: 4, Args: []string{"page1"}}, {Line: 28, What: "ends", Want: "well", Args: []string{}}},
	}, l.Blocks[3])
	two, three := l.Blocks[5].(*course.Question), l.Blocks[6].(*course.Question)
	assert.True(t, two.Many)
	assert.Equal(t, []int{0, 1}, two.Answer)
	assert.Equal(t, 2, two.Run, "the last run before it")
	assert.Zero(t, two.Step)
	assert.Equal(t, "-P|H-|A-", three.Mask)
	assert.Equal(t, []string{"P1", "P0", "H1", "H0", "A1", "A0"}, three.Choices)
	assert.Equal(t, []int{1, 2, 4}, three.Answer)
	assert.True(t, three.Many)
}

func TestRight(t *testing.T) {
	q := &course.Question{Choices: make([]string, 6), Answer: []int{1, 4}}
	assert.True(t, q.Right(1, 4))
	assert.True(t, q.Right(4, 1, 4))
	for _, wrong := range [][]int{nil, {1}, {4}, {1, 4, 5}, {0, 4}, {1, 4, 6}, {1, 4, -1}} {
		assert.False(t, q.Right(wrong...), wrong)
	}
	none := &course.Question{Choices: make([]string, 6)}
	assert.True(t, none.Right())
	assert.False(t, none.Right(0))
}

func TestParseExercise(t *testing.T) {
	l := parse(t, "### Exercise 1\n\nDo it.\n\n<!-- check: explores rfc 2 precise = safe 3 -->\n"+
		answer("Done.\n\n```scenario\nmm 1\n```\n\n```\nno scenario\n```"))
	e := l.Blocks[0].(*course.Exercise)
	assert.Equal(t, "Do it.", e.Text)
	assert.Equal(t, []string{"mm 1\n"}, e.Scenarios)
	assert.Equal(t, []course.Check{{Line: 7, What: "explores", Args: []string{"rfc", "2", "precise"}, Want: "safe 3"}}, e.Checks)
	assert.Contains(t, e.Answer, "no scenario")
}

// TestErrors wants each mistake to be told in one line: where, what, and what was expected.
func TestErrors(t *testing.T) {
	q := "### Question 1\n\nWhy?\n\n1. A\n2. B\n"
	for text, want := range map[string]string{
		"":                                    `l.md:1: a lesson that begins with ""; expected "# NUMBER. TITLE"`,
		"# One":                               `l.md:1: a lesson that begins with "# One"; expected "# NUMBER. TITLE"`,
		"# 0. A":                              `l.md:1: a lesson that begins with "# 0. A"; expected "# NUMBER. TITLE"`,
		begin + "a\x1b[2J":                    "l.md:3: a character that is no text; expected UTF-8 without control characters",
		begin + "\xff":                        "l.md:3: a character that is no text; expected UTF-8 without control characters",
		begin + "\u202etxet":                  "l.md:3: a character that is no text; expected UTF-8 without control characters",
		begin + "# B":                         "l.md:3: a second title; expected ## or ### for what is in a lesson",
		begin + "<script>":                    `l.md:3: HTML "<script>"; expected markdown; a check, and the answer of a question, are all the HTML there is`,
		begin + "```\na":                      "l.md:3: a code block that does not end; expected ```",
		begin + "```go\na\n```b":              "l.md:5: \"```b\" in a code block; expected ``` at its end",
		begin + "```a`b\n```":                 "l.md:3: \"```a`b\"; expected ``` and a word",
		begin + "```console\nls\n```":         `l.md:3: a console block that begins with "ls"; expected "$ ptsim ..."`,
		begin + "```console\n```":             `l.md:3: a console block that begins with ""; expected "$ ptsim ..."`,
		begin + "```run\n```":                 "l.md:3: a run without a schedule; expected $ ptsim step --replay 'SCHEDULE'",
		begin + "```run\nls\n```":             "l.md:4: a run with \"ls\"; expected $ ptsim step --replay 'SCHEDULE'",
		begin + run("x"):                      "l.md:5: schedule: expected MODEL@SOFTIRQS,GRACE:HOW:SUM:STEPS; expected a schedule of a scenario that comes with ptsim",
		begin + run("page/x@2,any:s:0:"):      "l.md:5: schedule: model \"page/x\"; expected SCENARIO/VERSION: unknown variant \"x\"; expected one of classic, rfc-as-posted, rfc, pinned, typesafe, active, fullpage; expected a schedule of a scenario that comes with ptsim",
		begin + run("page/pinned@2,any:s:0:"): "l.md:5: model \"page/pinned\"; expected its name in full, page/pinned/half; expected a schedule of a scenario that comes with ptsim",
		begin + strings.Replace(run(schedule), "# Note.\n", "", 1): `l.md:3: a run that does not say what it shows; expected a line "# ..." before its schedule`,
		begin + "### Question\n":                                   `l.md:3: "### Question"; expected "### Question NUMBER" or "### Exercise NUMBER"`,
		begin + "### Question 2\n":                                 "l.md:3: Question 2; expected Question 1",
		begin + q:                                                  "l.md:3: Question without an answer; expected <details><summary>Answer</summary>",
		begin + q + "<details><summary>Answer</summary>\n\n**1.** A": "l.md:3: Question with an answer that does not end; expected </details>",
		begin + q + answer(""):                                                "l.md:3: Question that is empty, or whose answer is; expected some text",
		begin + q + answer("**3.** So."):                                      "l.md:3: choice 3 as the answer; expected one of the choices, in their order",
		begin + q + answer("**1 and 2.** So."):                                `l.md:3: 2 answers; expected one, or the words "Choose all that hold."`,
		begin + q + answer("So."):                                             `l.md:3: an answer that begins with "So."; expected **2.** or **1, 3 and 4.**`,
		begin + q + answer("**1.** So.") + "And.":                             `l.md:15: "And." behind an answer; expected a heading`,
		begin + q + answer("**1.** So.<b>\n<i>"):                              `l.md:13: HTML "<i>"; expected <details><summary>Answer</summary> once, and </details> behind it`,
		begin + q + "3. C\n5. D\n" + answer("**1.** "):                        "l.md:3: choice 5; expected choice 4",
		begin + q + "no choice\n" + answer("**1.** "):                         `l.md:3: "no choice" among the choices; expected a number, or three spaces for what goes on`,
		begin + "### Question 1\n\n1. A\n2. B\n" + answer("**1.** "):          "l.md:3: choices without a question; expected one",
		begin + "### Question 1\n\nWhy?\n\n1. A\n" + answer("**1.** "):        "l.md:3: 1 choices; expected 2 to 9",
		begin + "### Question 1\n\nWhy?\n" + answer("**1.** "):                "l.md:3: a question without choices; expected a list 1. 2. ..., or `??|??|??` for a mask",
		begin + "### Question 1\n\n`??|??|??`\n" + answer("**1.** "):          "l.md:3: an answer that begins with \"**1.**\"; expected **`PP|HH|AA`.** with a dash for a clear bit",
		begin + "### Question 1\n\n`??|??|??`\n" + answer("**`-P|--|AB`.** "): "l.md:3: an answer that begins with \"**`-P|--|AB`.**\"; expected **`PP|HH|AA`.** with a dash for a clear bit",
		begin + "<!-- check: ends = well -->":                                 "l.md:3: a check of how a run ends, and no run; expected a run before it",
		begin + "<!-- check: holds rfc = not -->":                             "l.md:3: a check of nothing; expected prose before it that says what is checked",
		begin + "a\n<!-- check: mask 1 page1 -->":                             "l.md:4: a check of a step, and no run; expected a run before it",
		begin + "a\n<!-- check: holds rfc":                                    "l.md:4: a check that does not end on its line; expected <!-- check: WHAT ... -->",
		begin + "a\n<!-- check: holds rfc = -->":                              "l.md:4: a check without a value behind =; expected one",
		begin + "a\n<!-- check: -->":                                          "l.md:4: an empty check; expected one of " + strings.Join(course.CheckKinds(), ", "),
		begin + "a\n<!-- check: magic -->":                                    "l.md:4: check \"magic\"; expected one of " + strings.Join(course.CheckKinds(), ", "),
		begin + run(schedule) + "a\n<!-- check: mask x page1 -->":             "l.md:10: check mask \"x\"; expected the number of a step of the run before it",
		begin + run(schedule) + "a\n<!-- check: mask 0 page1 -->":             "l.md:10: check mask \"0\"; expected the number of a step of the run before it",
		begin + run(schedule) + "a\n<!-- check: mask 3 -->":                   "l.md:10: check mask with 0 words; expected 1",
		begin + q + "<!-- run: 1 -->\n":                                       `l.md:9: a question about run "1"; expected the number of a run before it`,
		begin + run(schedule) + q + "<!-- run: 2 -->":                         `l.md:15: a question about run "2"; expected the number of a run before it`,
		begin + run(schedule) + q + "<!-- run: x -->":                         `l.md:15: a question about run "x"; expected the number of a run before it`,
	} {
		_, err := course.Parse("l.md", text)
		assert.EqualErrorf(t, err, want, "%q", text)
		var e *course.Error
		assert.Truef(t, errors.As(err, &e), "%q", text)
	}
	_, err := course.Parse("l.md", begin+strings.Repeat("a\n", course.MaxText))
	assert.ErrorContains(t, err, "l.md:1: 524296 bytes; expected a lesson of at most 262144")
	_, err = course.Parse("docs/course/2-b.md", "# 1. A")
	assert.EqualError(t, err, "docs/course/2-b.md:1: lesson 1; expected lesson 2, as the name of the file says")
}

func TestLoad(t *testing.T) {
	names := course.All()
	require.NotEmpty(t, names)
	require.Greater(t, len(names), len(course.Names()), "those of the labs follow")
	for i, name := range names {
		l, err := course.Load(name)
		require.NoError(t, err)
		same, err := course.Load(itoa(i + 1))
		require.NoError(t, err)
		assert.Equal(t, l, same)
		assert.Equal(t, name, l.Slug)
	}
	for _, name := range []string{"", "0", "99", "README", "../README", strings.Repeat("x", 1000)} {
		_, err := course.Load(name)
		require.Error(t, err)
		assert.Contains(t, err.Error(), fmt.Sprintf("expected 1 to %d, or one of 1-one-page-two-tables", len(names)))
		assert.Less(t, len(err.Error()), 500)
	}
	assert.True(t, strings.HasPrefix(frontPage(t), "# A course"))
}

// TestWhatIsEmbeddedIsWhatIsThere keeps the binary and the files together.
func TestWhatIsEmbeddedIsWhatIsThere(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs/course/[0-9]*.md"))
	require.NoError(t, err)
	require.Len(t, course.Names(), len(files))
	for i, f := range files {
		assert.Equal(t, strings.TrimSuffix(filepath.Base(f), ".md"), course.Names()[i])
		info, err := os.Stat(f)
		require.NoError(t, err)
		assert.Less(t, info.Size(), int64(40_000), "%s is long for a lesson", f)
	}
}

// FuzzParse wants whatever is read to be taken apart, or refused by one line that names the file and a line of it.
func FuzzParse(f *testing.F) {
	for _, text := range pages(f) {
		f.Add(text)
	}
	f.Add(begin + run(schedule) + "### Question 1\n\nWhy `??|??|??`?\n" + answer("**`-P|H-|A-`.** So.\n\nSource: [a](b)"))
	f.Fuzz(func(t *testing.T, text string) {
		l, err := course.Parse("l.md", text)
		if err != nil {
			var e *course.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, 1, strings.Count(err.Error()+"\n", "\n"), "%q", err)
			require.Less(t, len(err.Error()), 1000)
			require.Positive(t, e.Line)
			require.LessOrEqual(t, e.Line, strings.Count(text, "\n")+1)
			return
		}
		last := 0
		for _, b := range l.Blocks {
			require.GreaterOrEqual(t, course.Line(b), last, "blocks come in order")
			last = course.Line(b)
			if q, ok := b.(*course.Question); ok {
				require.True(t, q.Right(q.Answer...))
				require.NotEmpty(t, q.Prompt)
				require.GreaterOrEqual(t, len(q.Choices), 2)
				require.Less(t, q.Run, len(l.Blocks))
			}
		}
	})
}
