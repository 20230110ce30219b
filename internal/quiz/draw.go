package quiz

import "ptsim/internal/stepper"

// Item is one of the things that Draw draws: a situation, and questions about it.
type Item struct {
	Number     int     `json:"number"`     // from 1
	Difficulty int     `json:"difficulty"` // from 1; does not fall from one item to the next
	Context    Context `json:"context"`
	Link       string  `json:"link"` // of an item from a schedule, where it stands; "" of one from a table of masks
	Quiz       *Quiz   `json:"quiz"`
}

// Context is what an item shows.
type Context struct {
	Title string        `json:"title"` // "S1 on rfc", "a page in rfc"
	Prose []string      `json:"prose"` // paragraphs that say all that is needed
	View  *stepper.View `json:"view"`  // of an item from a schedule, the state before the move; else nil
	Move  string        `json:"move"`  // that is asked about; "" of one from a table of masks
}

// Draw draws n items by seed: the same everywhere.
func Draw(seed uint64, n int) ([]*Item, error) {
	return nil, nil
}
