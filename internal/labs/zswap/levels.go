package zswap

import "ptsim/lab"

// levels are what can be played: what to break, what to claim, and what to repair.
func levels() []lab.Level {
	return []lab.Level{
		{
			Name: "one-cpu", Title: "Nobody holds a spin lock", Scenario: "compact-cpu", Version: "bit-flag", Kind: "livelock",
			Goal: "make one task spin for ever",
			Hint: "The owner of the bit may sleep. Who has the CPU then, with preemption off?",
			Story: `
zsmalloc's pin was a bit spin lock, which forbids sleeping. This patch makes it a flag: whoever waits for it spins with preemption
off, and whoever holds it may sleep.

Both tasks are on one CPU.`,
		},
		{
			Name: "recycled", Title: "The page stays", Scenario: "compact", Version: "unmap-first", Kind: "assertion",
			Goal: "decompress the bytes of another object",
			Hint: "The load reads the object after it has waited for the decompressor. What may happen while it waits?",
			Story: `
The load unmaps the object before it sleeps, and goes on with the pointer: the page is there anyway, a reviewer said, and one could
take a reference to it. The page stays. But what is at that address now?`,
		},
		{
			Name: "cpu-goes", Title: "Whose context is it?", Scenario: "unplug", Version: "v5.12", Kind: "use-after-free",
			Goal: "use the request of a CPU that is offline",
			Hint: "The task looks up its CPU's context, and is moved. Nobody waits for it.",
			Story: `
Each CPU has a context with a mutex and a request. A load takes the context of the CPU that it runs on. Then it may be moved to
another CPU, and the first one may go offline.`,
		},
		{
			Name: "two-cpus", Title: "Nobody holds a spin lock, again", Scenario: "compact", Version: "bit-flag", Kind: "livelock", Claim: true,
			Goal: "make one task spin for ever",
			Hint: "A task that spins keeps one CPU. What does the owner of the bit need to go on?",
			Story: `
The same flag: whoever waits for it spins with preemption off, and whoever holds it may sleep. Here each task has a CPU of its own.
Make one of them spin for ever, or say that it is impossible.`,
		},
		{
			Name: "hotplug", Title: "No CPU goes", Scenario: "plug", Version: "cpus-read-lock", Claim: true,
			Goal: "break anything",
			Hint: "A task that allocates memory may enter reclaim. Follow the one task: which lock does it hold when it gets there?",
			Story: `
Whoever uses the context of a CPU holds cpus_read_lock(), so no CPU goes offline meanwhile. This was merged in December 2024.

A CPU comes up. The task that brings it up allocates memory, memory is short, and reclaim stores a page in zswap.

Break anything, or say that it is impossible.`,
		},
		{
			Name: "copied", Title: "A copy is enough", Scenario: "compact-cpu", Version: "v5.12", Claim: true,
			Goal: "break anything",
			Hint: "List what the load touches after it has unmapped the object. Is any of it something that compaction moves?",
			Story: `
v5.12: the load copies the object, unmaps it, and decompresses the copy. Both tasks are on one CPU.

Break anything, or say that it is impossible.`,
		},
		{
			Name: "repair-map", Title: "It must stay, and I must sleep", Scenario: "compact", Also: []string{"compact-cpu", "loads-cpu"}, Version: "v5.11",
			Kind: "sleep-in-atomic", Goal: "repair the load",
			Hint: "The decompressor sleeps, no matter how the mutex is taken. And on one CPU a task that spins keeps the sleeper from waking up.",
			Story: `
Mapping an object takes a spin lock, and the decompressor sleeps. There are four repairs. Choose, and the explorer tries every
schedule: against compaction on two CPUs, on one, and against another load.`,
			Answers: []lab.Answer{
				{Way: lab.Pin, Version: "v6.15", About: "Readers are counted under a lock that they do not keep, so they may sleep. Whoever wants to move the object only tries."},
				{Way: lab.Recheck, Version: "mutex-first", About: "The load takes the context's mutex first, and then looks for the object."},
				{Way: lab.Wait, Version: "blocking-writer", About: "Readers may sleep, and whoever wants to move the object waits until there are none."},
				{Way: lab.Leave, Version: "v5.12", About: "The load copies the object, unmaps it, and decompresses the copy."},
			},
		},
		{
			Name: "repair-context", Title: "Whose context was it?", Scenario: "unplug", Also: []string{"unplug-store", "plug"}, Version: "v5.17",
			Kind: "use-after-free", Goal: "repair the use of a CPU's context",
			Hint: "A task may wait for the mutex of a CPU that is offline. And the task that brings a CPU up may itself enter zswap.",
			Story: `
A load takes the context of the CPU that it runs on. Then it may be moved to another CPU, and the first one may go offline, with the
contents of the context. There are four repairs. Choose, and the explorer tries every schedule: a load and a store against a CPU
that goes offline, and a CPU that comes online.`,
			Answers: []lab.Answer{
				{Way: lab.Pin, Version: "cpus-read-lock", About: "Whoever uses a context holds cpus_read_lock(), and no CPU goes offline meanwhile."},
				{Way: lab.Recheck, Version: "v6.13", About: "The mutex lies in memory that stays. The load takes it, checks whether the request is still there, and begins again if it is not."},
				{Way: lab.Wait, Version: "dead-waits", About: "The task that takes a CPU away takes the mutex before it frees the request, so it waits for whoever uses it."},
				{Way: lab.Leave, Version: "keep-contexts", About: "The contents of a context stay when its CPU goes offline. They are freed with the pool."},
			},
		},
	}
}
