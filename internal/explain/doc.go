// Package explain says of each step of a schedule what happened, on which rule that rests, and where the rule is from.
//
//	two (pops) reads a->next: b
//
// [Step] makes the sentence from [lab.Facts], which package stepper gathers: the primitive with what it returned and the kernel
// functions around it, what the same thread did before in the same operation, who waits for whom. A lab that has sentences of its
// own makes them: its Tell, such as internal/labs/pagetable/tell for the page tables. For all others [Lab] makes them, from the
// table of primitives and the lab's Rules. So a new primitive and a new lab need no words here.
//
// # What a sentence depends on
//
// The sentence of a step is what the table of primitives says of the primitive, with the names of the things that it is about.
// What plain steps did before it stands in parentheses, if a story cannot do without: which way a choice went, and an allocation
// that failed. A step at which something is found wrong says what. Then comes the rule. Of a lab's rules it is the one about the
// verb, the version and the field that the step is about; of two, the one that says more of where it holds. A step that no rule is
// about rests on what the kernel promises of its primitive ([RuleOf]): what it orders, what it waits for, what it does to the context.
//
// # What it does not do
//
// It has no state and no locks. It knows no protocol, and decides nothing: what is wrong, the checks of kern and of the lab found. It does not explain what is about to happen, and
// it speaks of one step, not of a story; the sentences of a schedule in a row are meant to be one.
//
// # Where to start
//
// The Example, then lab.go and primitive.go.
package explain
