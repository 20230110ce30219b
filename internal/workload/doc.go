// Package workload makes synthetic load for a machine of package s390sim, at the size of a real one: processes that come,
// fork, map, fault, unmap, collapse and exit, as a small text says. Some texts come with the program: see [Presets].
//
// # The text
//
// A line is a word and its arguments; a # at the start of a line or after a blank begins a comment, but not in about. First come
// settings for the whole machine:
//
//	about TEXT
//	duration 10s               virtual time
//	cpus 8
//	grace-period 10ms jitter 30%
//	khugepaged scan-sleep 10s pages-to-scan 2048 max-ptes-none 255
//	split 2/s                  huge pages that reclaim splits
//	pressure page 1% batch 5%  allocations that fail
//	flood 10000 every 1s       callbacks of others
//	exit-in-retract 10%        of the mms that a retract meets
//	refs 100/s hold 5ms        speculative page references
//	file NAME 512M filled      filled: all of it is in memory from the beginning
//
// Then come the kinds of processes. Each begins with process NAME:
//
//	count 100                  there from the beginning
//	arrive 50/s                a Poisson process
//	lifetime forever           or 1s, exponential 1s, uniform 1s 2s, pareto 1s
//	fork NAME                  each is a fork of a live process of that kind, and inherits its mappings
//	exec                       ... and drops them at once
//	threads 4                  it runs on all CPUs, and has so many users
//	pgste                      its tables are those of a KVM guest
//	anon 64M touch 50%         anonymous memory; half of its segments are used at once
//	map FILE shared touch 50% write 10% size 64M offset 0 skew 64K
//	fault 100/s                at random places of its mappings
//	churn 2/s of 25%           a piece of a mapping is unmapped and mapped anew
//	grow 5/s by 4M to 1G       its last anonymous mapping; from the top it falls back to its first size
//	collapse 1/s               MADV_COLLAPSE of a random segment
//
// Sizes are in K, M, G, T; rates are means of Poisson processes.
//
// # Virtual time
//
// [Run] plays a workload on one machine: a queue of events by time, one goroutine, and one stream of random numbers, which is
// drawn from in the order of events and never because of what the allocator did. So the same seed gives the same run,
// event by event, in every version, unless allocations fail; failures have a stream of their own for each CPU. An event
// of a process takes no time, whatever it does.
//
// At the end everything exits, and nothing may be left: no page, no mm, no callback.
//
// # Native runs
//
// [Native] plays the same text on goroutines, one a CPU and one for khugepaged, as fast as they can: for stress, not for figures
// of memory. There are as many processes of each kind as the text says, but at most four per CPU. A CPU picks any process,
// becomes a user of its mm as a thread would, does something in it and leaves. Meanwhile another CPU takes the process away, and
// the last to leave runs exit_mmap. Rates do not count: a process does often whatever it does at all. With NativeOptions.Stall a
// CPU is held up now and then in a callback just before it takes context.lock: that makes the flaw of the RFC show. A run ends at
// the first violation, since what follows it means little. The machine is then abandoned, not torn down.
//
// # What is not modelled
//
// Anything that does not reach page tables: files have no contents, processes have no code, and nobody waits for anybody. Rates
// do not depend on load. A process of several threads faults on all CPUs, but one fault at a time.
//
// # Where to start
//
// The Example of Run; presets/*.txt; spec.go for what a text can say, driver.go for what is made of it.
package workload
