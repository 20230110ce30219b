package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/internal/scenario"
)

// An unknown word, or a name that nothing has, comes with the nearest that there is, whatever part of the language it is of.
func TestHints(t *testing.T) {
	const start = "title x\nmm 1\npage 1 table0 other\nfile library\nvma mapping library 1 -\n"
	for text, hint := range map[string]string{
		"titel x\n":                                                           "title",
		"title x\nvariant rcf\n":                                              "rfc",
		"title x\npin haf\n":                                                  "half",
		"title x\ngrace precice\n":                                            "precise",
		"title x\nexpect violated use-after-fre\n":                            "use-after-free",
		"title x\nexpect saef\n":                                              "safe",
		"title x\nwithout lazyflush\n":                                        "lazy-flush",
		"title x\nmm 1 user 2\n":                                              "users",
		start + "task a may fial\n":                                           "fail",
		start + "task a\n  tlbfre table0\n":                                   "tlbfree",
		start + "task a\n  tlbfree tabel0\n":                                  "table0",
		start + "task a\n  take mappign -> x\n":                               "mapping",
		start + "task a\n  down_read libary\n":                                "library",
		start + "task a\n  alloc 1 -> mine\n  free mien\n":                    "mine",
		start + "vma second libary 1 -\ntask a\n  free other\n":               "library",
		start + "task a\n  free other\nfinally\n  fred 1\n":                   "freed",
		start + "task a\n  free other\nfinally\n  kept tabel0\n":              "table0",
		"title x\nmm 1\npage 1 T0 t1\ntask a\n  free t0\n":                    "T0",
		"title x\nmm 1\npage 1 t0 t1\ntask a\n  free t9\n":                    "", // all names of two letters are near
		"title x\nlab stakc\n":                                                "stack",
		"lab stack\ntitle x\nstack heap\nnode one\ntask a\n  push haep one\n": "heap",
		start + "task a\n  frobnicate table0\n":                               "",
	} {
		_, err := scenario.Parse("a.scn", text)
		var wrong *scenario.Error
		if !assert.ErrorAs(t, err, &wrong, text) {
			continue
		}
		if hint == "" {
			assert.NotContains(t, wrong.Message(), "did you mean", text)
		} else {
			assert.Contains(t, wrong.Message(), "(did you mean "+hint+"?)", text)
		}
		assert.NotEmpty(t, wrong.Expected, text)
	}
}
