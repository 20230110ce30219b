package ask

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/masks"
	"ptsim/lab"
	"ptsim/pgalloc"
)

// cards makes a card of every operation in the table of masks of a version that a page can meet in its life.
func cards(version string) ([]*lab.Card, error) {
	_, pin, _ := strings.Cut(version, "/")
	t, err := masks.Build(variantOf(version), pgalloc.Pin(pin))
	if err != nil {
		return nil, err
	}
	var list []*lab.Card
	for _, mv := range t.Life.Moves {
		r := &t.Rows[mv.Row]
		if len(r.Trouble) > 0 {
			continue // what is left is no state that a rule speaks of
		}
		from, to := &t.Life.Places[mv.From], &t.Life.Places[mv.To]
		k := &tableCase{t: t, version: version, row: r, from: from, to: to, lost: slices.Contains(t.Life.Lost, mv.To)}
		list = append(list, k.card())
	}
	return list, nil
}

// tableCase is one row of a table, from one of the places in which a page can be.
type tableCase struct {
	t        *masks.Table
	version  string
	row      *masks.Row
	from, to *masks.Place
	lost     bool
}

// verb names the operation as scenarios do.
func (k *tableCase) verb() string {
	switch k.row.Op {
	case masks.FreeRCU:
		return "tlbfree"
	case masks.Remove:
		return "batch"
	}
	return k.row.Op.String()
}

// about are the operations in words; %s is the half.
var about = map[masks.Op]string{
	masks.Alloc:   "page_table_alloc is called, and the page is the first on the list of its mm.",
	masks.Free:    "page_table_free is called for %s.",
	masks.FreeRCU: "page_table_free_rcu is called for %s, up to handing it to the gather.",
	masks.Remove:  "__tlb_remove_table is called for %s, by the callback of its batch.",
	masks.Defer:   "pte_free_defer is called for %s.",
	masks.Now:     "The callback that the page's rcu_head was queued with is called: %s.",
}

func (k *tableCase) card() *lab.Card {
	half := "the " + halfNames[k.row.Half] + " half"
	if !k.t.Fragments {
		half = "the table"
	}
	if k.row.Op == masks.Now {
		half = "pte_free_" + strings.TrimPrefix(k.row.Ran, "pte_free_")
	}
	lead := about[k.row.Op]
	if strings.Contains(lead, "%s") {
		lead = fmt.Sprintf(lead, half)
	}
	o := &outcome{version: k.version, lead: lead, verb: k.verb(), page: "page", label: "the page", mm: "its mm", because: map[string]string{}}
	k.fill(o)
	card := &lab.Card{
		ID: k.version + " " + fmt.Sprint(k.from, k.row.Op, k.row.Half), Title: "a page in " + k.version, Prose: k.prose(), Inquiry: *o.inquiry(),
	}
	card.Difficulty = k.difficulty()
	return card
}

// fill takes over what the table saw.
func (k *tableCase) fill(o *outcome) {
	r := k.row
	if k.t.Fragments {
		o.masked, o.next = true, r.Next
		o.list = map[masks.ListAction]listAction{
			masks.ListNone: listStays, masks.ListAddHead: listHead, masks.ListAddTail: listTail, masks.ListDel: listOff,
		}[r.List]
	}
	o.mmNow = map[int]string{-1: "a reference on it is dropped", 0: "its mm_count stays as it is", 1: "a reference on it is taken"}[r.Pin]
	for _, other := range []string{"a reference on it is dropped", "its mm_count stays as it is", "a reference on it is taken"} {
		if other != o.mmNow {
			o.mmNot = append(o.mmNot, other)
		}
	}
	var did []string
	for _, s := range r.Steps {
		did = append(did, seen(s.What))
	}
	steps := "Seen: " + strings.Join(did, ", ") + "."
	for _, topic := range []string{topicMask, topicList, topicRCU, topicFree} {
		hint, _ := o.hint(topic)
		o.because[topic] = strings.TrimSpace(steps + " " + hint)
	}
	if r.Op == masks.Alloc {
		return
	}
	o.rcu = map[masks.RCUAction]rcuAction{
		masks.RCUNone: rcuNothing, masks.RCUBatch: rcuBatch, masks.RCUHead: rcuHead, masks.RCUChain: rcuHead, masks.RCUWait: rcuWait,
	}[r.RCU]
	switch {
	case r.Release == masks.ReleaseNow:
		o.free = freeNow
	case r.Next.AA() != 0:
		o.free = freeNobody
	case k.lost:
		o.free = freeNever
	default:
		o.free = freeCallback
	}
}

// seen writes a step of the table with masks as they are written everywhere else: "xor +P0 -A0: -P|--|--", not "xor 11 = 10".
func seen(what string) string {
	var flipped, left pgalloc.Mask
	if _, err := fmt.Sscanf(what, "xor %x = %x", &flipped, &left); err == nil {
		var bits []string
		for i, name := range bitNames {
			if bit := pgalloc.Mask(1) << (len(bitNames) - 1 - i); flipped&bit != 0 {
				bits = append(bits, map[bool]string{true: "+", false: "-"}[left&bit != 0]+name)
			}
		}
		return fmt.Sprintf("xor %s: %s", strings.Join(bits, " "), left)
	}
	if _, err := fmt.Sscanf(what, "read mask = %x", &left); err == nil {
		return fmt.Sprintf("read mask: %s", left)
	}
	return what
}

// prose says in which state the page is.
func (k *tableCase) prose() string {
	p := k.from
	var b strings.Builder
	switch {
	case !k.t.Fragments:
		fmt.Fprintf(&b, "Variant %s, where one table takes a whole page.", k.version)
	default:
		fmt.Fprintf(&b, "Variant %s. A page has the mask %s: its lower half is %s, its upper half %s.", k.version, p.Mask, p.Mask.Half(0), p.Mask.Half(1))
		if s := k.t.States[k.row.State]; s.Listed {
			b.WriteString(" It is on the list.")
		} else {
			b.WriteString(" It is not on the list.")
		}
	}
	if p.Active {
		b.WriteString(" PageActive is set.")
	}
	if p.Callback != "" && k.row.Op != masks.Now {
		fmt.Fprintf(&b, " Its rcu_head is queued, with the callback %s.", p.Callback)
	}
	if k.t.Fragments {
		for half := range 2 {
			if p.Batch>>half&1 != 0 {
				fmt.Fprintf(&b, " The %s half is in a batch.", halfNames[half])
			}
		}
	}
	b.WriteString(" Nothing else uses the page now.")
	return b.String()
}

// difficulty grows with how much there is to keep in mind: who frees, and which version it is.
func (k *tableCase) difficulty() int {
	d := map[masks.Op]int{masks.Alloc: 1, masks.Free: 1, masks.FreeRCU: 2, masks.Remove: 3, masks.Defer: 2, masks.Now: 3}[k.row.Op]
	if k.from.Mask.PP() == 3 || k.from.Mask.HH() != 0 {
		d++
	}
	return d + hard(k.version)
}
