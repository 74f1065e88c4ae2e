package app

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// ruleLine is what "rules list -o json" says of a rule.
type ruleLine struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	Level      string          `json:"level"`
	LogSources []ruleLogSource `json:"logsources"` // of a correlation: those of the rules that it correlates
	Type       string          `json:"type"`       // "detection", or the correlation's
	Tags       []string        `json:"tags"`
	File       string          `json:"file"`
	Line       int             `json:"line"`
	Reports    bool            `json:"reports"` // false: it only feeds correlations
}

type ruleLogSource struct {
	Product  string `json:"product,omitempty"`
	Service  string `json:"service,omitempty"`
	Category string `json:"category,omitempty"`
}

func (l ruleLogSource) String() string {
	parts := slices.DeleteFunc([]string{l.Product, l.Service, l.Category}, func(p string) bool { return p == "" })
	return strings.Join(parts, "/")
}

func lineOf(b *rulebook.Book, r *sigma.Rule) ruleLine {
	l := ruleLine{
		ID: r.ID, Title: r.Title, Level: r.Level.String(), LogSources: logSourcesOf(b.Set, r, nil), Type: "detection", Tags: r.Tags,
		File: r.File, Line: r.Line, Reports: b.Set.Reports(r),
	}
	if r.Correlation != nil {
		l.Type = r.Correlation.Type.String()
	}
	if l.Tags == nil {
		l.Tags = []string{}
	}
	return l
}

// logSourcesOf returns a rule's log source, or those of all rules that a correlation is of.
func logSourcesOf(set *sigma.RuleSet, r *sigma.Rule, of []ruleLogSource) []ruleLogSource {
	if r.Correlation == nil {
		l := ruleLogSource{r.LogSource.Product, r.LogSource.Service, r.LogSource.Category}
		if !slices.Contains(of, l) {
			of = append(of, l)
		}
		return of
	}
	for _, name := range r.Correlation.Rules {
		if base := set.Lookup(name); base != nil {
			of = logSourcesOf(set, base, of)
		}
	}
	return of
}

// listing is the flags of "rules list".
type listing struct {
	ruleFlags
	output, product, level string
}

func newRulesList(s Streams) *cobra.Command {
	var f listing
	c := &cobra.Command{
		Use:   "list",
		Short: "List the rules",
		Example: strings.Trim(`
  gatehouse rules list --product aws --level high
  gatehouse rules list --rules my-rules -o json
`, "\n"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return hinted("a folder of rules goes behind --rules; one rule is shown by: gatehouse rules show", "%s: the list takes no names", args[0])
			}
			return nil
		},
	}
	f.flags(c)
	output := outputFlag(c, &f.output, "table", "json")
	c.Flags().StringVar(&f.product, "product", "", "only rules for logs of this `product`: aws, linux …")
	c.Flags().StringVar(&f.level, "level", "", "only rules of this `level`: "+listed(levels()))
	level := choice{"level", "level", levels()}
	level.complete(c)
	must(c.RegisterFlagCompletionFunc("product", cobra.FixedCompletions(products(), cobra.ShellCompDirectiveNoFileComp)))
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := output.check(f.output); err != nil {
			return err
		}
		if err := level.check(f.level); err != nil && f.level != "" {
			return err
		}
		b, err := f.load(c.Context())
		if err != nil {
			return err
		}
		lines := f.lines(b)
		if len(lines) == 0 && f.product != "" {
			return choice{"product", "product with rules", productsOf(b)}.check(f.product)
		}
		if f.output == "json" {
			return writeJSON(s.Out, lines)
		}
		return writeRuleLines(s.Out, lines)
	}
	return c
}

// lines returns the rules asked for: by what they are about, the gravest first.
func (f *listing) lines(b *rulebook.Book) []ruleLine {
	lines := []ruleLine{}
	for _, r := range b.Set.Rules {
		l := lineOf(b, r)
		ofProduct := func(src ruleLogSource) bool { return src.Product == f.product }
		if (f.product == "" || slices.ContainsFunc(l.LogSources, ofProduct)) && (f.level == "" || l.Level == f.level) {
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(a, b ruleLine) int {
		return cmp.Or(strings.Compare(a.source(), b.source()), slices.Index(levels(), b.Level)-slices.Index(levels(), a.Level), strings.Compare(a.Title, b.Title))
	})
	return lines
}

func (l *ruleLine) source() string {
	var names []string
	for _, src := range l.LogSources {
		names = append(names, src.String())
	}
	if len(names) > 2 {
		names = append(names[:1], fmt.Sprintf("%d more", len(names)-1))
	}
	return strings.Join(names, ", ")
}

func writeRuleLines(w io.Writer, lines []ruleLine) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", l.Level, l.source(), l.Title) //nolint:errcheck // Flush tells
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d rules\n", len(lines))
	return err
}

// products are those that formats make logs of.
func products() []string {
	var out []string
	for _, f := range builtin.Formats() {
		for _, c := range f.Info().Classes {
			for _, src := range c.Sources {
				if src.Product != "" {
					out = append(out, src.Product)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func productsOf(b *rulebook.Book) []string {
	var out []string
	for _, r := range b.Set.Rules {
		if p := r.LogSource.Product; p != "" {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
