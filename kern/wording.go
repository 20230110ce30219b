package kern

import "strings"

// Fill puts values into a text of the table of primitives. A part in braces names a value, and how it is to be written:
//
//	{word}          the word at Addr: mm1->mm_count
//	{object}        what that word is part of: mm1
//	{page}          the page frame that Addr is the number of: page1
//	{A}  {B}        an argument, as a value of that word
//	{ret}           the result, as a value of that word
//	{now}           the word at Addr after the step, as a value of it
//
// Before the name may stand a form: {int A} is a signed number, {hex A} bits, {word A} the word at the address A, {object A}
// what that is part of, {page A} a page frame, {func A} a function, {cache A} a slab cache; {done ret} is "done" or "not
// done", {yes ret} "yes" or "no". [Parts] has them all.
//
// value writes one part; form is "" if there is none.
func Fill(text string, value func(form, name string) string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		part, after, _ := strings.Cut(rest, "}")
		form, name, formed := strings.Cut(part, " ")
		if !formed {
			form, name = "", form
		}
		b.WriteString(value(form, name))
		text = after
	}
}

// Parts returns the forms and the names that may stand in braces; see Fill.
func Parts() (forms, names []string) {
	return []string{"", "int", "hex", "word", "object", "page", "func", "cache", "done", "yes"},
		[]string{"word", "object", "page", "A", "B", "ret", "now"}
}
