package quiz

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"

	"ptsim/internal/labs/pagetable"
	"ptsim/internal/prose"
)

// bitNames are the bits of a mask as everything here writes them, left to right.
var bitNames = []string{"P1", "P0", "H1", "H0", "A1", "A0"}

// bitOrder are the same bits.
var bitOrder = []pagetable.Mask{pagetable.P << 1, pagetable.P, pagetable.H << 1, pagetable.H, pagetable.A << 1, pagetable.A}

// bitsOf takes a mask apart.
func bitsOf(m pagetable.Mask) []bool {
	var bits []bool
	for _, b := range bitOrder {
		bits = append(bits, m&b != 0)
	}
	return bits
}

// questions makes the quiz of an outcome: every question for which something was seen.
func (o *outcome) questions() *Quiz {
	q := &Quiz{Questions: []Question{}, key: map[string]key{}}
	if o.masked {
		q.add(o, Question{ID: TopicMask, Prompt: "What is the mask of " + o.label + " then? Say for each bit whether it is set.", Bits: bitNames},
			Answer{Bits: bitsOf(o.next)}, "The mask is "+o.next.String()+".")
	}
	if o.list != listUnseen {
		q.choose(o, TopicList, "What happens to the place of "+o.label+" on pgtable_list?", listTexts[o.list], texts(listTexts))
	}
	switch o.rcu {
	case rcuUnseen:
	case rcuFlush:
		q.choose(o, TopicRCU, "What is given to RCU?", flushTexts[o.rcu], texts(flushTexts))
	default:
		q.choose(o, TopicRCU, "What is given to RCU?", rcuTexts[o.rcu], texts(rcuTexts))
	}
	if o.free != freeUnseen {
		q.choose(o, TopicFree, "Who will free "+o.label+" then?", freeTexts[o.free], texts(freeTexts))
	}
	if o.mmNow != "" {
		q.choose(o, TopicMM, "What about "+o.mm+" then?", o.mmNow, append([]string{o.mmNow}, o.mmNot...))
	}
	return q
}

// choose adds a multiple choice question. The order of the choices is that of a hash: the same everywhere, and none that
// tells anything.
func (q *Quiz) choose(o *outcome, topic, prompt, right string, choices []string) {
	choices = unique(choices)
	shuffle(choices, o.salt+"\x00"+topic)
	sentence := prose.Capital(right) + "."
	q.add(o, Question{ID: topic, Prompt: prompt, Choices: choices}, Answer{Choice: slices.Index(choices, right)}, sentence)
}

func (q *Quiz) add(o *outcome, ask Question, right Answer, sentence string) {
	ask.Topic = ask.ID
	if !o.apart {
		ask.Prompt = o.lead + " " + ask.Prompt
	}
	ask.Hint, ask.Cites = o.hint(ask.Topic)
	if b := o.because[ask.Topic]; b != "" {
		sentence += " " + b
	} else {
		sentence += " " + ask.Hint
	}
	q.Questions = append(q.Questions, ask)
	q.key[ask.ID] = key{right, sentence}
}

// only keeps the questions of some topics.
func (q *Quiz) only(topics []string) *Quiz {
	few := &Quiz{Questions: []Question{}, key: map[string]key{}}
	for _, k := range q.Questions {
		if slices.Contains(topics, k.Topic) {
			few.Questions = append(few.Questions, k)
			few.key[k.ID] = q.key[k.ID]
		}
	}
	return few
}

// texts returns the values of a map in the order of its keys.
func texts[K cmp.Ordered](m map[K]string) []string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[k])
	}
	return list
}

func unique(list []string) []string {
	var once []string
	for _, s := range list {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}

// shuffle brings a list into an order that depends on the salt alone.
func shuffle[T any](list []T, salt string) {
	d := dice(hashOf(salt))
	for i := len(list) - 1; i > 0; i-- {
		j := d.roll(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// hashOf hashes a text, the same everywhere.
func hashOf(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text)) // a hash never fails
	return h.Sum64()
}

// dice is splitmix64: the same numbers from the same seed, whatever the machine and the version of Go.
type dice uint64

// roll returns a number from 0 to n-1.
func (d *dice) roll(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}
