package ask

import (
	"slices"
	"strings"

	"ptsim/internal/labs/pagetable/tell"
	"ptsim/lab"
)

// hints name, by topic and operation, the rules of the catalogue that a question is decided by. Of them those count that are
// rules of the version. Which they are does not depend on the answer, so that to be told the rule is not to be told that.
var hints = map[string]map[string][]string{
	topicMask: {
		"alloc": {"first-page", "first-page-fits"},
		"free":  {"free-in-two-steps", "free-in-one-step"}, "tlbfree": {"gather"},
		"defer": {"defer", "page-active", "khugepaged-ipi"}, "batch": {"mark-off", "relink"}, "now": {"head-at-rest", "relink"},
		"": {"last-bit"},
	},
	topicRCU: {
		"free": {"last-bit", "release-active", "full-page"}, "tlbfree": {"hand-over"}, "flush": {"hand-over"},
		"defer": {"one-head", "page-active", "defer-full-page", "khugepaged-ipi"}, "batch": {"relink", "release-active", "mark-off", "batch"},
		"now": {"chain", "chain-as-posted", "release-active", "defer-full-page"}, "pgste": {"pgste-page"}, "": {"grace-period"},
	},
	topicFree: {"pgste": {"pgste-page"}, "": {"last-bit", "release-active", "full-page"}},
	topicList: {"": {"listed-classic", "listed-active", "listed-rfc"}},
	topicMM: {
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
func rulesTold(ids []string, version string) (text string, cites []lab.Cite) {
	var rules []string
	for _, id := range ids {
		r, ok := tell.Lookup(id)
		if !ok || !r.Holds(version) || len(rules) == maxHints {
			continue
		}
		rules = append(rules, r.Text)
		for _, c := range r.Cites(version) {
			if !slices.Contains(cites, c) {
				cites = append(cites, c)
			}
		}
	}
	return strings.Join(rules, " "), cites
}
