package pagetable_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
)

const whole = `
# a comment
title Everything that there is   # not a comment
about One line,

about
  about another # with a dash
variant pinned
pin page-locked   # a comment
softirqs cpu
grace any
expect violated use-after-free
schedule S1/x:c1.1c9a1 # b
batch 3

mm 1 users 3
mm 2 pgste users 0
page	1 t0 t1
page 1 - t2
page 2 u0
file f
vma v f 1 t0
vma w f 3 -
task one on cpu1 may fail
  fork 1 -> 3
  down_write f
  link w
  up_write f
  alloc 3 -> c
  install w c
  free c
  either
    free t1   # at once
  or
    tlbfree t1
    flush
  or
    defer t1
  end
  either
    ipi
  or
  end
  down_write f
  unlink w
  up_write f
  take w -> d
  tlbfree d
  flush
  mmput 3
  mmget 1
  mmgrab 1
  mmdrop 1
  mmput 1
  mmput 1
task two
  down_read f
  retract v -> x
  defer x
  up_read f
  rcu_read_lock
  look v -> y
  read y
  rcu_read_unlock
  lazyflush 1
  free u0
  mmdrop 2
  mmput 1
finally
  freed 2
  alive 1
  kept t2
`

func TestParse(t *testing.T) {
	s, err := scenario.Parse(`C:\lessons/all.v2.scn`, whole)
	require.NoError(t, err)
	assert.Equal(t, "all.v2", s.Name)
	assert.Equal(t, "Everything that there is   # not a comment", s.Title)
	assert.Equal(t, []string{"One line,", "", "another # with a dash"}, s.About)
	assert.Equal(t, scenario.Run{
		Variant: "pinned", Pin: "page-locked", Softirqs: "cpu", Grace: "any", Schedule: "S1/x:c1.1c9a1 # b", Expect: "violated use-after-free",
	}, s.Run)
	p := pagetable.Of(s)
	assert.Equal(t, 3, p.Batch)
	assert.False(t, p.NoLazyFlush)
	assert.Equal(t, []pagetable.MM{{Line: 16, ID: 1, Users: 3}, {Line: 17, ID: 2, PGSTE: true}}, p.MMs)
	assert.Equal(t, []pagetable.Page{
		{Line: 18, MM: 1, Tables: [2]string{"t0", "t1"}}, {Line: 19, MM: 1, Tables: [2]string{"", "t2"}}, {Line: 20, MM: 2, Tables: [2]string{"u0", ""}},
	}, p.Pages)
	assert.Equal(t, []pagetable.File{{Line: 21, Name: "f"}}, p.Files)
	assert.Equal(t, []pagetable.VMA{{Line: 22, Name: "v", File: "f", MM: 1, Table: "t0"}, {Line: 23, Name: "w", File: "f", MM: 3}}, p.VMAs)
	assert.Equal(t, []pagetable.End{
		{Line: 70, Kind: pagetable.Freed, MM: 2}, {Line: 71, Kind: pagetable.Alive, MM: 1}, {Line: 72, Kind: pagetable.Kept, Table: "t2"},
	}, p.Ends)
	require.Len(t, p.Tasks, 2)
	one := p.Tasks[0]
	assert.Equal(t, "one", one.Name)
	assert.True(t, one.MayFail)
	assert.Equal(t, 2, one.On)
	assert.Zero(t, p.Tasks[1].On)
	assert.False(t, p.Tasks[1].MayFail)
	assert.Equal(t, pagetable.Op{Kind: pagetable.Fork, Line: 25, MM: 1, To: 3}, one.Ops[0])
	assert.Equal(t, pagetable.Op{Kind: pagetable.Install, Line: 30, VMA: "w", Table: "c"}, one.Ops[5])
	assert.Equal(t, [][]pagetable.Op{
		{{Kind: pagetable.Free, Line: 33, Table: "t1"}},
		{{Kind: pagetable.TLBFree, Line: 35, Table: "t1"}, {Kind: pagetable.Flush, Line: 36}},
		{{Kind: pagetable.Defer, Line: 38, Table: "t1"}},
	}, one.Ops[7].Branches)
	assert.Equal(t, [][]pagetable.Op{{{Kind: pagetable.IPI, Line: 41}}, nil}, one.Ops[8].Branches)
}

// withoutLines sets every field called Line, at any depth, to 0.
func withoutLines(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		withoutLines(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			withoutLines(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "Line" {
				v.Field(i).SetInt(0)
				continue
			}
			withoutLines(v.Field(i))
		}
	}
}

