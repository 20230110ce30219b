package question_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/memory"
)

// A schedule says its lab, scenario, version and setting itself.
func Example() {
	s, err := scenario.Load("stack/aba")
	if err != nil {
		fmt.Println(err)
		return
	}
	q := question.Question{Scenario: s, Version: "treiber", Setting: question.Setting{Softirqs: 2}}
	m, err := question.Model(q.Scenario, q.Version)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := explore.Shortest(m, explore.Defaults(), kern.NoViolation)
	if err != nil {
		fmt.Println(err)
		return
	}
	text := r.Schedule.Text()
	fmt.Println(text)
	k, err := question.Parse(text+"#3", scenario.Load)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(k.Name(), k.Step, k.Setting)
	// Output:
	// stack/aba/treiber@2,precise:f:00000000:Ax2-Bx12-A-Bx4
	// stack/aba/treiber 3 2 precise
}

// TestNames wants every scenario and version to be named so that the name leads back to them, also where a scenario of one's own is
// called as a lab.
func TestNames(t *testing.T) {
	for _, name := range append(scenario.AllNames(), "own") {
		s, err := scenario.Load(name)
		if name == "own" {
			s, err = scenario.Parse("stack.scn", "title x\nmm 1\ntask t\nipi\nfinally\nalive 1")
		}
		require.NoError(t, err, name)
		for _, v := range question.VersionsOf(s.Lab) {
			l, back, version := question.Split(question.Name(s, v))
			assert.Same(t, s.Lab, l)
			assert.Equal(t, scenario.FullName(s), back)
			assert.Equal(t, string(v), version)
		}
	}
	assert.Equal(t, "S1/pinned/half", question.Name(load(t, "S1"), "pinned/half"))
	assert.Equal(t, "stack/aba/llist", question.Name(load(t, "stack/aba"), "llist"))
}

func load(t *testing.T, name string) *scenario.Scenario {
	s, err := scenario.Load(name)
	require.NoError(t, err)
	return s
}

// TestMemoryInLinks wants a link to say its memory model, and one of sequential consistency to be as it was before there were others.
func TestMemoryInLinks(t *testing.T) {
	for _, m := range memory.Specs() {
		q := question.Question{Scenario: load(t, "stack/aba"), Version: "llist", Setting: question.Setting{Softirqs: 1, Memory: m}}
		link := q.Name() + "@" + q.Setting.Link() + ":s:00000000:Ax2"
		k, err := question.Parse(link, scenario.Load)
		require.NoError(t, err)
		assert.Equal(t, q.Setting, k.Setting)
		assert.Equal(t, link, k.Schedule.Text())
		assert.Equal(t, m.Model != memory.SC, strings.Contains(link, m.String()), link)
		assert.Equal(t, m, k.Setting.Memory)
	}
	_, err := question.Parse("stack/aba/llist@1,precise,pso:s:0:A", scenario.Load)
	assert.EqualError(t, err, `schedule: no memory model "pso": there are sc, tso, lkmm-6.1 and lkmm-6.12`)
}

// TestWrongNames wants what is no version to be told in one line.
func TestWrongNames(t *testing.T) {
	for _, c := range []struct{ link, want string }{
		{"stack/aba/rfc@2,precise:s:0:A", `schedule: model "stack/aba/rfc"; expected SCENARIO/VERSION: unknown variant "rfc"; expected one of treiber, counted, llist`},
		{"stack/abba/llist@2,precise:s:0:A", `schedule: unknown scenario "stack/abba"; did you mean stack/aba? expected one of stack/aba, stack/pops, stack/pushes`},
		{"S1/rfc/half@2,precise:s:0:A", `schedule: model "S1/rfc/half"; expected SCENARIO/VERSION: variant "rfc/half"; rfc has no pin`},
		{"S1/pinned/x@2,precise:s:0:A", `schedule: model "S1/pinned/x"; expected SCENARIO/VERSION: unknown pin "x"; expected one of half, table, page, page-locked, page-life`},
		{"S1/rfc@2,precise:s:0:A#x", `step "x"; expected a number`},
	} {
		_, err := question.Parse(c.link, scenario.Load)
		require.Error(t, err, c.link)
		assert.Equal(t, c.want, err.Error())
	}
}
