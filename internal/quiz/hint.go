package quiz

import (
	"slices"
	"strings"

	"ptsim/internal/labs/pagetable/tell"
	"ptsim/internal/question"
	"ptsim/lab"
)

// hints name, by topic and operation, the rules of the catalogue that a question is decided by. Of them those count that are
// rules of the version. Which they are does not depend on the answer, so that to be told the rule is not to be told that.
var hints = map[string]map[string][]string{
	TopicMask: {
		"alloc": {"first-page", "first-page-fits"},
		"free":  {"free-in-two-steps", "free-in-one-step"}, "tlbfree": {"gather"},
		"defer": {"defer", "page-active", "khugepaged-ipi"}, "batch": {"mark-off", "relink"}, "now": {"head-at-rest", "relink"},
		"": {"last-bit"},
	},
	TopicRCU: {
		"free": {"last-bit", "release-active", "full-page"}, "tlbfree": {"hand-over"}, "flush": {"hand-over"},
		"defer": {"one-head", "page-active", "defer-full-page", "khugepaged-ipi"}, "batch": {"relink", "release-active", "mark-off", "batch"},
		"now": {"chain", "chain-as-posted", "release-active", "defer-full-page"}, "pgste": {"pgste-page"}, "": {"grace-period"},
	},
	TopicFree: {"pgste": {"pgste-page"}, "": {"last-bit", "release-active", "full-page"}},
	TopicList: {"": {"listed-classic", "listed-active", "listed-rfc"}},
	TopicMM: {
		"mm": {"count", "users"},
		"": {"pin-half", "pin-table", "pin-page", "pin-page-locked", "pin-page-life", "callback-is-no-reference", "type-stable",
			"lock", "full-page"},
	},
}

// hintKey is the word under which hints has an operation.
func hintKey(verb string) string {
	switch {
	case strings.HasPrefix(verb, "now"):
		return "now"
	case verb == "remove":
		return "batch"
	case verb == "free_rcu":
		return "tlbfree"
	case verb == "fresh":
		return "alloc"
	case strings.HasPrefix(verb, "mm"), verb == "fork":
		return "mm"
	}
	return verb
}

// maxHints is how many rules one hint tells.
const maxHints = 2

// hint tells the rules that decide a question, and where they are from.
func (o *outcome) hint(topic string) (text string, cites []lab.Cite) {
	for _, word := range []string{hintKey(o.verb), ""} {
		if text, cites = rulesTold(hints[topic][word], o.version); text != "" {
			break
		}
	}
	return text, cites
}

// rulesTold puts together those of the rules that are rules of the version.
func rulesTold(ids []string, v question.Version) (text string, cites []lab.Cite) {
	var rules []string
	for _, id := range ids {
		r, ok := tell.Lookup(id)
		if !ok || !r.Holds(string(v)) || len(rules) == maxHints {
			continue
		}
		rules = append(rules, r.Text)
		for _, c := range r.Cites(string(v)) {
			if !slices.Contains(cites, c) {
				cites = append(cites, c)
			}
		}
	}
	return strings.Join(rules, " "), cites
}
