package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func Example() {
	var out strings.Builder
	jobs := []string{"defer2,pinned/half,1,precise", "defer2,rfc-as-posted,1,precise", "page,classic,1,precise"}
	if err := probe(&out, jobs, limits{memory: 1 << 30, time: time.Minute}, true); err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		f := strings.Split(line, "\t")
		fmt.Println(f[0])
		if len(f) > 1 {
			fmt.Println(" ", f[1])
		}
	}
	// Output:
	// begin defer2,pinned/half,1,precise
	// end defer2,pinned/half,1,precise
	//   safe
	// begin defer2,rfc-as-posted,1,precise
	// end defer2,rfc-as-posted,1,precise
	//   violated
}

func TestWrongJobs(t *testing.T) {
	for job, want := range map[string]string{
		"page":                       `job "page": 1 words; expected SCENARIO,VARIANT[/PIN],SOFTIRQS,GRACE`,
		"page,classic,none,precise":  `job "page,classic,none,precise": softirqs "none"; expected cpu or a number from 1 to 8`,
		"page,classic,1,long":        `job "page,classic,1,long": grace periods "long"; expected precise or any`,
		"page,classical,1,precise":   `job "page,classical,1,precise": unknown variant "classical"`,
		"page,pinned/pin,1,precise":  `job "page,pinned/pin,1,precise": unknown pin "pin"`,
		"nothing,classic,1,precise ": `job "nothing,classic,1,precise ": unknown scenario "nothing"`,
	} {
		err := probe(&strings.Builder{}, []string{job}, limits{memory: 1 << 30, time: time.Minute}, true)
		if assert.Error(t, err, job) {
			assert.Contains(t, err.Error(), want)
		}
	}
}

// A job that is cut short is no verdict.
func TestLimits(t *testing.T) {
	var out strings.Builder
	assert.NoError(t, probe(&out, []string{"S3r,pinned/half,2,precise"}, limits{memory: 1 << 20, time: time.Minute}, true))
	assert.Contains(t, out.String(), "\tincomplete\t-\t")
	assert.Contains(t, out.String(), "memory")
	out.Reset()
	assert.NoError(t, probe(&out, []string{"S3r,pinned/half,2,precise"}, limits{memory: 1 << 32, time: time.Millisecond}, true))
	assert.Contains(t, out.String(), "\tincomplete\t-\t")
}
