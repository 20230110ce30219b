package kern

import (
	"cmp"
	"fmt"
	"strings"
)

// Sentence says in one plain sentence what happened.
func (v *Violation) Sentence() string {
	text := v.Kind.Info().Sentence
	if text == "" {
		return ""
	}
	if strings.Contains(v.Detail, "%o") || strings.Contains(v.Detail, "%l") {
		before, _, _ := strings.Cut(text, "%f")
		text = before + "%f %d"
	}
	text = strings.ReplaceAll(text, "%d", v.Detail)
	object := cmp.Or(v.Object, fmt.Sprintf("word %#x", uint32(v.Addr)))
	lock := object
	if v.Part != "" {
		lock = v.Part + " of " + object
	}
	return strings.NewReplacer("%f", cmp.Or(v.Func, "the kernel"), "%p", cmp.Or(v.Part, "a lock"), "%l", lock, "%o", object).Replace(text)
}

const splatRule = "=================================================================="

// Splat renders the violation as the kernel would on its console: headline, CPU, task, page and call trace.
func (v *Violation) Splat() string {
	var b strings.Builder
	fn := cmp.Or(v.Func, "checker")
	fmt.Fprintln(&b, splatRule)
	if headline := v.Kind.Info().Headline; headline != "" {
		fmt.Fprintln(&b, strings.Replace(headline, "%s", fn, 1))
	}
	fmt.Fprintln(&b, v.Sentence())
	context := "task"
	if v.Softirq {
		context = "softirq"
	}
	fmt.Fprintf(&b, "CPU: %d Comm: %s Context: %s", v.CPU, cmp.Or(v.Task, "swapper"), context)
	if v.Step > 0 {
		fmt.Fprintf(&b, " Step: %d", v.Step)
	}
	b.WriteByte('\n')
	if v.Doing != "" {
		fmt.Fprintf(&b, "Op: %s\n", v.Doing)
	}
	if v.Picture != "" {
		fmt.Fprintf(&b, "page: %s\n", v.Picture)
	}
	if len(v.Trace) > 0 {
		fmt.Fprintln(&b, "Call Trace:")
		if v.Softirq {
			fmt.Fprintln(&b, " <IRQ>")
		}
		for _, f := range v.Trace {
			fmt.Fprintf(&b, "  %s\n", f)
		}
		if v.Softirq {
			fmt.Fprintln(&b, " </IRQ>")
		}
	}
	if len(v.History) > 0 {
		fmt.Fprintln(&b, "History:")
		for _, h := range v.History {
			fmt.Fprintf(&b, "  %s\n", h)
		}
	}
	fmt.Fprintln(&b, splatRule)
	return b.String()
}
