package stepper

// These are the words that people read. Nothing compares them: TestLabelsAreNoData builds with other words in their place.

// Labels of moves.
const (
	labelBegin     = "begin %s" // a callback or a work item
	labelWays      = "one of %d ways"
	labelWay       = "way %d of %d"
	labelWayDoes   = "way %d of %d: %s"
	labelNothing   = "nothing"
	labelReuse     = "use a freed object of %s again"
	labelNew       = "a new object of %s"
	labelOwn       = "what is left is its own: %s"
	ownText        = "nothing that others can see"
	labelWaits     = "begin to wait: %s"
	labelFree      = "free" // a lock
	labelHeld      = "held by %s"
	labelQueued    = "queued" // an rcu_head
	labelNotQueued = "not queued"
	labelDrain     = "the oldest store in its queue goes to memory"
)
