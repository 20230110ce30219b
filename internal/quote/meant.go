package quote

import (
	"fmt"
	"strings"
)

// Meant returns the name that was perhaps meant by a wrong one: the nearest, by letters that are changed, put in, left out or
// swapped, where capital and small letters are the same; "" if none is near. A name that begins with the wrong one is near.
func Meant(wrong string, names []string) string {
	if len(wrong) > most {
		return ""
	}
	best, least := "", max(2, len(wrong)/3)+1
	for _, n := range names {
		d := distance(strings.ToLower(wrong), strings.ToLower(n))
		if d < least && d < len(wrong) || strings.HasPrefix(n, wrong) && len(wrong) > 2 && best == "" {
			best, least = n, min(d, least)
		}
	}
	return best
}

// Expected says which names there are, and first which one was perhaps meant: the end of the message about a wrong one.
func Expected(wrong string, names []string) string {
	all := "expected one of " + strings.Join(names, ", ")
	if best := Meant(wrong, names); best != "" {
		return "did you mean " + best + "? " + all
	}
	return all
}

// few is how many names an error may list. A reader does not look through more.
const few = 20

// ExpectedOf is Expected for names of which there may be many. Then it says only which name was perhaps meant, and which command
// lists them all.
func ExpectedOf(wrong string, names []string, command string) string {
	if len(names) <= few {
		return Expected(wrong, names)
	}
	all := fmt.Sprintf("%s lists all %d", command, len(names))
	if best := Meant(wrong, names); best != "" {
		return "did you mean " + best + "? " + all
	}
	return fmt.Sprintf("expected a name such as %s; %s", names[0], all)
}

// Hint is what stands behind a wrong word in a message: a space and what DidYouMean says, in parentheses.
func Hint(wrong string, names []string) string {
	if ask := DidYouMean(wrong, names); ask != "" {
		return " (" + ask + ")"
	}
	return ""
}

// DidYouMean asks whether another name was meant by a wrong word; "" if none is near. It is stricter than Meant, since words of
// the small languages are short, and names of one or two letters are all near each other: of three letters one may be wrong,
// and with two only the case.
func DidYouMean(wrong string, names []string) string {
	best := Meant(wrong, names)
	if best == "" || best == wrong {
		return ""
	}
	if d := distance(strings.ToLower(wrong), strings.ToLower(best)); d > (len(wrong)+1)/3 && !strings.HasPrefix(best, wrong) || d > 0 && len(wrong) < 3 {
		return ""
	}
	return "did you mean " + best + "?"
}

// distance is how many letters have to be changed, put in, left out or swapped to turn a into b.
func distance(a, b string) int {
	two, prev := []int(nil), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		row := append(make([]int, 0, len(b)+1), i+1)
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(row[j]+1, prev[j+1]+1, prev[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, two[j-1]+1)
			}
			row = append(row, d)
		}
		two, prev = prev, row
	}
	return prev[len(b)]
}
