package pagetable

import (
	_ "embed"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable/ask"
	"ptsim/internal/labs/pagetable/tell"
	"ptsim/lab"
	"ptsim/pgalloc"
)

// Name is the lab's name. A scenario without a line "lab NAME", and a schedule whose model does not begin with a lab, are of this one.
const Name = "pagetable"

// Source is the file with the package's documentation, which is the manual of the lab's words.
//
//go:embed doc.go
var Source string

// Lab is the lab of the page-table allocator.
func Lab() *lab.Lab {
	about := lab.Manual(Source)
	l := &lab.Lab{
		Name: Name, Title: "the s390 page-table allocator",
		About: "Two page tables share a page, and so one rcu_head. A callback that finds the other half allocated takes the lock of its mm. " +
			"What keeps the mm until then?",
		Default: string(pgalloc.RFC),
		Params: []lab.Param{
			{Name: "N", Lo: 1, Hi: MaxMM, Wrong: "%s is no number of an mm"},
			{Name: "TO", Lo: 1, Hi: MaxMM, Wrong: "%s is no number of an mm", New: "N"},
			{Name: "COUNT", Hi: MaxUsers, Wrong: "%s users"},
			{Name: "TABLE"},
		},
		Settings: []lab.Setting{
			{Form: "batch N", Params: []lab.Param{{Name: "N", Lo: 1, Hi: MaxBatch, Wrong: "%s tables in a batch"}}},
			{Form: "without lazy-flush"},
		},
		Nouns: []lab.Noun{
			{Form: "mm N [users COUNT] [pgste]", Names: "N"},
			{Form: "page N TABLE|- [TABLE|-]", Names: "TABLE"},
			{Form: "file NAME"},
			{Form: "vma NAME FILE N TABLE|-"},
		},
		Ends:     []lab.End{{Form: "freed N"}, {Form: "alive N"}, {Form: "kept TABLE"}},
		Sense:    sense,
		Fails:    lab.Fails{Never: "every batch finds a page", May: "batches may find no page", Now: "there is no page for a batch"},
		Levels:   ladder,
		Tell:     tell.Step,
		Asker:    ask.Asker(),
		Notation: newNotation,
		Follow:   follow,
		Wrappers: []string{").xor", ".Mask", ").judge"},
		Model: func(s *lab.Scenario, version string) (*explore.Model, error) {
			variant, pin, err := Split(version)
			if err != nil {
				return nil, err
			}
			return Build(s, variant, pin)
		},
	}
	for k := Alloc; k < Either; k++ {
		l.Verbs = append(l.Verbs, lab.Verb{Form: k.Form(), About: about[k.String()]})
	}
	for i := range l.Settings {
		l.Settings[i].About = about[lab.Word(l.Settings[i].Form)]
	}
	for i := range l.Nouns {
		l.Nouns[i].About = about[lab.Word(l.Nouns[i].Form)]
	}
	for i := range l.Ends {
		l.Ends[i].About = about[lab.Word(l.Ends[i].Form)]
	}
	for _, i := range pgalloc.Variants() {
		v := lab.Version{Name: string(i.Variant), Year: years[i.Variant], Source: i.Kernel, About: i.About, Flawed: i.Flawed}
		if i.Variant != pgalloc.Pinned {
			l.Versions = append(l.Versions, v)
			continue
		}
		for _, pin := range pgalloc.Pins() {
			v.Name, v.Source, v.About = string(i.Variant)+"/"+string(pin), "", i.About+", "+pin.About()
			l.Versions = append(l.Versions, v)
		}
	}
	return l
}

// years are those of publication: of a release, or of a mail.
var years = map[pgalloc.Variant]int{
	pgalloc.Classic: 2022, pgalloc.RFCAsPosted: 2023, pgalloc.RFC: 2023, pgalloc.Typesafe: 2023, pgalloc.Active: 2023, pgalloc.FullPage: 2024,
}
