package record

import "io"

// files are the ways in which tracefs is touched. Paths are relative to its root. dir is the real thing; tests put a
// kernel of their own behind it, and faults in front.
type files interface {
	// Root is where the paths start, for messages.
	Root() string
	Read(path string) (string, error)
	// Write opens the file as a shell's > does and writes the text at once: the kernel takes each write for a command.
	Write(path, text string) error
	// Append opens the file as a shell's >> does, else the same.
	Append(path, text string) error
	Mkdir(path string) error
	Rmdir(path string) error
	// List returns the names in a folder, none if there is no such folder.
	List(path string) ([]string, error)
	// Pipe opens trace_pipe. Reading never waits: it returns 0 bytes if there are none now.
	Pipe(path string) (io.ReadCloser, error)
}
