package main

import (
	"github.com/spf13/cobra"
)

func newMasks(std streams) *cobra.Command             { return &cobra.Command{Use: "masks"} }
func newRun(std streams, verbose *int) *cobra.Command { return &cobra.Command{Use: "run"} }
