// Package campaign splits a large amount of work into jobs that need nothing of each other, has any number of processes do
// them on any number of machines, and puts the answers together. It is no scheduler: Slurm, Kubernetes or make start the
// processes. This package brings what they lack: the plan, the results in files, and the merge.
//
// # Plan
//
// A [Plan] is a text of JSON lines. The first says what kind of campaign it is, which build of the program made it, and what
// all jobs have in common; each other line is a [Job], with an estimate of the processor time and the memory that it takes.
// The plan has an ID, a hash of all of that but the build, so a plan that was cut short or edited is refused.
//
// # Shards
//
// A shard is one process's part of a plan, I of N. [Plan.Share] deals the jobs out by their estimates, the longest first, each
// to the shard with the least so far. It depends on the plan and N alone, so that shards need not talk. [ShardOf] finds I and N
// in the environment that Slurm or Kubernetes gives to a process.
//
// # Results
//
// A folder, on a file system that all shards see or one for each, holds the plan and a file for each result. A file is written
// under another name and renamed, so it is whole or not there. Its name has in it the job, the plan with the build, and a hash
// of the answer: two results that agree are one file, and two that differ are two, whoever wrote them when. A [Result] keeps
// the answer, which must not depend on the machine or on chance, apart from what may: its cost.
//
// What has a result is not done again. A process that runs a second time over the same folder, with whatever number of shards,
// does what is left.
//
// # Death
//
// The jobs run in child processes, which are the program itself in another role: see [Serve]. A child that dies takes no
// other job with it; that it died, and how, is the job's result. Small jobs share a child, one after the other, and a larger
// one has its own. An engine may kill a whole shard for what a child did, as Kubernetes does when a container is out of
// memory. So a shard notes in a file what it begins, and a job that was begun several times without an end gets that as its
// result. A shard that is asked to stop has its children stop, and takes the note back.
//
// # Merge
//
// [Merge] reads folders and returns the results in the order of the plan, whatever shards wrote them in which order. It names
// the jobs that have no result, those that died, and those whose result is in doubt: two results that differ, a result of
// another plan or of another build, a file that cannot be read. A result in doubt is not used.
//
// # What is not done
//
// Nothing here knows what a job is: lab/command does. Shards do not steal work from each other, so estimates that are wrong leave
// some of them idle. Nobody locks a folder: two shards that do the same job at the same time both do it, and agree.
//
// # Where to start
//
// The Example; plan.go, then run.go.
package campaign
