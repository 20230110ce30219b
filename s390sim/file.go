package s390sim

import "sync"

// File is a file or shared memory object as far as mappings go: its address_space.
type File struct {
	ID int

	// iMmap is i_mmap_rwsem and vmas the tree it protects: all VMAs that map the file. A VMA being in it keeps its mm
	// alive for whoever holds the lock, since exit takes it out under the lock for writing.
	iMmap sync.RWMutex
	vmas  []*VMA

	cache pageCache

	Data any // of whoever made the file
}

// Mapped returns how many VMAs map the file.
func (f *File) Mapped() int {
	f.iMmap.RLock()
	defer f.iMmap.RUnlock()
	return len(f.vmas)
}

// Merge makes one file of two that turned out to be the same: what maps from maps f from now on. No kernel does this; it
// is for those who learn late what a recorded program mapped. It is not for native machines.
func (f *File) Merge(from *File) {
	if f == from {
		return
	}
	f.iMmap.Lock()
	defer f.iMmap.Unlock()
	from.iMmap.Lock()
	defer from.iMmap.Unlock()
	for _, v := range from.vmas {
		v.File = f
	}
	f.vmas = append(f.vmas, from.vmas...)
	from.vmas = nil
	f.cache.merge(&from.cache)
}

// linkFileVMA is vma_link_file().
func linkFileVMA(v *VMA) {
	if v.File == nil {
		return
	}
	v.File.iMmap.Lock()
	v.File.vmas = append(v.File.vmas, v)
	v.File.iMmap.Unlock()
}

// unlinkFileVMA is unlink_file_vma(): it waits for whoever walks the file's mappings.
func unlinkFileVMA(v *VMA) {
	if v.File == nil {
		return
	}
	f := v.File
	f.iMmap.Lock()
	for i, w := range f.vmas {
		if w == v {
			last := len(f.vmas) - 1
			f.vmas[i] = f.vmas[last]
			f.vmas[last] = nil
			f.vmas = f.vmas[:last]
			break
		}
	}
	f.iMmap.Unlock()
}

// resizeFileVMA changes the bounds of a mapped VMA, which readers of the file's mappings must not see half done.
func resizeFileVMA(v *VMA, start, end, offset uint64) {
	if v.File != nil {
		v.File.iMmap.Lock()
		defer v.File.iMmap.Unlock()
	}
	v.Start, v.End, v.Offset = start, end, offset
}
