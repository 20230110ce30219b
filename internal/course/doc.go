// Package course reads the lessons of docs/course: text to read, runs to step through, questions to answer and exercises to do.
// A lesson is one markdown file that reads well where markdown is shown, and is taken apart here for those who show it piece
// by piece: the terminal (ptsim learn) and the page (ptsim serve). [Load] returns a [Lesson], whose [Block]s are in the order
// in which they are to be met.
//
// # A lesson as a file
//
// Its first line is "# NUMBER. TITLE", with the number that its file's name begins with. What follows is CommonMark with
// tables, and is a [Prose] block, up to one of these:
//
//	```run                                  a [Run]: a schedule, and a drawing of what happens along it
//	# What it shows.                        one or more such lines
//	$ ptsim step --replay 'SCHEDULE'        the schedule names scenario, version and setting, as the explorer prints it
//	                                        (an empty line)
//	CPU0 ...                                the drawing, which go test ./internal/course -update makes
//	```
//
//	```console                              a [Console]: a command and its output, as in README.md
//	$ ptsim masks --variant classic
//	...
//	```
//
//	### Question 3                          a [Question], up to the next heading; they are numbered from 1
//	The prompt, in any number of paragraphs.
//	                                        then the choices, 2 to 9 of them:
//	1. A choice.
//	2. Another, which goes on
//	   with three spaces.
//	                                        then what is folded out, on lines of its own:
//	<details><summary>Answer</summary>
//
//	**2.** Why it is right.                 "**1, 3 and 4.**" if the prompt says "Choose all that hold."
//
//	Source: [words](file); [words](file)    the last paragraph, if it begins so
//
//	</details>
//
//	### Exercise 2                          an [Exercise]: the same without choices and without a number in the answer
//
// A prompt with `??|??|??` in it has no choices but asks for a mask: its answer begins with a mask, **`-P|--|A-`.**, and the
// choices are its six bits. Code blocks of any other kind are prose. So that a lesson looks the same everywhere it has no HTML
// but that of answers, and comments of two kinds, each on a line of its own:
//
//	<!-- check: WHAT [STEP] [WORD...] [= VALUE] -->
//	<!-- run: N -->
//
// # Checks
//
// A [Check] says how to find out, by running the code, that something in the lesson is so; [CheckKinds] lists what can be found
// out: the mask of a page behind a step, who frees the mm, what the explorer says of a scenario, which scenario finds a mutant.
// Without a VALUE the value has to be what the answer says: the mask, or words that the right choices have and no other. A
// question asks about the last run before it unless a run comment names another, by its number in the lesson; its first check
// of a step says behind which step, so that a stepper can go there. The checks are made by the tests of this package, as is
// everything else that a lesson claims: runs replay and are drawn as shown, quoted scenarios are those in testdata, links lead
// to headings, figures of states and steps have a check, exercises are mutants that the lists in internal/mutants know.
//
// # Errors
//
// What does not fit is an [*Error], one line with file, line and what was expected. Text that is not UTF-8, or has characters
// that could do something to a terminal, is refused as a whole.
//
// # Showing it
//
// [Terminal] turns markdown into lines of a width, [HTML] into HTML. Both read it with goldmark, drop HTML that is in it, and
// print nothing that a terminal or a browser would act upon, whoever wrote it.
//
// # What is not done
//
// Nothing is replayed here and no answer is graded beyond [Question.Right]: stepping is for who shows the lesson.
//
// # Where to start
//
// The Examples; docs/course/1-one-page-two-tables.md; course.go for what a lesson is made of, parse.go.
package course
