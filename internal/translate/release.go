package translate

import (
	"fmt"
	"strings"

	"ptsim/internal/script"
)

// free has a task release a table.
func (t *translation) free(task int, op *script.Op, how, name string) error {
	k := t.tables[name]
	if k.task != atStart && k.task != task {
		return t.fail(op, fmt.Sprintf("%s, which another task allocated, in the middle of the script", name),
			"what a hook releases to be allocated before all else, in a script that is stepped through")
	}
	k.live = false
	if how == "tlbfree" {
		if err := t.gather(task, op, k.mm); err != nil {
			return err
		}
	}
	return t.line(task, op, how+" "+name)
}

// gather has a task open the gather of an mm, unless it has it open.
func (t *translation) gather(task int, op *script.Op, mm int) error {
	for _, id := range t.order {
		g := t.mms[id].gather
		switch {
		case id == mm && g != atStart && g != task:
			return t.fail(op, fmt.Sprintf("the gather of mm %d, which the other task has open", mm), fmt.Sprintf("\"flush %d\" before it, in a script that is stepped through", mm))
		case id != mm && g == task:
			return t.fail(op, fmt.Sprintf("the gather of mm %d, while that of mm %d is open", mm, id), fmt.Sprintf("\"flush %d\" before it, in a script that is stepped through", id))
		}
	}
	t.mms[mm].gather = task
	return nil
}

// flush closes the gather of an mm. One that nobody has open has nothing in it.
func (t *translation) flush(task int, op *script.Op, mm int) error {
	g := t.mms[mm].gather
	if g == atStart {
		return nil
	}
	if g != task {
		return t.fail(op, fmt.Sprintf("flush of the gather of mm %d, which the other task has open", mm), "it where the gather is, in a script that is stepped through")
	}
	t.mms[mm].gather = atStart
	return t.line(task, op, "flush")
}

// compareNames puts t2 before t10, as a script's exit does.
func compareNames(a, b string) int {
	for a != "" && b != "" {
		x, y := number(a), number(b)
		if x == "" || y == "" {
			if a[0] != b[0] {
				return int(a[0]) - int(b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		if c := compareNumbers(x, y); c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
	return len(a) - len(b)
}

func number(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}

func compareNumbers(x, y string) int {
	x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(x, y)
}
