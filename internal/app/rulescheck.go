package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// checked is what "rules check -o json" says.
type checked struct {
	Loaded      int           `json:"loaded"`
	Skipped     []ruleProblem `json:"skipped"`
	Unsupported []ruleProblem `json:"unsupported"`
	CannotMatch []ruleProblem `json:"cannot_match"`
}

// ruleProblem is what is wrong with a rule, and where it stands.
type ruleProblem struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Title   string `json:"title,omitempty"`
	Example string `json:"example,omitempty"`
	Problem string `json:"problem"`
}

func problemsOf(errs []error) []ruleProblem {
	out := []ruleProblem{}
	for _, err := range errs {
		p := ruleProblem{Problem: err.Error()}
		if pe, ok := errors.AsType[*sigma.ParseError](err); ok {
			p = ruleProblem{File: pe.File, Line: pe.Line, Problem: pe.Err.Error()}
		}
		out = append(out, p)
	}
	return out
}

func newRulesCheck(s Streams) *cobra.Command {
	var flags ruleFlags
	var quiet bool
	var output string
	c := &cobra.Command{
		Use:   "check [DIR…]",
		Short: "Say which rules load, which do not and why, and which can never match",
		Long: strings.TrimSpace(`
Loads the shipped rules and those of the folders given. Ends with a line "N loaded, N skipped, N unsupported".
Exit status 1 if a rule was skipped.`),
		Example: strings.Trim(`
  gatehouse rules check my-rules
  gatehouse rules check --no-builtin -q sigma/rules
  gatehouse rules check -o json my-rules
`, "\n"),
	}
	flags.flags(c)
	outputs := outputFlag(c, &output, "table", "json")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "do not list rules that no format can match")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := outputs.check(output); err != nil {
			return err
		}
		b, err := flags.load(c.Context(), args...)
		if err != nil {
			return err
		}
		return check(s.Out, b, quiet, output)
	}
	return c
}

func check(w io.Writer, b *rulebook.Book, quiet bool, output string) error {
	write := func() error { return writeCheck(w, b, quiet) }
	if output == "json" {
		write = func() error { return writeJSON(w, checkedOf(b)) }
	}
	if err := write(); err != nil {
		return err
	}
	if len(b.Skipped) > 0 {
		return &statusError{status: exitFindings}
	}
	return nil
}

func checkedOf(b *rulebook.Book) checked {
	c := checked{Loaded: len(b.Set.Rules), Skipped: problemsOf(b.Skipped), Unsupported: problemsOf(b.Unsupported), CannotMatch: []ruleProblem{}}
	for _, d := range b.Dead(builtin.Formats()) {
		c.CannotMatch = append(c.CannotMatch, ruleProblem{File: d.Rule.File, Line: d.Rule.Line, Title: d.Rule.Title, Problem: d.Reason})
	}
	return c
}

func writeCheck(w io.Writer, b *rulebook.Book, quiet bool) error {
	var out strings.Builder
	for _, err := range b.Skipped {
		fmt.Fprintf(&out, "skipped      %v\n", err)
	}
	for _, err := range b.Unsupported {
		fmt.Fprintf(&out, "unsupported  %v\n", err)
	}
	if names := b.Wanted(); len(names) > 0 {
		fmt.Fprintf(&out, "placeholders without a value, which --placeholders FILE.yml can give: %s\n", strings.Join(names, ", "))
	}
	dead := b.Dead(builtin.Formats())
	if !quiet {
		for _, d := range dead {
			fmt.Fprintf(&out, "cannot match %s:%d: %s: %s\n", d.Rule.File, d.Rule.Line, d.Rule.Title, d.Reason)
		}
	}
	if len(dead) > 0 {
		fmt.Fprintf(&out, "%d loaded rules can match no log format known here\n", len(dead))
	}
	fmt.Fprintf(&out, "%d loaded, %d skipped, %d unsupported\n", len(b.Set.Rules), len(b.Skipped), len(b.Unsupported))
	_, err := io.WriteString(w, out.String())
	return err
}

// tested is what "rules test -o json" says.
type tested struct {
	Examples int           `json:"examples"`
	Passed   int           `json:"passed"`
	Failures []ruleProblem `json:"failures"`
	Skipped  []ruleProblem `json:"skipped"`
}

func newRulesTest(s Streams) *cobra.Command {
	var flags ruleFlags
	var output string
	c := &cobra.Command{
		Use:   "test [DIR…]",
		Short: "Run the examples that rules carry",
		Long: strings.TrimSpace(`
Runs the events that stand in rules under the key gatehouse: each rule must match those that it says it does, and no other.
Exit status 1 if an example failed or a rule was skipped.`),
		Example: strings.Trim(`
  gatehouse rules test
  gatehouse rules test --no-builtin my-rules
`, "\n"),
	}
	flags.flags(c)
	outputs := outputFlag(c, &output, "table", "json")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := outputs.check(output); err != nil {
			return err
		}
		b, err := flags.load(c.Context(), args...)
		if err != nil {
			return err
		}
		return testRules(c.Context(), s.Out, b, output)
	}
	return c
}

func testRules(ctx context.Context, w io.Writer, b *rulebook.Book, output string) error {
	ran, failures, err := b.Test(ctx, builtin.Formats())
	if err != nil {
		return err
	}
	if output == "json" {
		t := tested{Examples: ran, Passed: ran - len(failures), Failures: []ruleProblem{}, Skipped: problemsOf(b.Skipped)}
		for _, f := range failures {
			t.Failures = append(t.Failures, ruleProblem{File: f.Rule.File, Line: f.Rule.Line, Title: f.Rule.Title, Example: f.Example, Problem: f.Err.Error()})
		}
		err = writeJSON(w, t)
	} else {
		err = writeTested(w, b, ran, failures)
	}
	if err != nil {
		return err
	}
	if len(failures)+len(b.Skipped) > 0 {
		return &statusError{status: exitFindings}
	}
	return nil
}

func writeTested(w io.Writer, b *rulebook.Book, ran int, failures []*rulebook.ExampleError) error {
	var out strings.Builder
	for _, err := range b.Skipped {
		fmt.Fprintf(&out, "skipped  %v\n", err)
	}
	for _, f := range failures {
		fmt.Fprintf(&out, "failed   %v\n", f)
	}
	fmt.Fprintf(&out, "%d examples: %d passed, %d failed\n", ran, ran-len(failures), len(failures))
	_, err := io.WriteString(w, out.String())
	return err
}
