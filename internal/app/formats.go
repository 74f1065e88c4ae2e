package app

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

func newFormats(s Streams) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "formats [FORMAT]",
		Short: "List the log formats, or the fields of one",
		Example: strings.Trim(`
  gatehouse formats
  gatehouse formats cloudtrail
  gatehouse formats access -o json
`, "\n"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return hinted("for example: gatehouse formats "+args[0], "name one format at most")
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp),
	}
	outputs := outputFlag(c, &output, "table", "json")
	c.RunE = func(_ *cobra.Command, args []string) error {
		if err := outputs.check(output); err != nil {
			return err
		}
		formats := builtin.Formats()
		if len(args) == 1 {
			f, err := formatNamed(args[0])
			if err != nil {
				return err
			}
			formats = []logformat.Format{f}
		}
		if output == "json" {
			return writeJSON(s.Out, describeFormats(formats))
		}
		if len(args) == 1 {
			return showFormat(s, formats[0].Info())
		}
		return listFormats(s, formats)
	}
	return c
}

func listFormats(s Streams, formats []logformat.Format) error {
	tw := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	for _, f := range formats {
		fmt.Fprintf(tw, "%s\t%s\n", f.Info().Name, f.Info().Title) //nolint:errcheck // Flush tells
	}
	fmt.Fprintf(tw, "\nThe fields of one: gatehouse formats %s\n", formats[0].Info().Name) //nolint:errcheck // Flush tells
	return tw.Flush()
}

// formatLine is what "formats -o json" says of a format.
type formatLine struct {
	Name       string      `json:"name"`
	Title      string      `json:"title"`
	LogSources []string    `json:"logsources"`
	Fields     []fieldLine `json:"fields"`
}

type fieldLine struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Open bool   `json:"open,omitempty"` // anything may lie below it
	Doc  string `json:"doc"`
}

func describeFormats(formats []logformat.Format) []formatLine {
	out := []formatLine{}
	for _, f := range formats {
		l := formatLine{Name: f.Info().Name, Title: f.Info().Title, LogSources: logSources(f.Info()), Fields: []fieldLine{}}
		for _, field := range f.Info().Fields {
			l.Fields = append(l.Fields, fieldLine{Name: field.Name, Type: field.Type.String(), Open: field.Open, Doc: field.Doc})
		}
		out = append(out, l)
	}
	return out
}

func logSources(info *logformat.Info) []string {
	out := []string{}
	for _, c := range info.Classes {
		for _, src := range c.Sources {
			var parts []string
			for _, p := range [][2]string{{"product", src.Product}, {"service", src.Service}, {"category", src.Category}} {
				if p[1] != "" {
					parts = append(parts, p[0]+": "+p[1])
				}
			}
			out = append(out, strings.Join(parts, ", "))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func showFormat(s Streams, info *logformat.Info) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n\nSigma log sources\n", info.Name, info.Title)
	sources := logSources(info)
	if len(sources) == 0 {
		sources = []string{"none of its own: detect --logsource says which these logs are"}
	}
	for _, l := range sources {
		fmt.Fprintf(&out, "  %s\n", l)
	}
	out.WriteString("\nFields\n")
	const nameWidth, typeWidth = 24, 9
	width, ok := terminal(s.Out)
	if !ok {
		width = 120
	}
	for _, f := range info.Fields {
		name := f.Name
		if f.Open {
			name += ".…"
		}
		doc := ansi.Wordwrap(f.Doc, max(width-nameWidth-typeWidth-2, 30), "")
		doc = strings.ReplaceAll(doc, "\n", "\n"+strings.Repeat(" ", nameWidth+typeWidth+2))
		fmt.Fprintf(&out, "  %-*s%-*s%s\n", nameWidth, name+" ", typeWidth, f.Type, doc)
	}
	_, err := s.Out.Write([]byte(out.String()))
	return err
}
