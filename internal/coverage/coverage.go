// Package coverage says what a verdict covers: a safe verdict is about the schedules that there are, and says nothing of an
// operation that never does anything, or of a branch of the allocator that no schedule takes. TLC calls it coverage, too.
//
// What was reached is [explore.Reached]: the points before primitives that some schedule came to. What could have been is
// read from two places: the scenario's operations, and the calls of primitives in [ptsim.Source], by go/ast. What lies
// between two primitives is not seen: a line without one is neither covered nor missed.
//
// A verdict also rests on fingerprints of 64 bits: two states with the same one are taken for one, and what follows from the
// second is lost. [Odds] says how likely that is for so many states.
//
// How data races were judged is part of it, too: by happens-before, or by adjacent accesses alone, which misses a missing
// barrier; see [explore.Races].
//
// Where the explorer takes places in the code with one future for one, a line may count as reached though only its like was.
// So what is said to be unreached is so, and a little more may be.
//
// Only functions that some schedule entered are looked at: of the other versions' code, nothing is said. Start at [Of]; the
// Example shows it.
package coverage

import (
	"fmt"
	"math"

	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/lab"
	"ptsim/memory"
)

// Coverage is what a safe verdict covers.
type Coverage struct {
	Model         string      `json:"memory_model"`
	Races         string      `json:"data_races"` // how they were judged: happens-before or adjacent
	FailuresTried bool        `json:"failed_allocations_tried"`
	Allocations   string      `json:"allocations"`     // the same in the lab's words
	ClashOdds     float64     `json:"hash_clash_odds"` // that two states had one fingerprint, so that one was lost
	Operations    []Operation `json:"unreached_operations"`
	Calls         []Call      `json:"unreached_calls"`
}

// Operation is an operation of a scenario in which no schedule came to a primitive.
type Operation struct {
	Task string `json:"task"`
	Op   string `json:"operation"`
	Line int    `json:"line"`
}

func (o Operation) String() string { return fmt.Sprintf("%s: %s (line %d)", o.Task, o.Op, o.Line) }

// Of tells what the result of an exhaustive search covers; nil if it is not a safe one.
func Of(s *scenario.Scenario, r *explore.Result) *Coverage {
	if r.Verdict != explore.Safe || r.Reached == nil {
		return nil
	}
	spec := memory.Spec{Model: r.Model}
	if r.Model == memory.LKMM {
		spec.Release = r.LKMM
	}
	return New(s, r.Reached, r.Races, r.States, spec)
}

// modelWords says which memory a search covers.
func modelWords(spec memory.Spec) string {
	switch spec.Model {
	case memory.TSO:
		return "total store order"
	case memory.LKMM:
		return "the Linux kernel memory model of " + spec.Release.String() + " without load buffering"
	}
	return "sequential consistency"
}

// New tells what a search covers that tried every schedule under a memory model, whatever it found.
func New(s *scenario.Scenario, reached *explore.Reached, races explore.Races, states uint64, spec memory.Spec) *Coverage {
	c := &Coverage{
		Model: modelWords(spec), Races: races.String(), FailuresTried: reached.Failed, ClashOdds: Odds(states),
		Operations: []Operation{}, Calls: Unreached(reached.Places), Allocations: allocations(s.Lab.Fails.Words(), reached.Failed),
	}
	for t := range s.Tasks {
		for i, op := range s.Tasks[t].Flat() {
			if !reached.Ops[t][i] {
				c.Operations = append(c.Operations, Operation{s.Tasks[t].Name, op.String(), op.Number})
			}
		}
	}
	return c
}

// allocations says whether some failed.
func allocations(words lab.Fails, failed bool) string {
	if failed {
		return words.May
	}
	return words.Never
}

// Lines says it in words: first what is covered, then, a line each, what is not. All faces have these.
func (c *Coverage) Lines() []string {
	races := "data races by " + c.Races
	if c.Races == explore.Adjacent.String() {
		races = "data races by adjacent accesses alone"
	}
	list := []string{fmt.Sprintf("covers %s; %s; %s; odds of a hash clash %.0e", c.Model, c.Allocations, races, c.ClashOdds)}
	for _, o := range c.Operations {
		list = append(list, "no schedule came to a primitive in "+o.String())
	}
	for _, call := range c.Calls {
		list = append(list, fmt.Sprintf("no schedule came to the primitive at %s, in %s", call, call.Func))
	}
	return list
}

// Odds is about the chance that among n states two have the same fingerprint of 64 bits: n*n/2^65.
func Odds(n uint64) float64 { return math.Ldexp(float64(n)*float64(n), -65) }
