package explain

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Where citations are read on the web.
const (
	elixir  = "https://elixir.bootlin.com/linux/"
	archive = "https://lore.kernel.org/linux-mm/"
	commits = "https://git.kernel.org/torvalds/c/"
)

var (
	versionNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`v\d+\.\d+`) })
	mailDate      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d+ [A-Z][a-z]+ \d{4}`) })
)

// commitOf are the headings of docs/thread.md that are about a commit and no mail.
var commitOf = map[string]string{mailFullPage: "d08d4e7cd6bf", mailTwoSteps: "c2c224932fd0"}

// URL is where to read a citation on the web, "" for a section of the docs: the function in the last version that it is
// cited from, or what the list has of those days. docs/thread.md knows the date of a mail and not its Message-ID.
func (c Cite) URL() string {
	switch c.Kind {
	case kernelSource:
		name, versions, _ := strings.Cut(c.Where, "(), ")
		if versions == labelRFC {
			return Cite{mail, mailRFC}.URL()
		}
		all := versionNumber().FindAllString(versions, -1)
		if len(all) == 0 {
			return ""
		}
		return elixir + all[len(all)-1] + "/A/ident/" + url.PathEscape(name)
	case mail:
		if hash := commitOf[c.Where]; hash != "" {
			return commits + hash
		}
		first, last := daysOf(c.Where)
		if first.IsZero() {
			return ""
		}
		const day = "20060102"
		return archive + "?" + url.Values{"q": {"pte_free_defer d:" + first.Format(day) + ".." + last.Format(day)}}.Encode()
	}
	return ""
}

// daysOf are the days between which a mail lies: that of its heading, and one more on each side, since a date is one of a
// sender's clock and the list's is in UTC. The answers to v1 came before what their thread has next.
func daysOf(heading string) (first, last time.Time) {
	const form = "2 January 2006"
	at := func(s string) time.Time { t, _ := time.Parse(form, mailDate().FindString(s)); return t }
	if heading == mailOneHead {
		return at(mailV1), at(mailWhyList)
	}
	if first = at(heading); first.IsZero() {
		return first, first
	}
	return first.AddDate(0, 0, -1), first.AddDate(0, 0, 2)
}

// MarshalJSON writes a citation with its URL.
func (c Cite) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Kind  string `json:"kind"`
		Where string `json:"where"`
		URL   string `json:"url,omitempty"`
	}{c.Kind, c.Where, c.URL()})
}
