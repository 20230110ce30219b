package command

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// createUnnamed opens a new file that has no name yet, so that a program which is killed leaves nothing. It gets one by
// nameFile. Where the file system has no such files it returns nil.
func createUnnamed(path string, mode fs.FileMode) *os.File {
	fd, err := unix.Open(filepath.Dir(path), unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, uint32(mode))
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(fd), path)
}

// nameFile gives an unnamed file a name beside path, from where it is renamed: a link does not replace a file.
func nameFile(f *os.File, path string) (string, error) {
	from := fmt.Sprintf("/proc/self/fd/%d", f.Fd())
	for i := 0; ; i++ {
		to := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d.%d", filepath.Base(path), os.Getpid(), i))
		err := unix.Linkat(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.AT_SYMLINK_FOLLOW)
		if err == nil || err != unix.EEXIST {
			return to, err
		}
	}
}

// noRoomFor tells why nothing can be written to a file, as far as that is known before: to write nothing fails where any write does, as
// on /dev/full. A regular file gets its next block now, which fails on a disk that is full; what does not know that call passes.
func noRoomFor(f *os.File) error {
	if _, err := f.Write(nil); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if flags, e := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0); e == nil && flags&unix.O_APPEND != 0 {
		at = info.Size()
	}
	if err == nil && unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, at, 1) == unix.ENOSPC {
		return unix.ENOSPC
	}
	return nil
}
