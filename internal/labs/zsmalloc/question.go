package zsmalloc

import (
	"ptsim/lab"
	"ptsim/zsmalloc"
)

// What may become of a zspage whose last object is freed.
const (
	freedHere  = "it is freed by this operation itself"
	leftToWork = "it stays, and a worker frees it later"
	leftToRCU  = "it stays until a grace period is over, and its callback frees it"
	reused     = "it stays, for it has an object again, or yet"
)

func questions() []lab.Question {
	return []lab.Question{{
		Topic: "zspage", About: "what becomes of a zspage", Look: "Look whether all page locks can be had, and who frees the zspage if not.", Ask: zspageQuestion,
	}}
}

// zspageQuestion asks what became of the zspage that an operation of zs_free(), or the worker, had to do with.
func zspageQuestion(m *lab.Move) *lab.Asked {
	if m.Broken != "" || m.Line != nil && m.Line.Word != "free" || m.Line == nil && m.Func == "" {
		return nil
	}
	for i := range m.Before {
		z := &m.Before[i]
		after := lab.Find(m.After, z.Name)
		if z.Kind != zsmalloc.ZspageCache || z.Freed || after == nil {
			continue
		}
		right := becomes(m, z, after)
		if right == "" {
			continue
		}
		var wrong []string
		for _, s := range []string{freedHere, leftToWork, leftToRCU, reused} {
			if s != right {
				wrong = append(wrong, s)
			}
		}
		return &lab.Asked{Prompt: "What becomes of " + z.Name + "?", Right: right, Wrong: wrong, Rules: []string{ruleOf(right, m.Version)}}
	}
	return nil
}

// becomes says what became of a zspage, "" if that was not decided.
func becomes(m *lab.Move, z, after *lab.Thing) string {
	switch head := after.Get("rcu_head"); {
	case after.Freed:
		return freedHere
	case !m.Whole || m.Line == nil:
		return ""
	case head != nil && head.Busy != z.Get("rcu_head").Busy:
		return leftToRCU
	case after.Get("inuse").Word != 0:
		return reused
	default:
		return leftToWork
	}
}

// ruleOf is the rule that decides an answer.
func ruleOf(answer, version string) string {
	for _, v := range rcu {
		if v == version {
			return "rcu-struct"
		}
	}
	if answer == leftToWork {
		return "trylock"
	}
	return "page-lock"
}
