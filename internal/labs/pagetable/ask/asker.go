package ask

import (
	"ptsim/explore"
	"ptsim/lab"
)

// The topics of questions.
const (
	topicMask = "mask" // the next mask, bit by bit
	topicList = "list" // what is done to the page's place on pgtable_list
	topicRCU  = "rcu"  // what is given to call_rcu
	topicFree = "free" // who frees the page
	topicMM   = "mm"   // whether the mm is alive, and its counts
)

// Asker asks about the page tables.
func Asker() *lab.Asker {
	const cpu = explore.SoftirqsOnCPU
	return &lab.Asker{
		Topics: []lab.Topic{
			{
				Name: topicMask, About: "the next mask, bit by bit",
				Look: "Look at the half that the operation is about, and at its three bits: which of A, H and P does it turn on, which off?",
			},
			{
				Name: topicList, About: "what happens to the page's place on pgtable_list",
				Look: "Look at both halves after the step: does an allocation want to find this page now?",
			},
			{
				Name: topicRCU, About: "what is given to RCU",
				Look: "Look at what may still be in use after the step: who might read it, and what has to wait for them?",
			},
			{
				Name: topicFree, About: "who frees the page",
				Look: "Look at both halves: who is the last to be done with one of them?",
			},
			{
				Name: topicMM, About: "what becomes of the mm",
				Look: "Look at who holds a reference on the mm: which of them takes one in this step, or gives one back?",
			},
		},
		Ask: func(s *lab.Sight) (*lab.Inquiry, error) {
			o, err := (&sight{Sight: s}).observe()
			if o == nil || err != nil {
				return nil, err
			}
			return o.inquiry(), nil
		},
		Cards: cards,
		// Those of a few tasks, with what surrounds them where they tell most.
		Walks: []lab.Walk{
			{Scenario: "S1", Softirqs: 2}, {Scenario: "munmap", Softirqs: 2}, {Scenario: "defer2", Softirqs: 2}, {Scenario: "relink", Softirqs: 2},
			{Scenario: "B4", Softirqs: cpu}, {Scenario: "fault", Softirqs: 2}, {Scenario: "S1f", Softirqs: 1}, {Scenario: "walk", Softirqs: 2},
			{Scenario: "fork", Softirqs: 2}, {Scenario: "recycle", Softirqs: 2}, {Scenario: "S2", Softirqs: 2}, {Scenario: "tail", Softirqs: 2},
			{Scenario: "pass", Softirqs: 2}, {Scenario: "gather", Softirqs: 1}, {Scenario: "grab", Softirqs: 2}, {Scenario: "fallback", Softirqs: 2},
			{Scenario: "reuse", Softirqs: 2}, {Scenario: "page", Softirqs: 1}, {Scenario: "ipi", Softirqs: 2}, {Scenario: "full", Softirqs: cpu},
		},
	}
}
