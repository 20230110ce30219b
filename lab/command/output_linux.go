package command

import (
	"fmt"
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
