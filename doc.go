// Package ptsim is the root of an executable model of the Linux s390 page-table allocator, which packs two 2 KiB page
// tables into one 4 KiB page: every published version of it, exact to the bit, on an emulated machine.
//
// docs/architecture.md is the map: a line for each package, what it stands on, and three walks through the code, from a line of a
// trace to a column of a table, from a scenario to a verdict, and from a step to a sentence in the browser. In short: kern has the
// primitives of the kernel, pgalloc and its like are protocols that are written in them, explore visits every schedule of a
// protocol, lab is what a protocol tells about itself, and lab/command is the command. What a command needs and a kernel does not is
// in internal.
//
// This package holds the recorded traces that the command runs by default, the scenarios that it explores, and the
// lessons of the course.
//
// To understand the allocator, start with docs/life-of-a-page.md, then pgalloc. To write another protocol in these
// primitives, start with kern, then explore, then docs/lab.md.
package ptsim

import "embed"

// Traces holds the recorded traces, as traces/NAME.ftrace.gz: shm, in which shared memory is collapsed under several
// processes, pool and gitgc.
//
//go:embed testdata/traces/*.gz
var Traces embed.FS

// DefaultTrace is the path in Traces of the trace that the command runs by default.
const DefaultTrace = "testdata/traces/shm.ftrace.gz"

// Scenarios holds the scenarios that the command explores, as scenarios/NAME.scn, and those of other labs as
// scenarios/LAB/NAME.scn.
//
//go:embed testdata/scenarios/*.scn testdata/scenarios/*/*.scn
var Scenarios embed.FS

// Source holds the code of the protocols, as PACKAGE/FILE.go: what a stepper shows beside a step.
//
//go:embed mmctx/mm.go mmctx/space.go tlbgather/gather.go
//go:embed pgalloc/active.go pgalloc/base.go pgalloc/classic.go pgalloc/crst.go pgalloc/fullpage.go pgalloc/page.go
//go:embed pgalloc/pinned.go pgalloc/rfc.go pgalloc/typesafe.go
//go:embed zsmalloc/base.go zsmalloc/drain.go zsmalloc/earlyunread.go zsmalloc/gracedestroy.go zsmalloc/hastydestroy.go zsmalloc/keepops.go
//go:embed zsmalloc/lateget.go zsmalloc/lockpage.go zsmalloc/migrate.go zsmalloc/nestedread.go zsmalloc/noisolatecheck.go
//go:embed zsmalloc/nolistcheck.go zsmalloc/nolock.go zsmalloc/noreadlock.go zsmalloc/nozspagecheck.go zsmalloc/object.go
//go:embed zsmalloc/oldworker.go zsmalloc/opendestination.go zsmalloc/ordered.go zsmalloc/repaired.go zsmalloc/seed.go zsmalloc/v617.go
//go:embed zsmalloc/v68.go zsmalloc/zspage.go
//go:embed shrinker/barriers.go shrinker/insidercu.go shrinker/kmemput.go shrinker/lookagain.go shrinker/merged.go shrinker/nowait.go
//go:embed shrinker/patch03.go shrinker/plainkfree.go shrinker/putfirst.go shrinker/refcountdec.go shrinker/rwsem.go shrinker/shrink.go
//go:embed shrinker/shrinker.go shrinker/super.go shrinker/unlinkfirst.go shrinker/v1.go shrinker/v2.go shrinker/version.go
//go:embed zswap/bitflag.go zswap/blockingwriter.go zswap/cpusread.go zswap/deadwaits.go zswap/draft.go zswap/entry.go zswap/hotplug.go
//go:embed zswap/keepcontexts.go zswap/latebuffer.go zswap/noref.go zswap/unmapfirst.go zswap/v511.go zswap/v512.go zswap/v514.go
//go:embed zswap/v517.go zswap/v613.go zswap/v615.go zswap/version.go zswap/writeback.go zswap/zbud.go zswap/zsmalloc.go zswap/zswap.go
//go:embed swap/broken.go swap/percpu.go swap/rcu.go swap/replaced.go swap/swap.go swap/swapon.go swap/users.go swap/v1.go swap/version.go
//go:embed percpuref/mode.go percpuref/ref.go
//go:embed stack/stack.go
var Source embed.FS

// Manuals holds the documents that ptsim help prints and that the page of ptsim serve shows, and the scenario that
// docs/scenarios.md makes from nothing.
//
//go:embed docs/broken.md docs/explorer.md docs/glossary.md docs/lab.md docs/life-of-a-page.md docs/scenarios.md docs/thread.md docs/traces.md
//go:embed docs/reference/primitives.md docs/scenarios/mine.scn
var Manuals embed.FS

// Course holds the lessons of the first course, as docs/course/N-NAME.md, its first page, and that of the second.
//
//go:embed docs/course/*.md docs/labs/README.md
var Course embed.FS
