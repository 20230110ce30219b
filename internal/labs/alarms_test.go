package labs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/labs/labtest"
	"ptsim/lab"
)

// asked is a scenario on a version, and what the explorer says.
type asked struct{ lab, scenario, version, want string }

func (a asked) check(t *testing.T) {
	t.Helper()
	l, err := labs.Get(a.lab)
	require.NoError(t, err)
	m, err := lab.Build(labtest.Scenario(t, "../..", l, a.scenario), a.version)
	require.NoError(t, err)
	got, err := explore.Exhaustive(m, explore.Defaults())
	require.NoError(t, err)
	verdict := string(got.Verdict)
	if got.Violation != nil {
		verdict += " " + got.Violation.Kind.String()
	}
	assert.Equal(t, a.want, verdict, "%s/%s on %s", a.lab, a.scenario, a.version)
}

// TestFalseAlarms goes through four things that are allowed and look as if they were not. Each stands beside the same thing done wrongly,
// so that the safe verdict is not one of an explorer that does not look.
func TestFalseAlarms(t *testing.T) {
	for name, c := range map[string]struct{ allowed, wrong []asked }{
		"get_page_unless_zero() on a page that is free": {
			[]asked{{"zsmalloc", "gone", "v6.8", "safe"}, {"zsmalloc", "reuse", "rcu-repaired", "safe"}},
			[]asked{{"zsmalloc", "frees-migrate", "rcu-late-get", "violated use-after-free"}}, // get_page() on it
		},
		"the migration core locks the destination page": {
			[]asked{{"zsmalloc", "free-migrate", "v6.8", "safe"}},
			[]asked{{"zsmalloc", "free-migrate", "open-destination", "violated use-after-free"}},
		},
		"rcu_read_lock() inside rcu_read_lock()": {
			[]asked{{"shrinker", "nested", "v6.7", "safe"}, {"zsmalloc", "free-migrate", "rcu-nested", "safe"}},
			[]asked{{"shrinker", "nested", "plain-kfree", "violated use-after-free"}}, // for which a reader is nothing to wait for
		},
		"a reader that sleeps where it may": {
			[]asked{{"shrinker", "alone", "v6.7", "safe"}, {"shrinker", "alone", "v6.6", "safe"}, {"zswap", "load", "v6.15", "safe"}, {"zswap", "zbud", "v5.11", "safe"}},
			[]asked{{"shrinker", "alone", "inside-rcu", "violated sleep-in-atomic"}, {"zswap", "load", "mutex-first", "violated sleep-in-atomic"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, a := range append(c.allowed, c.wrong...) {
				a.check(t)
			}
		})
	}
}
