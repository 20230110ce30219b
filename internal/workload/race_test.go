//go:build race

package workload

// underRace tells that the race detector watches. What it finds in a version that uses freed memory is that very flaw.
const underRace = true
