package ftrace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Stdin is the name by which [Open] opens the standard input.
const Stdin = "-"

// File is a [Reader] of an open file.
type File struct {
	*Reader
	f    *os.File
	size int64
}

// Open opens the trace in the file of that name, or on the standard input if the
// name is [Stdin].
func Open(name string) (*File, error) { return OpenWith(name, Options{}) }

// OpenWith is Open with options; the name in them is not used.
func OpenWith(name string, o Options) (*File, error) {
	f, shown := os.Stdin, "stdin"
	if name != Stdin {
		shown = name
		var err error
		if f, err = os.Open(name); err != nil {
			return nil, fileError(shown, err)
		}
	}
	o.Name = shown
	t, err := newFile(f, o)
	if err != nil && f != os.Stdin {
		_ = f.Close() // read only: nothing to lose, and err says more
	}
	return t, err
}

func newFile(f *os.File, o Options) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fileError(o.Name, err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s: is a directory; expected an ftrace text file", o.Name)
	}
	t := &File{f: f}
	if info.Mode().IsRegular() {
		t.size = info.Size()
	}
	if t.Reader, err = NewReader(f, o); err != nil {
		return nil, err
	}
	return t, nil
}

// fileError is err with the name once, and what would have been right.
func fileError(name string, err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w; expected an ftrace text file", name, err)
}

// Size returns the size of the file as stored, to compare with Stats().BytesRead;
// 0 if it is not known, as for a pipe.
func (f *File) Size() int64 { return f.size }

// Close closes the file. The standard input stays open.
func (f *File) Close() error {
	if f.f == os.Stdin {
		return nil
	}
	return f.f.Close()
}
