// Mailsim is ptsim with one more lab: the mailbox.
package main

import (
	"os"

	"example.org/mailbox"
	"ptsim/lab/command"
)

func main() { os.Exit(command.Main(mailbox.Lab())) }
