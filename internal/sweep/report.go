package sweep

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Result is a point and what each variant costs there.
type Result struct {
	Point Point `json:"point"`
	Rows  []Row `json:"rows"`
}

// row returns the row of a variant, nil if there is none.
func (r *Result) row(variant string) *Row {
	for i := range r.Rows {
		if r.Rows[i].Variant == variant {
			return &r.Rows[i]
		}
	}
	return nil
}

// The variants that the report is about: those that differ in memory, and what they are compared with.
const (
	shared = "classic"
	full   = "fullpage"
)

var shown = []string{shared, "pinned/half", "active", full}

// Saved is the share of memory that two tables per page save, as classic has them: 0.5 is half.
func (r *Result) Saved() float64 {
	s, f := r.row(shared), r.row(full)
	if s == nil || f == nil || f.MeanPages == 0 {
		return 0
	}
	return 1 - s.MeanPages/f.MeanPages
}

// operations are the locks and other atomic operations for each table allocated.
func (r *Row) operations() (locks, atomics float64) {
	n := float64(max(r.Tables, 1))
	return float64(r.Locks) / n, float64(r.Atomics) / n
}

// PerOperation is how many KiB are saved for how many seconds by each lock or other atomic operation that two tables per page take
// and a page per table does not.
func (r *Result) PerOperation() float64 {
	s, f := r.row(shared), r.row(full)
	if s == nil || f == nil {
		return 0
	}
	more := float64(s.Locks+s.Atomics) - float64(f.Locks+f.Atomics)
	if more <= 0 {
		return 0
	}
	return (f.MeanPages - s.MeanPages) * 4 * r.Point.Duration().Seconds() / more
}

// Report is the results of a grid.
type Report struct{ Results []Result }

// axis is one of the quantities that are varied.
type axis struct {
	name string
	get  func(p *Point) float64
	text func(p *Point) string
}

var axes = []axis{
	{"processes", func(p *Point) float64 { return float64(p.Processes) }, func(p *Point) string { return strconv.Itoa(p.Processes) }},
	{"tables per process", func(p *Point) float64 { return float64(p.Tables) }, func(p *Point) string { return strconv.Itoa(p.Tables) }},
	{"lifetime", func(p *Point) float64 {
		if p.Lifetime == 0 {
			return 1e18
		}
		return float64(p.Lifetime)
	}, func(p *Point) string { return LifetimeText(p.Lifetime) }},
	{"collapses per second", func(p *Point) float64 { return p.Collapse }, func(p *Point) string { return fmt.Sprintf("%g", p.Collapse) }},
	{"grace period", func(p *Point) float64 { return float64(p.Grace) }, func(p *Point) string { return p.Grace.String() }},
	{"CPUs", func(p *Point) float64 { return float64(p.CPUs) }, func(p *Point) string { return strconv.Itoa(p.CPUs) }},
}

// along returns the results in which only the axis differs from the middle, in its order.
func (r *Report) along(a int) []*Result {
	var list []*Result
	mid := Middle()
	for i := range r.Results {
		p := &r.Results[i].Point
		same := true
		for k := range axes {
			same = same && (k == a || axes[k].text(p) == axes[k].text(&mid))
		}
		if same {
			list = append(list, &r.Results[i])
		}
	}
	slices.SortStableFunc(list, func(x, y *Result) int { return cmp.Compare(axes[a].get(&x.Point), axes[a].get(&y.Point)) })
	return list
}

// values are those of an axis that occur, in order.
func (r *Report) values(a int) []string {
	var list []*Point
	for i := range r.Results {
		p := &r.Results[i].Point
		if !slices.ContainsFunc(list, func(q *Point) bool { return axes[a].text(p) == axes[a].text(q) }) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(x, y *Point) int { return cmp.Compare(axes[a].get(x), axes[a].get(y)) })
	var out []string
	for _, p := range list {
		out = append(out, axes[a].text(p))
	}
	return out
}

// Runs is how many runs the report is made of.
func (r *Report) Runs() (points, runs int) {
	for i := range r.Results {
		runs += len(r.Results[i].Rows)
	}
	return len(r.Results), runs
}

const (
	tablesAxis   = 1
	lifetimeAxis = 2
)

// Along is a table with a row for each value of each axis, all else as in the middle: the first row is its head.
func (r *Report) Along() [][]string {
	head := []string{"", "least"}
	head = append(append(head, shown...), "saved")
	for _, v := range shown {
		head = append(head, v+", locks + atomics")
	}
	rows := [][]string{append(head, "KiB s per operation")}
	for a := range axes {
		for _, res := range r.along(a) {
			row := []string{axes[a].name + " " + axes[a].text(&res.Point), fmt.Sprintf("%.0f", res.Rows[0].LeastPages)}
			for _, v := range shown {
				if x := res.row(v); x != nil {
					row = append(row, fmt.Sprintf("%.0f", x.MeanPages))
				} else {
					row = append(row, "-")
				}
			}
			row = append(row, percent(res.Saved()))
			for _, v := range shown {
				if x := res.row(v); x != nil {
					locks, atomics := x.operations()
					row = append(row, fmt.Sprintf("%.2f + %.2f", locks, atomics))
				} else {
					row = append(row, "-")
				}
			}
			rows = append(rows, append(row, fmt.Sprintf("%.3f", res.PerOperation())))
		}
	}
	return rows
}

func percent(x float64) string { return fmt.Sprintf("%.0f%%", 100*x) }

