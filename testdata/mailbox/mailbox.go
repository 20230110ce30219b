// Package mailbox is a protocol outside of ptsim: a mailbox for one letter, in three versions. It shows what a module of your own
// needs to have its protocol explored and shown: code in the primitives of package kern, its names, its kinds of violation, and a
// lab.
//
//	mailbox   full 0 or 1     there is a letter in it
//	          letter          its number, 0 if there is none
//
// Senders wait for nobody: a send to a full box gives up. So does a receive from an empty one. A letter that was sent is received or is
// in the box, and whoever receives gets a letter. There are no locks.
//
//	Early       sets full before the letter is in: who receives meanwhile gets none
//	Unclaimed   writes the letter first, but two senders may both find the box empty: a letter is lost
//	Claimed     a sender claims the box by a compare-and-swap, and opens it to receivers when the letter is in
//
// Not modelled: more than one letter, and waiting.
//
// Start with Send, then lab.go.
package mailbox

import "ptsim/kern"

// The versions.
const (
	Early     = "early"
	Unclaimed = "unclaimed"
	Claimed   = "claimed"
)

// The kinds of violation of a mailbox.
var (
	LetterLost = kern.NewKind(kern.KindInfo{
		Name:     "letter-lost",
		Sentence: "letter lost: %f leaves %o without %d",
		Headline: "postmaster: letter lost in %s",
	})
	NoLetter = kern.NewKind(kern.KindInfo{
		Name:     "no-letter",
		Sentence: "no letter: %f %d",
		Headline: "postmaster: empty envelope in %s",
	})
)

func init() {
	kern.NameFunctions("example.org/mailbox", map[string]string{"Send": "mbox_send", "Receive": "mbox_receive"})
}

// The words of a mailbox, and what full can be.
const (
	full   = 0
	letter = 1

	empty    = 0
	isFull   = 1
	claiming = 2
)

// Cache is the slab cache of mailboxes.
const Cache = "mailbox"

// Boxes are the mailboxes of a machine.
type Boxes struct {
	version string
	boxes   kern.Cache
}

// New prepares a machine for mailboxes.
func New(m *kern.Machine, version string) *Boxes {
	return &Boxes{version, m.NewCache(kern.CacheConfig{Name: Cache, Fields: []kern.Field{
		{Name: "full", Kind: kern.FieldWord}, {Name: "letter", Kind: kern.FieldWord},
	}})}
}

// Box is a mailbox, by its address.
type Box kern.Addr

// NewBox makes an empty mailbox.
func (b *Boxes) NewBox(c *kern.CPU) Box { return Box(b.boxes.Alloc(c)) }

// Send puts a letter into a box, unless there is one in it: then it returns false.
func (b *Boxes) Send(c *kern.CPU, box Box, number uint32) bool {
	at := kern.Addr(box)
	if b.version == Claimed {
		if kern.CmpXchg(c, at+full, empty, claiming) != empty {
			return false
		}
		kern.WriteOnce(c, at+letter, number)
		kern.SmpStoreRelease(c, at+full, isFull)
		return true
	}
	if kern.ReadOnce(c, at+full) != empty {
		return false
	}
	if b.version == Early {
		kern.WriteOnce(c, at+full, isFull)
		kern.WriteOnce(c, at+letter, number)
		return true
	}
	if old := kern.ReadOnce(c, at+letter); old != 0 {
		c.Report(&kern.Violation{Kind: LetterLost, Addr: at, Detail: "the letter that another sender has just put in"})
	}
	kern.WriteOnce(c, at+letter, number)
	kern.SmpStoreRelease(c, at+full, isFull)
	return true
}

// Receive takes the letter out of a box, and returns its number, 0 if the box is empty.
func (b *Boxes) Receive(c *kern.CPU, box Box) uint32 {
	at := kern.Addr(box)
	if kern.SmpLoadAcquire(c, at+full) != isFull {
		return 0
	}
	got := kern.ReadOnce(c, at+letter)
	if got == 0 {
		c.Report(&kern.Violation{Kind: NoLetter, Addr: at, Detail: "finds nothing in %o, which says that it is full"})
	}
	kern.WriteOnce(c, at+letter, 0)
	kern.SmpStoreRelease(c, at+full, empty)
	kern.Assert(c, got < 1000, "a letter has a number below 1000")
	return got
}
