//go:build linux

package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// dir is a mounted tracefs, or a folder that looks like one.
type dir struct{ root string }

func (d dir) Root() string { return d.root }

func (d dir) Read(path string) (string, error) {
	text, err := os.ReadFile(filepath.Join(d.root, path))
	return string(text), err
}

func (d dir) Write(path, text string) error  { return d.write(path, text, os.O_TRUNC) }
func (d dir) Append(path, text string) error { return d.write(path, text, os.O_APPEND) }

func (d dir) write(path, text string, how int) error {
	f, err := os.OpenFile(filepath.Join(d.root, path), os.O_WRONLY|how, 0)
	if err != nil {
		return err
	}
	if text != "" {
		_, err = f.WriteString(text + "\n")
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

func (d dir) Mkdir(path string) error { return os.Mkdir(filepath.Join(d.root, path), 0o750) }
func (d dir) Rmdir(path string) error {
	full := filepath.Join(d.root, path)
	if err := syscall.Rmdir(full); err != nil {
		return &fs.PathError{Op: "rmdir", Path: full, Err: err}
	}
	return nil
}

func (d dir) List(path string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(d.root, path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (d dir) Pipe(path string) (io.ReadCloser, error) {
	full := filepath.Join(d.root, path)
	for {
		fd, err := syscall.Open(full, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		switch err {
		case nil:
			return &pipe{fd}, nil
		case syscall.EINTR:
		default:
			return nil, &fs.PathError{Op: "open", Path: full, Err: err}
		}
	}
}

// pipe is trace_pipe. The kernel wakes a reader that waits when the buffer is half full, and tells one that does not when
// there is nothing; the second is what a copier needs that must also see the end, so the runtime's poller is left out.
type pipe struct{ fd int }

func (p *pipe) Read(b []byte) (int, error) {
	for {
		n, err := syscall.Read(p.fd, b)
		switch err {
		case nil:
			return max(n, 0), nil
		case syscall.EAGAIN:
			return 0, nil
		case syscall.EINTR:
		default:
			return 0, err
		}
	}
}

func (p *pipe) Close() error { return syscall.Close(p.fd) }

// The places where tracefs is mounted, and what statfs says of it.
var mountPoints = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

const tracefsMagic = 0x74726163

// Find returns the root of the mounted tracefs.
func Find() (string, error) { return find(mountPoints, tracefsMagic, os.Geteuid()) }

func find(places []string, magic int64, uid int) (string, error) {
	for _, place := range places {
		var st syscall.Statfs_t
		if err := syscall.Statfs(place, &st); err == nil && int64(st.Type) == magic {
			return place, nil
		}
	}
	if uid != 0 {
		return "", errNeedsRoot
	}
	return "", fmt.Errorf("record: no tracefs at %s; expected it there: mount -t tracefs nodev %s",
		strings.Join(places, " or "), places[0])
}

var errNeedsRoot = errors.New("record: permission denied; expected to be run as root, who alone may use tracefs")

// explain says what an error of tracefs means. doing is what was to be done.
func explain(f files, path, doing string, err error) error {
	full := filepath.Join(f.Root(), path)
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	switch {
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("record: %s: %w; expected to be run as root, who alone may use tracefs", full, err)
	case errors.Is(err, syscall.EPERM):
		return fmt.Errorf("record: %s: cannot %s: %w; expected to be root on a kernel that is not locked down", full, doing, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("record: %s: cannot %s: %w; expected the files of a tracefs", full, doing, err)
	case errors.Is(err, syscall.ENOMEM):
		return fmt.Errorf("record: %s: cannot %s: %w; expected room for it: a smaller --buffer needs less", full, doing, err)
	case errors.Is(err, syscall.EBUSY):
		return fmt.Errorf("record: %s: cannot %s: %w; expected nobody else to use it", full, doing, err)
	}
	return fmt.Errorf("record: %s: cannot %s: %w", full, doing, err)
}
