package quiz

import (
	"fmt"
	"slices"

	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/stepper"
	"ptsim/lab"
)

// Item is one of the things that Draw draws: a situation, and questions about it.
type Item struct {
	Number     int     `json:"number"`     // from 1
	Difficulty int     `json:"difficulty"` // 1 to 5; does not fall from one item to the next
	Context    Context `json:"context"`
	Link       string  `json:"link"` // of an item from a schedule, where it stands; "" of one from a table of masks
	Quiz       *Quiz   `json:"quiz"`
}

// Context is what an item shows.
type Context struct {
	Title string        `json:"title"` // "S1 on rfc, after 7 steps", "a page in rfc"
	Prose []string      `json:"prose"` // paragraphs that say all that is needed
	View  *stepper.View `json:"view"`  // of an item from a schedule, the state before the move; else nil
	Move  string        `json:"move"`  // that is asked about; "" of one from a table of masks
}

// levels is how many levels of difficulty there are.
const levels = 5

// MaxItems bounds what one Draw draws.
const MaxItems = 200

// perItem is how many questions an item asks at most.
const perItem = 3

// candidate is an item that may be drawn.
type candidate struct {
	id         string
	version    string
	source     string
	difficulty int
	context    Context
	link       string
	quiz       *Quiz
}

// From says what a draw may be from. What is empty is not limited.
type From struct {
	Lab       *lab.Lab           // whose questions they are; nil is the page tables
	Topics    []string           // of questions
	Versions  []question.Version // that are asked about
	Scenarios []string           // by name, that schedules are of
}

// Draw draws n items by seed from all there is.
func Draw(seed uint64, n int) ([]*Item, error) { return DrawFrom(From{}, seed, n) }

// DrawFrom draws n items by seed, the same everywhere. They are from tables of masks and from schedules in turn, spread over
// versions, scenarios and topics; none comes twice, and the difficulty rises. Where the limits leave fewer than n there are
// fewer.
func DrawFrom(from From, seed uint64, n int) ([]*Item, error) {
	if n < 1 || n > MaxItems {
		return nil, fmt.Errorf("%d items; expected 1 to %d", n, MaxItems)
	}
	d := &drawer{from: from, lab: from.Lab, dice: dice(seed), used: map[string]bool{}, tables: map[string][]*candidate{}}
	if d.lab == nil {
		d.lab = labs.Default()
	}
	d.versions[0], d.versions[1] = d.deck(), d.deck()
	first := d.dice.roll(2)
	var drawn []*candidate
	for i := range n {
		c, err := d.next((first+i)%2 == 0, 1+i*levels/n)
		if err != nil {
			return nil, err
		}
		if c == nil {
			break
		}
		d.used[c.id] = true
		drawn = append(drawn, c)
	}
	slices.SortStableFunc(drawn, func(a, b *candidate) int { return a.difficulty - b.difficulty })
	var items []*Item
	for i, c := range drawn {
		items = append(items, &Item{
			Number: i + 1, Difficulty: c.difficulty, Context: c.context, Link: c.link, Quiz: d.choose(c.quiz),
		})
	}
	return items, nil
}

// drawer draws.
type drawer struct {
	from     From
	lab      *lab.Lab
	dice     dice
	used     map[string]bool
	tables   map[string][]*candidate // by version; never gone through in the order of the map
	versions [2][]question.Version   // for tables and for schedules: what is left of each deck
	walks    []walkFrom
	asked    []string // topics of the questions so far
}

// deck returns the versions that may be asked about, shuffled.
func (d *drawer) deck() []question.Version {
	list := question.VersionsOf(d.lab)
	if len(d.from.Versions) > 0 {
		list = slices.Clone(d.from.Versions)
	}
	for i := len(list) - 1; i > 0; i-- {
		j := d.dice.roll(i + 1)
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// version returns the next version of a deck, and begins another where it is used up.
func (d *drawer) version(deck int) question.Version {
	if len(d.versions[deck]) == 0 {
		d.versions[deck] = d.deck()
	}
	v := d.versions[deck][0]
	d.versions[deck] = d.versions[deck][1:]
	return v
}

// next finds an item of about that difficulty, nil if there is none.
func (d *drawer) next(table bool, difficulty int) (*candidate, error) {
	tables := d.lab.Asker != nil && d.lab.Asker.Cards != nil
	if table && tables {
		for range question.VersionsOf(d.lab) {
			c, err := d.fromTable(d.version(0), difficulty)
			if err != nil || c != nil {
				return c, err
			}
		}
	}
	c, err := d.fromWalk(difficulty)
	if err != nil || c != nil || !tables {
		return c, err
	}
	for off := range levels { // a table has items of another difficulty
		for _, level := range []int{difficulty - off, difficulty + off} {
			for _, v := range d.deck() {
				if c, err := d.fromTable(v, level); err != nil || c != nil {
					return c, err
				}
			}
		}
	}
	return nil, nil
}

// allowed keeps of a quiz what may be asked about, nil if that is nothing.
func (d *drawer) allowed(q *Quiz) *Quiz {
	if len(d.from.Topics) > 0 {
		q = q.only(d.from.Topics)
	}
	if len(q.Questions) == 0 {
		return nil
	}
	return q
}

// cards makes an item of each of the lab's cards for a version.
func (d *drawer) cards(v question.Version) ([]*candidate, error) {
	cards, err := d.lab.Asker.Cards(string(v))
	if err != nil {
		return nil, err
	}
	var list []*candidate
	for _, c := range cards {
		q := newQuiz()
		for i := range c.Asked {
			q.put(d.lab, c.Asked[i].Topic, &c.Asked[i], "", c.ID+"\x00"+c.Asked[i].Topic)
		}
		list = append(list, &candidate{
			id: "table " + c.ID, version: v.String(), source: "table", difficulty: min(c.Difficulty, levels), quiz: q,
			context: Context{Title: c.Title, Prose: []string{c.Prose, c.Lead}},
		})
	}
	return list, nil
}

// fromTable takes an item from the table of a version, nil if none is left that is about as difficult.
func (d *drawer) fromTable(v question.Version, difficulty int) (*candidate, error) {
	list, ok := d.tables[v.String()]
	if !ok {
		var err error
		if list, err = d.cards(v); err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(c *candidate) bool {
			q := d.allowed(c.quiz)
			if q != nil {
				c.quiz = q
			}
			return q == nil
		})
		d.tables[v.String()] = list
	}
	var fit []*candidate
	for _, c := range list {
		if !d.used[c.id] && c.difficulty == difficulty {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return nil, nil
	}
	return fit[d.dice.roll(len(fit))], nil
}

// choose keeps of a quiz the questions about the topics that were asked about least.
func (d *drawer) choose(q *Quiz) *Quiz {
	count := func(topic string) (n int) {
		for _, t := range d.asked {
			if t == topic {
				n++
			}
		}
		return n
	}
	var topics []string
	for _, k := range q.Questions {
		topics = append(topics, k.Topic)
	}
	slices.SortStableFunc(topics, func(a, b string) int { return count(a) - count(b) })
	topics = topics[:min(perItem, len(topics))]
	d.asked = append(d.asked, topics...)
	return q.only(topics)
}
