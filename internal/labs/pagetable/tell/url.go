package tell

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"ptsim/lab"
)

// Where citations are read on the web.
const (
	elixir  = "https://elixir.bootlin.com/linux/"
	archive = "https://lore.kernel.org/linux-mm/"
	commits = "https://git.kernel.org/torvalds/c/"
)

// commitOf are the headings of docs/thread.md that are about a commit and no mail.
var commitOf = map[string]string{mailFullPage: "d08d4e7cd6bf", mailTwoSteps: "c2c224932fd0"}

// cite makes a citation, with the place where it is read on the web.
func cite(kind, where string) lab.Cite {
	c := lab.Cite{Kind: kind, Where: where}
	switch kind {
	case lab.CiteKernel:
		c.URL = urlOfFunction(where)
	case lab.CiteMail:
		c.URL = urlOfMail(where)
	}
	return c
}

// urlOfFunction is where to read a function of the kernel: in the last version that it is cited from.
func urlOfFunction(where string) string {
	name, versions, _ := strings.Cut(where, "(), ")
	if versions == labelRFC {
		return urlOfMail(mailRFC)
	}
	last := ""
	for _, word := range strings.Fields(versions) {
		if len(word) > 1 && word[0] == 'v' && unicode.IsDigit(rune(word[1])) {
			last = word
		}
	}
	if last == "" {
		return ""
	}
	return elixir + last + "/A/ident/" + url.PathEscape(name)
}

// urlOfMail is what the list has of the days of a mail. docs/thread.md knows the date of a mail and not its Message-ID.
func urlOfMail(heading string) string {
	if hash := commitOf[heading]; hash != "" {
		return commits + hash
	}
	first, last := daysOf(heading)
	if first.IsZero() {
		return ""
	}
	const day = "20060102"
	return archive + "?" + url.Values{"q": {"pte_free_defer d:" + first.Format(day) + ".." + last.Format(day)}}.Encode()
}

// daysOf are the days between which a mail lies: that of its heading, and one more on each side, since a date is one of a
// sender's clock and the list's is in UTC. The answers to v1 came before what their thread has next.
func daysOf(heading string) (first, last time.Time) {
	at := func(s string) time.Time {
		date, _, _ := strings.Cut(s, ":")
		t, _ := time.Parse("2 January 2006", date)
		return t
	}
	if heading == mailOneHead {
		return at(mailV1), at(mailWhyList)
	}
	if first = at(heading); first.IsZero() {
		return first, first
	}
	return first.AddDate(0, 0, -1), first.AddDate(0, 0, 2)
}