// Over is a table of the whole grid: the least and the most of a quantity over all else, by tables and lifetimes.
func (r *Report) Over(quantity func(*Result) float64, show func(float64) string) [][]string {
	lifetimes := r.values(lifetimeAxis)
	rows := [][]string{append([]string{"tables per process"}, lifetimes...)}
	for _, tables := range r.values(tablesAxis) {
		row := []string{tables}
		for _, lifetime := range lifetimes {
			low, high, any := 0.0, 0.0, false
			for i := range r.Results {
				res := &r.Results[i]
				if axes[tablesAxis].text(&res.Point) != tables || axes[lifetimeAxis].text(&res.Point) != lifetime {
					continue
				}
				q := quantity(res)
				if !any {
					low, high, any = q, q, true
				}
				low, high = min(low, q), max(high, q)
			}
			switch {
			case !any:
				row = append(row, "-")
			case show(low) == show(high):
				row = append(row, show(low))
			default:
				row = append(row, show(low)+" to "+show(high))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// aboveLeast returns how much a variant takes above the least there can be.
func aboveLeast(variant string) func(*Result) float64 {
	return func(r *Result) float64 {
		x := r.row(variant)
		if x == nil || x.LeastPages == 0 {
			return 0
		}
		return x.MeanPages/x.LeastPages - 1
	}
}

// Part is a table of the report, and what it is about.
type Part struct {
	Title string
	Rows  [][]string
}

// Parts are the tables of the report.
func (r *Report) Parts() []Part {
	mid := Middle()
	var around []string
	for a := range axes {
		around = append(around, axes[a].name+" "+axes[a].text(&mid))
	}
	signed := func(x float64) string { return fmt.Sprintf("%+.0f%%", 100*x) }
	return []Part{
		{"Mean pages, and locks and other atomic operations for each table allocated. One quantity varies, the others are: " + strings.Join(around, ", ") + ".", r.Along()},
		{"What two tables per page save of the memory of a page per table, in the whole grid.", r.Over((*Result).Saved, percent)},
		{"KiB s that each lock or other atomic operation saves which two tables per page take and a page per table does not, in the whole grid.",
			r.Over((*Result).PerOperation, func(x float64) string { return fmt.Sprintf("%.3f", x) })},
		{"active, above the least there can be, in the whole grid.", r.Over(aboveLeast("active"), signed)},
		{"classic, above the least there can be, in the whole grid.", r.Over(aboveLeast(shared), signed)},
	}
}

// Markdown writes the tables.
func (r *Report) Markdown(w io.Writer) error {
	points, runs := r.Runs()
	var b strings.Builder
	fmt.Fprintf(&b, "%d loads, %d runs.\n", points, runs)
	for _, p := range r.Parts() {
		fmt.Fprintf(&b, "\n%s\n\n", p.Title)
		for i, row := range p.Rows {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				b.WriteString("|---|" + strings.Repeat("--:|", len(row)-1) + "\n")
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var columns = []string{"processes", "tables", "lifetime", "collapse", "grace", "cpus",
	"variant", "allocated", "mean_pages", "least_pages", "peak_pages", "locks", "atomics", "queue", "ipis"}

// WriteCSV writes all rows.
func (r *Report) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write(columns); err != nil {
		return err
	}
	for i := range r.Results {
		p := &r.Results[i].Point
		for _, x := range r.Results[i].Rows {
			err := c.Write([]string{strconv.Itoa(p.Processes), strconv.Itoa(p.Tables), LifetimeText(p.Lifetime), fmt.Sprintf("%g", p.Collapse), p.Grace.String(), strconv.Itoa(p.CPUs),
				x.Variant, strconv.FormatUint(x.Tables, 10), fmt.Sprintf("%.3f", x.MeanPages), fmt.Sprintf("%.3f", x.LeastPages), strconv.FormatInt(x.PeakPages, 10),
				strconv.FormatUint(x.Locks, 10), strconv.FormatUint(x.Atomics, 10), strconv.Itoa(x.Queue), strconv.FormatUint(x.IPIs, 10)})
			if err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// ReadCSV reads what WriteCSV wrote.
func ReadCSV(in io.Reader) (*Report, error) {
	lines, err := csv.NewReader(in).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || !slices.Equal(lines[0], columns) {
		return nil, fmt.Errorf("line 1: other columns; expected %s", strings.Join(columns, ","))
	}
	r := &Report{}
	for i, l := range lines[1:] {
		var p Point
		var x Row
		var err error
		if p.Lifetime, err = ParseLifetime(l[2]); err != nil {
			return nil, fmt.Errorf("line %d: lifetime %w", i+2, err)
		}
		if p.Grace, err = time.ParseDuration(l[4]); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		x.Variant = l[6]
		for k, to := range map[int]any{0: &p.Processes, 1: &p.Tables, 3: &p.Collapse, 5: &p.CPUs, 7: &x.Tables, 8: &x.MeanPages, 9: &x.LeastPages,
			10: &x.PeakPages, 11: &x.Locks, 12: &x.Atomics, 13: &x.Queue, 14: &x.IPIs} {
			if _, err := fmt.Sscan(l[k], to); err != nil {
				return nil, fmt.Errorf("line %d: %s %q; expected a number", i+2, columns[k], l[k])
			}
		}
		if n := len(r.Results); n == 0 || r.Results[n-1].Point != p {
			r.Results = append(r.Results, Result{Point: p})
		}
		last := &r.Results[len(r.Results)-1]
		last.Rows = append(last.Rows, x)
	}
	return r, nil
}
