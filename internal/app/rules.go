package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

func newRules(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "rules",
		Short: "List, check, test and show detection rules",
		Example: strings.Trim(`
  gatehouse rules list --product aws --level high
  gatehouse rules check ~/sigma/rules
  gatehouse rules test
  gatehouse rules show "Trail stopped"
`, "\n"),
	}
	c.AddCommand(newRulesList(s), newRulesCheck(s), newRulesTest(s), newRulesShow(s))
	return c
}

// ruleLine is what "rules list -o json" says of a rule.
type ruleLine struct {
	ID        string          `json:"id"`
	Title     string          `json:"title"`
	Level     string          `json:"level"`
	LogSource sigma.LogSource `json:"logsource"`
	Type      string          `json:"type"` // "detection", or the correlation's
	Tags      []string        `json:"tags"`
	File      string          `json:"file"`
	Reports   bool            `json:"reports"` // false: it only feeds correlations
}

func lineOf(b *rulebook.Book, r *sigma.Rule) ruleLine {
	l := ruleLine{
		ID: r.ID, Title: r.Title, Level: r.Level.String(), LogSource: r.LogSource, Type: "detection", Tags: r.Tags, File: r.File,
		Reports: b.Set.Reports(r),
	}
	if r.Correlation != nil {
		l.Type = r.Correlation.Type.String()
	}
	return l
}

func newRulesList(s Streams) *cobra.Command {
	var flags ruleFlags
	var output, product, level string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the rules",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			b, err := flags.load(c.Context())
			if err != nil {
				return err
			}
			var lines []ruleLine
			for _, r := range b.Set.Rules {
				l := lineOf(b, r)
				if (product == "" || l.LogSource.Product == product) && (level == "" || l.Level == level) {
					lines = append(lines, l)
				}
			}
			return writeRuleLines(s.Out, output, lines)
		},
	}
	flags.flags(c)
	c.Flags().StringVarP(&output, "output", "o", "table", "table or json")
	c.Flags().StringVar(&product, "product", "", "only rules for logs of this `product`: aws, linux …")
	c.Flags().StringVar(&level, "level", "", "only rules of this `level`")
	return c
}

func writeRuleLines(w io.Writer, output string, lines []ruleLine) error {
	switch output {
	case "json":
		return writeJSON(w, lines)
	case "table":
	default:
		return hinted("outputs are table and json", "--output %s: no such output", output)
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		src := strings.Trim(strings.Join(slices.DeleteFunc([]string{l.LogSource.Product, l.LogSource.Service, l.LogSource.Category}, func(p string) bool { return p == "" }), "/"), "/")
		if l.Type != "detection" {
			src = l.Type
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", l.Level, src, l.Title) //nolint:errcheck // Flush tells
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d rules\n", len(lines))
	return err
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func newRulesCheck(s Streams) *cobra.Command {
	var flags ruleFlags
	var quiet bool
	c := &cobra.Command{
		Use:   "check [DIR…]",
		Short: "Say which rules load, which do not and why, and which can never match",
		Long: strings.TrimSpace(`
Loads the shipped rules and those of the folders given. Ends with a line "N loaded, N skipped, N unsupported".
Exit status 1 if a rule was skipped.`),
		RunE: func(c *cobra.Command, args []string) error {
			b, err := flags.load(c.Context(), args...)
			if err != nil {
				return err
			}
			return check(s.Out, b, quiet)
		},
	}
	flags.flags(c)
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "do not list rules that no format can match")
	return c
}

func check(w io.Writer, b *rulebook.Book, quiet bool) error {
	var out strings.Builder
	for _, err := range b.Skipped {
		fmt.Fprintf(&out, "skipped      %v\n", err)
	}
	for _, err := range b.Unsupported {
		fmt.Fprintf(&out, "unsupported  %v\n", err)
	}
	dead := 0
	for _, d := range b.Dead(builtin.Formats()) {
		dead++
		if !quiet {
			fmt.Fprintf(&out, "cannot match %s:%d: %s: %s\n", d.Rule.File, d.Rule.Line, d.Rule.Title, d.Reason)
		}
	}
	if dead > 0 {
		fmt.Fprintf(&out, "%d loaded rules can match no log format known here\n", dead)
	}
	fmt.Fprintf(&out, "%d loaded, %d skipped, %d unsupported\n", len(b.Set.Rules), len(b.Skipped), len(b.Unsupported))
	if _, err := io.WriteString(w, out.String()); err != nil {
		return err
	}
	if len(b.Skipped) > 0 {
		return &statusError{status: exitFindings}
	}
	return nil
}

func newRulesTest(s Streams) *cobra.Command {
	var flags ruleFlags
	c := &cobra.Command{
		Use:   "test [DIR…]",
		Short: "Run the examples that rules carry",
		RunE: func(c *cobra.Command, args []string) error {
			b, err := flags.load(c.Context(), args...)
			if err != nil {
				return err
			}
			return testRules(c.Context(), s.Out, b)
		},
	}
	flags.flags(c)
	return c
}

func testRules(ctx context.Context, w io.Writer, b *rulebook.Book) error {
	ran, failures, err := b.Test(ctx, builtin.Formats())
	if err != nil {
		return err
	}
	var out strings.Builder
	for _, err := range b.Skipped {
		fmt.Fprintf(&out, "skipped  %v\n", err)
	}
	for _, f := range failures {
		fmt.Fprintf(&out, "failed   %v\n", f)
	}
	fmt.Fprintf(&out, "%d examples: %d passed, %d failed\n", ran, ran-len(failures), len(failures))
	if _, err := io.WriteString(w, out.String()); err != nil {
		return err
	}
	if len(failures)+len(b.Skipped) > 0 {
		return &statusError{status: exitFindings}
	}
	return nil
}

func newRulesShow(s Streams) *cobra.Command {
	var flags ruleFlags
	c := &cobra.Command{
		Use:   "show RULE",
		Short: "Show a rule: by id, name, title or part of its title",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			b, err := flags.load(c.Context())
			if err != nil {
				return err
			}
			return show(s.Out, b, args[0])
		},
	}
	flags.flags(c)
	return c
}

func show(w io.Writer, b *rulebook.Book, name string) error {
	var found []*sigma.Rule
	for _, r := range b.Set.Rules {
		if r.ID == name || r.Name == name || strings.EqualFold(r.Title, name) {
			found = []*sigma.Rule{r}
			break
		}
		if strings.Contains(strings.ToLower(r.Title), strings.ToLower(name)) {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 0:
		return hinted("see: gatehouse rules list", "no rule is called %q", name)
	case len(found) > 1:
		var titles []string
		for _, r := range found[:min(len(found), 10)] {
			titles = append(titles, r.Title)
		}
		return hinted("one of: "+strings.Join(titles, "; "), "%d rules are called like %q", len(found), name)
	}
	text, err := b.Source(found[0])
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// oneFile is a file system that shows one file of another.
type oneFile struct {
	fs.FS
	name string
}

// ReadDir lists the one file.
func (o oneFile) ReadDir(dir string) ([]fs.DirEntry, error) {
	info, err := fs.Stat(o.FS, o.name)
	if err != nil || dir != "." {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}
