package conform

import (
	"fmt"
	"strings"

	"ptsim/internal/lines"
	"ptsim/internal/prose"
	"ptsim/internal/quote"
	"ptsim/pgalloc"
)

// parse reads one record. If it cannot, it says what is wrong and what was expected.
func parse(words []string, r *Record) (what, expected string) {
	kind := NoRecord
	var names []string
	for k := MM; k < numKinds; k++ {
		names = append(names, k.String())
		if k.String() == words[0] {
			kind = k
		}
	}
	if kind == NoRecord {
		return fmt.Sprintf("unknown record %s%s", quote.Short(words[0]), quote.Hint(words[0], names)), "one of " + strings.Join(names, ", ")
	}
	*r = Record{Kind: kind, Line: r.Line, Page: -1, Half: -1}
	form := strings.Fields(grammar[kind].form)[1:]
	given := words[1:]
	if short := strings.Fields(grammar[kind].whole); kind == Alloc && len(given) == 4 {
		form = []string{"N", "PAGE", "WORD", "WORD"}
	} else if kind != Alloc && len(short) > 0 && len(given) == len(short)-1 {
		form = short[1:]
	} else if kind == Look && len(given) == 3 {
		form = []string{"N", "PAGE", "MASK"}
	}
	if len(given) != len(form) {
		return prose.Count(len(words), "word", "words"), quote.Short(kind.shown())
	}
	for i, f := range form {
		if expected := r.field(f, given[i], i); expected != "" {
			return quote.Short(given[i]), expected + " in " + quote.Short(kind.shown())
		}
	}
	return "", ""
}

// field reads one word of a record. It returns what was expected if the word is something else.
func (r *Record) field(form, word string, at int) (expected string) {
	ok := true
	switch form {
	case "N":
		if r.MM, ok = lines.Number(word, 0, MaxNumber); !ok {
			return fmt.Sprintf("the number of an mm, 0 to %d", MaxNumber)
		}
	case "NR":
		if r.NR, ok = lines.Number(word, 1, maxBatch); !ok {
			return fmt.Sprintf("a number of tables, 1 to %d", maxBatch)
		}
	case "LIST":
		if word != "-" {
			return `"-" or a page and its mask`
		}
	case "MASK":
		m, ok := hex(word, 2)
		if r.Mask = pgalloc.Mask(m); !ok || len(word) != 2 {
			return "a mask of two hex digits"
		}
	case "WORD":
		if r.Word[at-2], ok = hex(word, 16); !ok {
			return "a word in hex, without 0x"
		}
		r.Words = true
	case "PAGE", "HALF":
		digits, ok := strings.CutPrefix(word, "p")
		if form == "HALF" {
			digits, word, _ = strings.Cut(digits, ".")
			half, good := lines.Number(word, 0, 1)
			r.Half, ok = half, ok && good
		}
		page, good := lines.Number(digits, 0, MaxNumber)
		if r.Page = page; !ok || !good {
			return map[string]string{"PAGE": "a page such as p7", "HALF": "a half of a page, such as p7.0 or p7.1"}[form]
		}
	}
	return ""
}

func hex(s string, digits int) (uint64, bool) {
	v := uint64(0)
	for i := range len(s) {
		d := strings.IndexByte("0123456789abcdef", s[i]|0x20)
		if d < 0 || i >= digits {
			return 0, false
		}
		v = v<<4 | uint64(d)
	}
	return v, s != ""
}
