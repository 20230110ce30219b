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
			f.Value = &plainValue{f.Value, f.Annotations[rangeAnnotation]}
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
type plainValue struct {
	pflag.Value
	bounds []string // the least and the most of a whole number, as [bounded] says; or none
}

// rangeAnnotation is where a flag keeps what bounded says.
const rangeAnnotation = "ptsim range"

// bounded bounds a flag that is a whole number. What is out of bounds is refused with both bounds, before the command begins.
func bounded(cmd *cobra.Command, flag string, least, most int) {
	err := cmd.Flags().SetAnnotation(flag, rangeAnnotation, []string{strconv.Itoa(least), strconv.Itoa(most)})
	if err != nil {
		panic(err)
	}
}

// IsBoolFlag lets --flag stand for --flag=true.
func (v *plainValue) IsBoolFlag() bool { return v.Type() == "bool" }

func (v *plainValue) Set(s string) error {
	what := ""
	switch v.Type() {
	case "int", "int64":
		least, most := int64(math.MinInt64), int64(math.MaxInt64)
		if len(v.bounds) > 0 {
			least, _ = strconv.ParseInt(v.bounds[0], 10, 64)
			most, _ = strconv.ParseInt(v.bounds[1], 10, 64)
		}
		n, err := strconv.ParseInt(s, 10, 64)
		switch {
		case err == nil && least <= n && n <= most:
			return v.Value.Set(strconv.FormatInt(n, 10))
		case err == nil || errors.Is(err, strconv.ErrRange):
			what = fmt.Sprintf("%d to %d", least, most)
		case len(v.bounds) > 0:
			what = fmt.Sprintf("a whole number, %d to %d", least, most)
		default:
			what = "a whole number"
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
		value := wrong.GetValue()
		if _, err := strconv.ParseFloat(value, 64); err != nil && !errors.Is(err, strconv.ErrRange) {
			value = quote.Short(value)
		}
		return fmt.Errorf("%s: %s; %w", dashed(wrong.GetFlag()), value, wrong.Unwrap())
	}
	if none := (*pflag.NotExistError)(nil); errors.As(err, &none) {
		name, short := none.GetSpecifiedName(), none.GetSpecifiedShortnames()
		if slices.Contains([]string{"o", "out", "output"}, name) && cmd.Flags().Lookup("out") == nil {
			return fmt.Errorf("unknown flag %s: %s writes to standard output; > FILE keeps it", strings.Repeat("-", min(len(name), 2))+name, cmd.CommandPath())
		}
		if short != "" {
			where := ""
			if short != name {
				where = " in -" + short
			}
			return fmt.Errorf("unknown flag -%s%s; expected one of those that %s --help lists", name, where, cmd.CommandPath())
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		return fmt.Errorf("unknown flag --%s; %s", name, meant(name, names, "--", cmd.CommandPath()))
	}
	if lacks := (*pflag.ValueRequiredError)(nil); errors.As(err, &lacks) {
		return fmt.Errorf("%s: no value; expected %[1]s VALUE", dashed(lacks.GetFlag()))
	}
	return err
}

// dashed is a flag as people write it: -n has no longer name.
func dashed(f *pflag.Flag) string {
	if f.Name == f.Shorthand {
		return "-" + f.Name
	}
	return "--" + f.Name
}

// meant is what was expected in place of a name: the nearest of those there are, or where they are listed.
func meant(name string, names []string, before, command string) string {
	best := quote.Meant(name, names)
	if best == "" {
		return fmt.Sprintf("expected one of those that %s --help lists", command)
	}
	return fmt.Sprintf("did you mean %s%s? %s --help lists all", before, best, command)
}

// otherWords are the commands for words that people try first.
var otherWords = map[string]string{
	"level": "play", "levels": "play", "puzzle": "play", "break": "play",
	"course": "learn", "lesson": "learn", "lessons": "learn", "tutorial": "learn", "teach": "learn hour", "hour": "learn hour",
	"handout": "quiz", "handouts": "quiz", "sheet": "quiz", "questions": "quiz", "exam": "quiz",
	"browser": "serve", "web": "serve", "page": "serve", "gui": "serve",
	"share": "export", "html": "export", "link": "export", "save": "export",
	"judge": "verdicts", "table": "verdicts", "all": "verdicts",
	"check": "explore", "search": "explore", "verify": "explore", "prove": "explore",
	"diff": "beside", "replay": "step --replay", "trace": "retract", "simulate": "run",
	"states": "masks", "bits": "masks", "herd": "litmus", "herd7": "litmus", "fences": "barriers", "cost": "compare", "costs": "compare",
}

// noCommand is the error for a word that is no command.
func noCommand(name string) error {
	if other, ok := otherWords[name]; ok {
		return fmt.Errorf("unknown command %s; did you mean ptsim %s? ptsim --help lists all", name, other)
	}
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	names = append(names, "help", "completion")
	slices.Sort(names)
	return fmt.Errorf("unknown command %s; %s", quote.Short(name), meant(name, names, "ptsim ", "ptsim"))
}
