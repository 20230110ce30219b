package command

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ptsim/internal/quote"
)

// plainFlags makes the numbers of all commands decimal ones, 010 ten, and gives wrong flags errors in our own words.
func plainFlags(cmd *cobra.Command) {
	number := func(f *pflag.Flag) {
		switch f.Value.Type() {
		case "int", "int64", "uint", "uint64", "float64", "bool", "duration":
			f.Value = &plainValue{f.Value}
			if f.DefValue == "0" || f.DefValue == "0s" { // what it means is in the words, or is nothing
				f.DefValue = ""
			}
		}
	}
	cmd.PersistentFlags().VisitAll(number)
	cmd.LocalNonPersistentFlags().VisitAll(number)
	cmd.SetFlagErrorFunc(flagError)
	for _, sub := range cmd.Commands() {
		plainFlags(sub)
	}
}

// plainValue reads a number as people write it. The library takes a leading 0 for octal, and 0x, 0b and _ besides.
type plainValue struct{ pflag.Value }

// IsBoolFlag lets --flag stand for --flag=true.
func (v *plainValue) IsBoolFlag() bool { return v.Type() == "bool" }

func (v *plainValue) Set(s string) error {
	what := ""
	switch v.Type() {
	case "int", "int64":
		n, err := strconv.ParseInt(s, 10, 64)
		if err == nil {
			return v.Value.Set(strconv.FormatInt(n, 10))
		}
		what = "a whole number"
		if errors.Is(err, strconv.ErrRange) {
			what = "a smaller number"
		}
	case "uint", "uint64":
		n, err := strconv.ParseUint(s, 10, 64)
		if err == nil {
			return v.Value.Set(strconv.FormatUint(n, 10))
		}
		what = "a whole number, 0 or more"
		if errors.Is(err, strconv.ErrRange) {
			what = fmt.Sprintf("0 to %d", uint64(math.MaxUint64)) // seeds may be as large
		}
	case "float64":
		if n, err := strconv.ParseFloat(s, 64); err == nil && !strings.ContainsAny(s, "xXpP_") {
			return v.Value.Set(strconv.FormatFloat(n, 'g', -1, 64))
		}
		what = "a number"
	case "duration":
		if v.Value.Set(s) == nil {
			return nil
		}
		what = "a duration such as 10ms or 5s"
	default:
		if v.Value.Set(s) == nil {
			return nil
		}
		what = "true or false"
	}
	return errors.New("expected " + what)
}

// flagError says what is wrong with a flag, and which was perhaps meant.
func flagError(cmd *cobra.Command, err error) error {
	if wrong := (*pflag.InvalidValueError)(nil); errors.As(err, &wrong) {
		return fmt.Errorf("--%s: %s; %w", wrong.GetFlag().Name, quote.Short(wrong.GetValue()), wrong.Unwrap())
	}
	if none := (*pflag.NotExistError)(nil); errors.As(err, &none) {
		name := none.GetSpecifiedName()
		if len(none.GetSpecifiedShortnames()) > 0 {
			return fmt.Errorf("unknown flag -%s in -%s; expected one of those that %s --help lists", name, none.GetSpecifiedShortnames(), cmd.CommandPath())
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		return fmt.Errorf("unknown flag --%s; %s", name, meant(name, names, "--", cmd.CommandPath()))
	}
	if lacks := (*pflag.ValueRequiredError)(nil); errors.As(err, &lacks) {
		return fmt.Errorf("--%s: no value; expected --%[1]s VALUE", lacks.GetFlag().Name)
	}
	return err
}

// meant is what was expected in place of a name: the nearest of those there are, or where they are listed.
func meant(name string, names []string, before, command string) string {
	best := quote.Meant(name, names)
	if best == "" {
		return fmt.Sprintf("expected one of those that %s --help lists", command)
	}
	return fmt.Sprintf("did you mean %s%s? %s --help lists all", before, best, command)
}

// noCommand is the error for a word that is no command.
func noCommand(name string) error {
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	names = append(names, "help", "completion")
	slices.Sort(names)
	return fmt.Errorf("unknown command %s; %s", quote.Short(name), meant(name, names, "ptsim ", "ptsim"))
}
