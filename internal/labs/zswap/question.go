package zswap

import (
	"fmt"

	"ptsim/lab"
	protocol "ptsim/zswap"
)

func questions() []lab.Question {
	return []lab.Question{{
		Topic: "object", About: "where an object is", Look: "Look whether somebody has the object mapped, and which slot is free.", Ask: objectQuestion,
	}}
}

// objectQuestion asks where an object is after compaction, and what became of it where its entry goes.
func objectQuestion(m *lab.Move) *lab.Asked {
	if m.Broken != "" || m.Line == nil || !m.Whole || m.Line.Word != "compact" && m.Line.Word != "invalidate" {
		return nil
	}
	for i := range m.Before {
		h := &m.Before[i]
		after := lab.Find(m.After, h.Name)
		if h.Kind != protocol.HandleCache || h.Freed || after == nil {
			continue
		}
		was, known := slotOf(h)
		if !known {
			continue
		}
		answers := []string{"its slot is free, and so is the handle"}
		for n := range protocol.Slots {
			answers = append(answers, fmt.Sprintf("in slot %d", n))
		}
		right := answers[0]
		if now, known := slotOf(after); !after.Freed && known {
			right = answers[1+now]
		}
		var wrong []string
		for _, s := range answers {
			if s != right {
				wrong = append(wrong, s)
			}
		}
		rules := []string{"tree-reference"}
		if m.Line.Word == "compact" {
			rules = []string{"moves-under-the-pin"}
		}
		return &lab.Asked{Prompt: fmt.Sprintf("The object of %s is in slot %d. Where is it then?", h.Name, was), Right: right, Wrong: wrong, Rules: rules}
	}
	return nil
}

// slotOf is the slot that a handle leads to.
func slotOf(h *lab.Thing) (int, bool) {
	obj := h.Get("obj")
	if obj == nil {
		return 0, false
	}
	return int(obj.Word >> 1), obj.Word>>1 < protocol.Slots
}
