package shrinker

import (
	_ "embed"

	"ptsim/lab"
)

//go:embed lesson.md
var lesson string

func lessons() []lab.Lesson { return []lab.Lesson{{Slug: "shrinker", Text: lesson}} }

const (
	series   = "Qi Zheng, use refcount+RCU method to implement lockless slab shrink, v1 to v6, June to September 2023"
	chinner  = "Dave Chinner, Re: [PATCH v2 44/47], 26 July 2023"
	zijlstra = "Peter Zijlstra, Re: [PATCH v2 03/47], 24 July 2023"
	babka    = "Vlastimil Babka, Re: [PATCH 24/29], June 2023"
)

// counted are the versions whose walkers count references.
var counted = []string{"v1", "v2", "v6.7", "kmem-put", "no-wait", "plain-kfree", "rcu-barrier", "synchronize-rcu", "put-first", "unlink-first",
	"refcount-dec", "refcount-dec-warns", "inside-rcu", "wmb", "rmb", "wmb-rmb", "release-acquire"}

func rules() []lab.Rule {
	return []lab.Rule{
		{ID: "rwsem", Text: "Walkers hold shrinker_rwsem as readers, so unregister_shrinker() gets it only when nobody is in a callback.", Source: "v6.6, mm/shrinker.c, shrink_slab() and unregister_shrinker()", Versions: []string{"v6.6", "03/47"}},
		{ID: "trylock", Text: "A walker that does not get shrinker_rwsem at once gives up: reclaim must not wait for a mount.", Source: "v6.6, mm/shrinker.c, shrink_slab()", Verbs: []string{"shrink", "shrink_memcg"}, Versions: []string{"v6.6", "03/47"}},
		{ID: "pin-node", Text: "Inside rcu_read_lock a shrinker that was found is not freed, so its count may be read.", Source: series, Verbs: []string{"shrink", "shrink_memcg", "look"}, Versions: counted},
		{ID: "try-get", Text: "Only refcount_inc_not_zero() gives a reference: a count of zero stays zero, and says that the shrinker is being freed.", Source: "v6.7, include/linux/shrinker.h, shrinker_try_get()", Verbs: []string{"shrink", "shrink_memcg"}, Versions: counted},
		{ID: "sleep-outside", Text: "A callback may sleep, so it is called outside rcu_read_lock, with a reference.", Source: "v6.7, mm/shrinker.c, shrink_slab()", Verbs: []string{"shrink", "shrink_memcg"}, Versions: counted},
		{ID: "reader-before-put", Text: "The walk of the list enters rcu_read_lock before it drops its reference: afterwards the shrinker may be freed, and the walker still needs its next pointer.", Source: "v6.7, mm/shrinker.c, shrink_slab(); " + babka, Verbs: []string{"shrink"}, Versions: counted},
		{ID: "put-outside", Text: "The walk of a memcg may drop its reference outside rcu_read_lock: it finds the next shrinker by its id.", Source: "v6.7, mm/shrinker.c, shrink_slab_memcg(), step 6", Verbs: []string{"shrink_memcg"}, Versions: counted},
		{ID: "wait-for-users", Text: "shrinker_free() waits until the last reference is put: the callbacks use structures that the caller frees next.", Source: chinner, Verbs: []string{"umount"}, Versions: []string{"v1", "v6.7", "kmem-put"}},
		{ID: "unlink-last", Text: "A shrinker is unlinked when nobody has a reference. So a shrinker that a walker holds is still on the list, and its next pointer is kept up to date.", Source: "v6.7, mm/shrinker.c, shrinker_free(); Lai Jiangshan, of v6, 2023", Verbs: []string{"umount"}, Versions: []string{"v1", "v6.7", "kmem-put"}},
		{ID: "grace-before-free", Text: "A walker that gets no reference still reads the shrinker, so it is freed only after a grace period.", Source: "v6.7, mm/shrinker.c, shrinker_free_rcu_cb()", Verbs: []string{"umount"}, Versions: []string{"v1", "v2", "v6.7", "kmem-put"}},
		{ID: "no-barrier", Text: "rcu_barrier() waits for callbacks, not for readers: it does not replace a grace period. Where nobody walks without the lock, neither is needed.", Source: zijlstra, Verbs: []string{"umount"}, Versions: []string{"03/47", "rcu-barrier"}},
		{ID: "count-last", Text: "The count is set last, when everything else is set. Whoever finds it zero leaves the shrinker alone.", Source: chinner, Verbs: []string{"mount"}, Versions: []string{"v6.7", "kmem-put", "wmb", "rmb", "wmb-rmb", "release-acquire"}},
		{ID: "count-orders", Text: "refcount_set() and refcount_inc_not_zero() order nothing. A walker that comes by the list has an address dependency to the fields; one that comes by shrinker_idr has none.", Source: chinner + "; include/linux/refcount.h", Verbs: []string{"mount", "shrink_memcg"}, Versions: []string{"v6.7", "wmb", "rmb"}},
		{ID: "every-get-has-a-put", Text: "Code that leaves the loop early drops the reference that it took.", Source: "mm/shrinker: fix refcount leak in shrink_slab_memcg()", Verbs: []string{"shrink_memcg"}, Versions: counted},
		{ID: "ask-again", Text: "A bit is cleared before the shrinker is asked once more, so objects that arrive in between set it again.", Source: "v6.7, mm/shrinker.c, shrink_slab_memcg()", Verbs: []string{"shrink_memcg", "use"}},
		{ID: "umount-holds", Text: "s_umount is held while the shrinker is freed; callbacks only try it, and stop if they do not get it.", Source: "v6.7, fs/super.c, super_cache_scan() and deactivate_locked_super()", Verbs: []string{"umount", "shrink", "shrink_memcg"}},
	}
}