// roundTrip wants what Format writes to mean the same, and to be written the same again.
func roundTrip(t *testing.T, s *scenario.Scenario) {
	text := scenario.Format(s)
	again, err := scenario.Parse(s.File, text)
	require.NoError(t, err, text)
	require.Equal(t, text, scenario.Format(again))
	p, q := pagetable.Of(s), pagetable.Of(again)
	withoutLines(reflect.ValueOf(p))
	withoutLines(reflect.ValueOf(q))
	require.Equal(t, p, q)
	require.Equal(t, []any{s.Title, s.About, s.Run}, []any{again.Title, again.About, again.Run})
}

func TestFormat(t *testing.T) {
	roundTrip(t, parse(t, whole))
	for _, name := range scenario.Names() {
		s := load(t, name)
		roundTrip(t, s)
	}
	assert.Equal(t, `title T
about prose

schedule x y

mm 1 users 0
page 1 - a

task one
  either
    free a
  or
    defer a
  end
  mmdrop 1

finally
  freed 1
`, scenario.Format(parse(t, "title T\nmm 1 users 0\nschedule x y\npage 1 - a\nabout   prose\ntask one\neither\nfree a\nor\ndefer a\nend\nmmdrop 1\nfinally\nfreed 1")))
}

// What comes with the project is written as Format writes it, comments aside.
func TestFilesAreFormatted(t *testing.T) {
	comment := regexp.MustCompile(`(?m)^#.*\n+| +# .*$`)
	for _, name := range scenario.Names() {
		text, err := ptsim.Scenarios.ReadFile("testdata/scenarios/" + name + ".scn")
		require.NoError(t, err)
		assert.Equal(t, scenario.Format(load(t, name)), comment.ReplaceAllString(string(text), ""), name)
		for _, line := range strings.Split(string(text), "\n") {
			assert.LessOrEqual(t, len(line), 120, name)
		}
		assert.NotEmpty(t, load(t, name).About, name)
		want := scenario.Run{}
		if name == "B4" || name == "exec" { // elsewhere it shows nothing
			want.Softirqs = "cpu"
		}
		assert.Equal(t, want, load(t, name).Run, name)
	}
}

func TestNames(t *testing.T) {
	names := scenario.Names()
	for _, want := range []string{"S1", "S2", "S3a", "S3r", "S3r4", "S1f", "S2f", "B4", "exec", "lazy", "migrate", "walk", "ipi", "defer2", "pgste", "relink", "fork"} {
		assert.Contains(t, names, want)
	}
	assert.IsIncreasing(t, names)
	for _, name := range names {
		s := load(t, name)
		assert.Equal(t, name, s.Name)
		assert.Equal(t, "testdata/scenarios/"+name+".scn", s.File)
	}
	_, err := scenario.Load("S9")
	require.Error(t, err)
	assert.Regexp(t, `^unknown scenario "S9"; did you mean S1\? ptsim scenarios lists all \d+$`, err.Error())
}

// S1 to S3r have what the Promela model has, and no lazy flush.
func TestTheModelsScenarios(t *testing.T) {
	for _, name := range []string{"S1", "S2", "S3a", "S3r", "S1f", "S2f", "S3r4"} {
		assert.True(t, pagetable.Of(load(t, name)).NoLazyFlush, name)
	}
	for _, name := range []string{"B4", "ipi", "defer2", "relink"} {
		assert.False(t, pagetable.Of(load(t, name)).NoLazyFlush, name)
	}
	for name, fails := range map[string]string{"S1f": "exit", "S2f": "exit1 exit2", "ipi": "munmap", "S1": "", "S2": ""} {
		var may []string
		for _, task := range load(t, name).Tasks {
			if task.MayFail {
				may = append(may, task.Name)
			}
		}
		assert.Equal(t, fails, strings.Join(may, " "), name)
	}
	for name, threads := range map[string]int{"S3a": 4, "S3r": 3, "S3r4": 4} {
		s := pagetable.Of(load(t, name))
		require.Len(t, s.Tasks, threads)
		how := [...]pagetable.OpKind{pagetable.Free, pagetable.TLBFree, pagetable.Defer}
		for i, task := range s.Tasks {
			assert.Equal(t, how[(i+2)%3], task.Ops[0].Kind, "%s: thread %d", name, i)
			var second []pagetable.OpKind
			for j, op := range task.Ops {
				if op.Kind == pagetable.Alloc {
					second = append(second, task.Ops[j+1].Kind)
				}
			}
			if name == "S3a" {
				assert.Empty(t, second)
			} else {
				assert.Equal(t, []pagetable.OpKind{how[i%3]}, second, "%s: thread %d", name, i)
			}
		}
	}
}
