package conform

import (
	"fmt"
	"strings"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// Result is what came of holding a version against a log.
type Result struct {
	File      string  `json:"file"`
	Variant   string  `json:"variant"`
	Decisions int     `json:"decisions"` // Agree and Disagree together
	Agree     int     `json:"agree"`
	Disagree  int     `json:"disagree"`
	Kinds     []Count `json:"kinds"`

	PutRight   int `json:"put_right"`            // records in the wrong order, whose masks prove the right one
	Unrecorded int `json:"unrecorded"`           // removals that later masks prove, and that have no record
	Stopped    int `json:"stopped_at,omitempty"` // the line at which the model could not go on, 0 if it came to the end

	Interrupted int `json:"interrupted_at,omitempty"` // the line before which the context ended, 0 if it did not

	First *Disagreement `json:"first,omitempty"` // the first disagreement
}

// Count is how often a kind of decision was compared.
type Count struct {
	Record   string `json:"record"` // the record's first word; "model" where the model itself finds something wrong
	About    string `json:"about"`
	Agree    int    `json:"agree"`
	Disagree int    `json:"disagree"`
}

// Disagreement is a decision that the model takes otherwise.
type Disagreement struct {
	Line   int    `json:"line"`
	Record string `json:"record"`
	Kernel string `json:"kernel"` // what the kernel did
	Model  string `json:"model"`  // and what the version does
	MM     int    `json:"mm"`
	List   string `json:"list"` // the mm's list in the model, with the log's names
	Last   []Done `json:"last"` // the last records of the mm, that of the disagreement included
}

// Done is a record that came before.
type Done struct {
	Line   int    `json:"line"`
	Record string `json:"record"`
}

// lastRecords is how many records of an mm a disagreement shows.
const lastRecords = 10

// sort puts the kinds in the order of the package doc.
func (res *Result) sort() {
	var sorted []Count
	for k := NoRecord; k < numKinds; k++ {
		for _, c := range res.Kinds {
			if c.About == k.about() {
				sorted = append(sorted, c)
			}
		}
	}
	res.Kinds = sorted
}

func (k Kind) about() string {
	if k == NoRecord {
		return modelsOwn
	}
	return k.About()
}

const modelsOwn = "the model's own checks"

// count returns the counts of a kind.
func (res *Result) count(k Kind) *Count {
	name, what := k.String(), k.about()
	if k == NoRecord {
		name = "model"
	}
	for i := range res.Kinds {
		if res.Kinds[i].Record == name {
			return &res.Kinds[i]
		}
	}
	res.Kinds = append(res.Kinds, Count{Record: name, About: what})
	return &res.Kinds[len(res.Kinds)-1]
}

// Allocations returns how many allocations were compared.
func (res *Result) Allocations() int {
	n := 0
	for _, c := range res.Kinds {
		if c.Record == Look.String() || c.Record == Alloc.String() {
			n += c.Agree + c.Disagree
		}
	}
	return n
}

// judge counts a decision of the record under way.
func (r *replay) judge(same bool, kernel, model string) {
	r.judgeKind(r.log.Records[r.at].Kind, same, kernel, model)
}

func (r *replay) judgeKind(k Kind, same bool, kernel, model string) {
	c := r.res.count(k)
	r.res.Decisions++
	if same {
		r.res.Agree++
		c.Agree++
		return
	}
	r.res.Disagree++
	c.Disagree++
	if r.res.First == nil {
		r.res.First = r.describe(kernel, model)
	}
}

// disagree counts what the model itself finds wrong.
func (r *replay) disagree(kernel, model string) { r.judgeKind(NoRecord, false, kernel, model) }

// compare judges a half and the mask after it.
func (r *replay) compare(rec *Record, t kern.Phys, m pgalloc.Mask, listed bool, verb string) {
	kernel := fmt.Sprintf("%s p%d.%d, %s", verb, rec.Page, rec.Half, maskText(rec.Mask))
	same := listed && m == rec.Mask && int(t.Half()) == rec.Half && r.named(rec, t)
	if same {
		r.judge(true, "", "")
		return
	}
	r.judge(false, kernel, fmt.Sprintf("%s %s, %s", verb, r.name(t), maskText(m)))
}

// named tells whether a table is in the page that the record names.
func (r *replay) named(rec *Record, t kern.Phys) bool {
	p, ok := r.pages[rec.Page]
	return ok && p == pgalloc.PageOf(t)
}

// describe shows a disagreement with what led to it.
func (r *replay) describe(kernel, model string) *Disagreement {
	rec := &r.log.Records[r.at]
	d := &Disagreement{Line: rec.Line, Record: rec.String(), Kernel: kernel, Model: model, MM: rec.MM}
	if sp := r.mms[rec.MM]; sp != nil && rec.Kind != Batch {
		if !sp.mm.Freed(r.m) {
			d.List = r.list(sp)
		}
		for _, i := range sp.last[max(0, len(sp.last)-lastRecords):] {
			d.Last = append(d.Last, Done{r.log.Records[i].Line, r.log.Records[i].String()})
		}
	}
	return d
}

// front is the first page of a list.
type front struct {
	page pgalloc.Page // 0: the list is empty
	text string
}

func (f front) first() string {
	if f.page == 0 {
		return "the list is empty"
	}
	return "the first page of the list is " + f.text
}

func (r *replay) head(sp *space) (f front) {
	r.walk(sp, func(p pgalloc.Page) bool {
		f = front{p, r.pageName(p) + ", " + maskText(r.peek(p))}
		return false
	})
	return f
}

// list shows a list, in part if it is long.
func (r *replay) list(sp *space) string {
	const most = 12
	var pages []string
	n := 0
	r.walk(sp, func(p pgalloc.Page) bool {
		if n++; n <= most {
			pages = append(pages, fmt.Sprintf("%s %02x", r.pageName(p), uint8(r.peek(p))))
		}
		return true
	})
	switch {
	case n == 0:
		return "empty"
	case n > most:
		pages = append(pages, fmt.Sprintf("and %d more", n-most))
	}
	return strings.Join(pages, ", ")
}

func (r *replay) walk(sp *space, f func(p pgalloc.Page) bool) {
	l := sp.mm.PeekList(r.m)
	if l == 0 {
		return
	}
	r.m.Walk(l.Head(), func(node kern.Addr) bool { return f(pgalloc.Page(r.m.PageOf(node))) })
}

// pageName calls a page as the log does.
func (r *replay) pageName(p pgalloc.Page) string {
	if n, ok := r.names[p]; ok {
		return fmt.Sprintf("p%d", n)
	}
	return fmt.Sprintf("a page of its own (frame %d)", p)
}

func (r *replay) name(t kern.Phys) string {
	if t == 0 {
		return "nothing"
	}
	s := r.pageName(pgalloc.PageOf(t))
	if r.log.Whole {
		return s
	}
	return fmt.Sprintf("%s.%d", s, t.Half())
}

func (h half) String() string {
	if h.half < 0 {
		return fmt.Sprintf("p%d", h.page)
	}
	return fmt.Sprintf("p%d.%d", h.page, h.half)
}

// maskText writes a mask in both ways that readers of kernels know.
func maskText(m pgalloc.Mask) string { return fmt.Sprintf("mask %02x (%s)", uint8(m), m) }
