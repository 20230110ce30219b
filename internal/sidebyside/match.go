package sidebyside

import (
	"slices"

	"ptsim/internal/stepper"
	"ptsim/kern"
)

// deed is what a step does, as far as it can be told from one version to the other: what kind of primitive, and on what.
type deed struct {
	kind   string
	word   string   // of what is no page: mm1->mm_count
	tables []string // of a page: what is in it
}

// kinds are primitives that versions use for the same purpose.
var kinds = map[kern.OpKind]string{
	kern.OpSpinLock: "lock", kern.OpSpinLockBH: "lock", kern.OpSpinUnlock: "unlock", kern.OpSpinUnlockBH: "unlock",
	kern.OpListAdd: "list_add", kern.OpListAddTail: "list_add", kern.OpListDel: "list_del", kern.OpListDelInit: "list_del",
	kern.OpPutPage: "put", kern.OpFreePages: "put",
}

// doneBy says what a step did, with the names that both sides understand.
func doneBy(v *stepper.View, k *known) deed {
	f := v.Did.Facts()
	d := deed{kind: kinds[f.Step.Op.Kind]}
	if d.kind == "" {
		d.kind = f.Step.Op.Kind.String()
	}
	switch {
	case k.tables[f.Thing] != [2]string{}:
		d.tables, d.word = k.in(f.Thing), f.Field
	case slices.ContainsFunc(v.Batches, func(b stepper.Batch) bool { return b.Name == f.Thing }):
		d.word = "batch" // which one it is the operation says
	case f.Thing != "":
		d.word = f.Object + "->" + f.Field
	}
	return d
}

func (d deed) same(o deed) bool {
	if d.kind != o.kind || d.word != o.word || (len(d.tables) == 0) != (len(o.tables) == 0) {
		return false
	}
	return len(d.tables) == 0 || slices.ContainsFunc(d.tables, func(t string) bool { return slices.Contains(o.tables, t) })
}
