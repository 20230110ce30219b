package lab

// These are the words that people read of what is drawn. Nothing compares them: internal/stepper's TestLabelsAreNoData builds with other
// words in their place.

var wordsLabels = [...]string{OffList: "off the list", OnList: "on the list", HeadQueued: "rcu_head queued"}

var halfLabels = [...]string{
	HalfFree: "free", HalfAllocated: "allocated", HalfPending: "pending", HalfPendingHead: "pending on rcu_head", HalfBroken: "broken",
}

var batchLabels = [...]string{BatchOpen: "open", BatchQueued: "queued", BatchRunning: "running", BatchFreed: "freed"}
