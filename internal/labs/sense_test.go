package labs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/internal/scenario"
)

// TestScenariosWithoutSense wants what a lab's verbs are not for to be told at its line, and not judged.
func TestScenariosWithoutSense(t *testing.T) {
	for want, text := range map[string]string{
		"x.scn:4: a second entry at offset 0; expected another offset; line 3 has an entry there": `lab zswap
title t
entry e at 0
entry f at 0
task a
  load 0
`,
		"x.scn:8: CPU 0 goes offline a second time; expected one unplug; line 5 has it": `lab zswap
title t
entry e at 0
task a
  unplug
  load 0
task b
  unplug
`,
		"x.scn:7: zbud does not move its objects; expected no compaction, or no line 3, zbud": `lab zswap
title t
zbud
entry e at 0
task a
  load 0
  compact
`,
		"x.scn:8: too many super_blocks with memcg: each has an id in shrinker_idr; expected at most 4": `lab shrinker
title t
memcg
super a
super b
super c
super d
super e
task t
  shrink
`,
		"x.scn:4: task t may fail: no allocation of this lab fails; expected the task without it": `lab shrinker
title t
super a
task t may fail
  shrink
`,
		"x.scn:4: no super b; expected one of a line \"super NAME [objects COUNT] [busy]\", or what \"mount -> SUPER\" gave before it": `lab shrinker
title t
task t
  umount b
`,
	} {
		_, err := scenario.Parse("x.scn", text)
		assert.EqualError(t, err, want)
	}
	for _, text := range []string{
		"lab shrinker\ntitle t\nsuper a\nsuper b\nsuper c\nsuper d\nsuper e\ntask t\n  shrink\n", // without ids
		"lab zswap\ntitle t\nzbud\nentry e at 0\nentry f at 1\ntask a\n  load 0\ntask b\n  unplug\n",
	} {
		_, err := scenario.Parse("x.scn", text)
		assert.NoError(t, err)
	}
}
