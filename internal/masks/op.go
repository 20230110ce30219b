package masks

import "fmt"

// Op is an operation on one half of a page.
type Op uint8

// The operations, see the package's doc.
const (
	Fresh Op = iota
	Alloc
	Free
	FreeRCU
	Remove
	Defer
	Now
)

var opNames = [...]string{"fresh", "alloc", "free", "free_rcu", "remove", "defer", "now"}

func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("op(%d)", uint8(o))
}

// MarshalText writes the operation's name.
func (o Op) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Ops returns the operations that the rows of a table are about: all but Fresh, which has no page to start from.
func Ops() []Op { return []Op{Alloc, Free, FreeRCU, Remove, Defer, Now} }

// ListAction is what an operation does to the page's place on pgtable_list.
type ListAction uint8

// The list actions. A list_del_init of a page that is on no list is ListNone.
const (
	ListNone ListAction = iota
	ListAddHead
	ListAddTail
	ListDel
)

var listNames = [...]string{"none", "add head", "add tail", "del"}

func (a ListAction) String() string { return listNames[a] }

// MarshalText writes the action's name.
func (a ListAction) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// RCUAction is what an operation leaves to RCU.
type RCUAction uint8

// The RCU actions.
const (
	RCUNone  RCUAction = iota
	RCUBatch           // the half's pointer is put into the gather's batch
	RCUHead            // the page's rcu_head is queued, with Row.Callback
	RCUChain           // a callback queues the rcu_head again, for the other half, with Row.Callback
	RCUWait            // the rcu_head is queued for the other half, whose callback is to queue it again
)

var rcuNames = [...]string{"none", "batch", "call_rcu", "chain", "wait"}

func (a RCUAction) String() string { return rcuNames[a] }

// MarshalText writes the action's name.
func (a RCUAction) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Release is whether an operation releases the page.
type Release uint8

// The kinds of release. ReleaseLater is a page of which no half is in use, on its way through RCU.
const (
	ReleaseNone Release = iota
	ReleaseNow
	ReleaseLater
)

var releaseNames = [...]string{"no", "now", "after a grace period"}

func (r Release) String() string { return releaseNames[r] }

// MarshalText writes the release's name.
func (r Release) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Reach is how a state is reached from the birth of a page by operations one at a time.
type Reach uint8

// The ways to be reached.
const (
	ReachNever   Reach = iota
	ReachPassing       // only in the middle of an operation
	ReachRest          // between operations
)

var reachNames = [...]string{"never", "in passing", "at rest"}

func (r Reach) String() string { return reachNames[r] }

// MarshalText writes the reach's name.
func (r Reach) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
