package tell

import "ptsim/pgalloc"

// Function is a function of the kernel, as one of its versions has it.
type Function struct {
	Name     string
	Versions string // "v5.17 to v6.5"
	Variants []pgalloc.Variant
	Model    string // the kernel's name of the function of this project that stands for it, if that is another
}

// Where is how a citation writes it.
func (f *Function) Where() string { return f.Name + "(), " + f.Versions }

// model is the kernel's name of the function of this project that stands for it.
func (f *Function) model() string {
	if f.Model != "" {
		return f.Model
	}
	return f.Name
}

// Variants by the code they have: a pin and the type-stable list change what surrounds the RFC's code, not that.
var (
	all       = []pgalloc.Variant{pgalloc.Classic, pgalloc.RFCAsPosted, pgalloc.RFC, pgalloc.Pinned, pgalloc.Typesafe, pgalloc.Active, pgalloc.FullPage}
	fragments = all[:6]
	ofRFC     = []pgalloc.Variant{pgalloc.RFCAsPosted, pgalloc.RFC, pgalloc.Pinned, pgalloc.Typesafe}
	relinking = ofRFC
	mended    = []pgalloc.Variant{pgalloc.RFC, pgalloc.Pinned, pgalloc.Typesafe}
	posted    = []pgalloc.Variant{pgalloc.RFCAsPosted}
	plainRFC  = []pgalloc.Variant{pgalloc.RFCAsPosted, pgalloc.RFC}
	guarded   = []pgalloc.Variant{pgalloc.Pinned, pgalloc.Typesafe}
	pinned    = []pgalloc.Variant{pgalloc.Pinned}
	typesafe  = []pgalloc.Variant{pgalloc.Typesafe}
	classic   = []pgalloc.Variant{pgalloc.Classic}
	active    = []pgalloc.Variant{pgalloc.Active}
	twoSteps  = []pgalloc.Variant{pgalloc.Classic, pgalloc.Active}
	unlocked  = []pgalloc.Variant{pgalloc.Classic, pgalloc.Active, pgalloc.FullPage}
	fullpage  = []pgalloc.Variant{pgalloc.FullPage}
	embedded  = []pgalloc.Variant{pgalloc.Classic, pgalloc.RFCAsPosted, pgalloc.RFC, pgalloc.Pinned, pgalloc.Active, pgalloc.FullPage}
)

// What citations call the versions.
const (
	labelClassic  = "v5.17 to v6.5"
	labelRFC      = "RFC of June 2023"
	labelActive   = "v6.6"
	labelFullPage = "v6.7 on"
	labelGather   = "v6.1 to v6.6"
)

// functions are the functions that rules are cited from. Those of the allocator differ from version to version; of the
// others one version is named in which they are as the model has them.
var functions = []Function{
	{"page_table_alloc", labelClassic, classic, ""},
	{"page_table_alloc", labelRFC, ofRFC, ""},
	{"page_table_alloc", labelActive, active, ""},
	{"page_table_alloc", labelFullPage, fullpage, ""},
	{"page_table_free", labelClassic, classic, ""},
	{"page_table_free", labelRFC, ofRFC, ""},
	{"page_table_free", labelActive, active, ""},
	{"page_table_free", labelFullPage, fullpage, ""},
	{"page_table_free_rcu", labelClassic, classic, ""},
	{"page_table_free_rcu", labelRFC, ofRFC, ""},
	{"page_table_free_rcu", labelActive, active, ""},
	{"pte_free_tlb", labelFullPage, fullpage, "page_table_free_rcu"},
	{"pte_free_defer", labelRFC, ofRFC, ""},
	{"pte_free_defer", labelActive, active, ""},
	{"pte_free_defer", labelFullPage, fullpage, ""},
	{"pte_free_half", labelRFC, ofRFC, ""},
	{"pte_free_pgste", labelRFC, ofRFC, ""},
	{"pte_free_now", labelActive, active, ""},
	{"pte_free_now", labelFullPage, fullpage, ""},
	{"__tlb_remove_table", labelClassic, classic, ""},
	{"__tlb_remove_table", labelRFC, ofRFC, ""},
	{"__tlb_remove_table", labelActive, active, ""},
	{"__tlb_remove_table", labelFullPage, fullpage, ""},
	{"__tlb_flush_mm_lazy", "v6.4", all, ""},
	{"tlb_remove_table", labelGather, all, ""},
	{"tlb_remove_table_one", labelGather, all, ""},
	{"tlb_table_flush", labelGather, all, ""},
	{"tlb_remove_table_rcu", labelGather, all, ""},
	{"call_rcu", "v4.20 on", all, ""},
	{"retract_page_tables", "v6.6", all, ""},
	{"mmgrab", "v6.6", all, ""},
	{"mmdrop", "v6.6", all, ""},
	{"mmdrop_async", "v6.6", all, ""},
	{"__mmdrop", "v6.6", all, ""},
	{"mmput", "v6.6", all, ""},
	{"dup_mm", "v6.6", all, ""},
}

// Functions returns the table of functions.
func Functions() []Function { return append([]Function(nil), functions...) }

// function finds one as a variant has it, nil if it has none of that name.
func function(name string, v pgalloc.Variant) *Function {
	for i := range functions {
		f := &functions[i]
		if f.Name != name {
			continue
		}
		for _, has := range f.Variants {
			if has == v {
				return f
			}
		}
	}
	return nil
}
