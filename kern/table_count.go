package kern

// More of the table: counts of references, and memory.
func init() {
	primitives[OpRefSet] = Primitive{Name: "refcount_set", Func: "RefcountSet", Shape: OneWord, Writes: true, Order: Relaxed,
		Call: "refcount_set(&{word}, {int A})", Does: "sets the count {word} to {int A}"}
	primitives[OpRefRead] = Primitive{Name: "refcount_read", Func: "RefcountRead", Shape: OneWord, Reads: true, Order: Relaxed,
		Call: "refcount_read(&{word})", Returns: "{int ret}", Does: "reads the count {word}, which is {int ret}"}
	primitives[OpRefDec] = Primitive{Name: "refcount_dec", Func: "RefcountDec", Shape: OneWord, Writes: true, Void: true, Atomic: true, Order: Release, Counts: -1,
		Call: "refcount_dec(&{word})", Does: "drops a reference: {word} is {int now} now"}

	primitives[OpRefAdd] = Primitive{Name: "refcount_add", Func: "RefcountAdd", Shape: OneWord, Writes: true, Void: true, Atomic: true, Order: Relaxed, Counts: 1,
		Call: "refcount_add({int A}, &{word})", Does: "takes {int A} references: {word} is {int now} now"}
	primitives[OpRefSubTest] = Primitive{Name: "refcount_sub_and_test", Func: "RefcountSubAndTest", Shape: OneWord, Reads: true, Writes: true, Atomic: true,
		Order: ReleaseAcquire0, Counts: -1,
		Call: "refcount_sub_and_test({int A}, &{word})", Returns: "{int ret}", Does: "drops {int A} references: {word} is {int now} now"}
	run[OpRefAdd] = func(c *CPU, op Op) uint32 { c.refAdd(op.Addr, op.A); return 0 }
	run[OpRefSubTest] = func(c *CPU, op Op) uint32 { return b2u(c.refSubAndTest(op.Addr, op.A)) }

	primitives[OpKmalloc] = Primitive{Name: "kmalloc", Func: "Cache.Kmalloc", Shares: Objects,
		Call: "kmalloc({cache A})", Returns: "{object ret}", Does: "allocates an object of {cache A}, whose words nobody has written, and gets {object ret}"}
	primitives[OpSlabDestroy] = Primitive{Name: "slab_destroy", Func: "Cache.Destroy", Kernel: "kmem_cache_destroy", Sleeps: true, Shares: Objects,
		Call: "kmem_cache_destroy({cache A})", Does: "destroys {cache A}"}

	run[OpKmalloc] = func(c *CPU, op Op) uint32 { return uint32(c.kmalloc(int(op.A))) }
	run[OpSlabDestroy] = func(c *CPU, op Op) uint32 { c.slabDestroy(int(op.A)); return 0 }
}
