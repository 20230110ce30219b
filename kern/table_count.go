package kern

// More of the table: counts of references.
func init() {
	primitives[OpRefSet] = Primitive{Name: "refcount_set", Func: "RefcountSet", Shape: OneWord, Writes: true, Order: Relaxed,
		Call: "refcount_set(&{word}, {int A})", Does: "sets the count {word} to {int A}"}
	primitives[OpRefRead] = Primitive{Name: "refcount_read", Func: "RefcountRead", Shape: OneWord, Reads: true, Order: Relaxed,
		Call: "refcount_read(&{word})", Returns: "{int ret}", Does: "reads the count {word}, which is {int ret}"}
	primitives[OpRefDec] = Primitive{Name: "refcount_dec", Func: "RefcountDec", Shape: OneWord, Writes: true, Void: true, Order: Release, Counts: -1,
		Call: "refcount_dec(&{word})", Does: "drops a reference: {word} is {int now} now"}
}
