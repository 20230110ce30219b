package litmus

import (
	"fmt"
	"io"
)

// herd7's words for what a quantifier asks.
var asks = map[string]string{"exists": "Allowed", "~exists": "Forbidden", "forall": "Required"}

// Holds says whether the quantified condition holds.
func (t *Test) Holds(r *Result) bool {
	switch t.Quantifier {
	case "exists":
		return r.Positive > 0
	case "~exists":
		return r.Positive == 0
	}
	return r.Positive == len(r.Finals)
}

// Write writes a result as herd7 prints it. The numbers of witnesses are numbers of final states, where herd7 counts
// executions.
func (t *Test) Write(w io.Writer, r *Result) {
	fmt.Fprintf(w, "Test %s %s\nStates %d\n", t.Name, asks[t.Quantifier], len(r.Finals))
	for _, v := range r.Finals {
		fmt.Fprintln(w, t.FinalState(v))
	}
	if t.Holds(r) {
		fmt.Fprintln(w, "Ok")
	} else {
		fmt.Fprintln(w, "No")
	}
	negative := len(r.Finals) - r.Positive
	fmt.Fprintf(w, "Witnesses\nPositive: %d Negative: %d\n", r.Positive, negative)
	if r.Raced {
		fmt.Fprintln(w, "Flag data-race")
	}
	if r.Strayed {
		fmt.Fprintln(w, "Flag stray-pointer: runs that access where no word is are left out")
	}
	fmt.Fprintf(w, "Condition %s %s\nObservation %s %s %d %d\n", t.Quantifier, t.CondText, t.Name, r.Verdict(), r.Positive, negative)
}
