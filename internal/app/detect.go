package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/report"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/internal/source/file"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// detecting is the flags of the subcommand detect.
type detecting struct {
	reading
	ruleFlags
	output, outputFile, failOn, logsource string
	evidence                              int
}

// failOn is what --fail-on takes.
func failOn() choice { return choice{"fail-on", "level", levels()} }

// outputDocs says of each output what it is.
func outputDocs() string {
	var lines []string
	for _, f := range report.Formats() {
		lines = append(lines, fmt.Sprintf("  %-9s %s", f.Name, f.Doc))
	}
	return strings.Join(lines, "\n")
}

// outputs are the names of the formats of reports.
func outputs() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func newDetect(s Streams) *cobra.Command {
	var d detecting
	c := &cobra.Command{
		Use:   "detect PATH…",
		Short: "Find attacks in logs",
		Long: strings.TrimSpace(`
Reads files, folders, globs and standard input (-), plain, compressed or in archives, recognises the format of each,
and reports what the rules find in them.

Outputs:
` + outputDocs() + `

Exit status: 0 nothing found at or above --fail-on, 1 something found, 2 wrong usage or nothing readable.`),
		Example: strings.Trim(`
  gatehouse detect /var/log
  gatehouse detect --since 7d AWSLogs/111122223333/CloudTrail
  journalctl -o json | gatehouse detect -
  gatehouse detect -o html --output-file report.html logs
  gatehouse detect -o json logs | jq -r '.findings[].rule.title'
  gatehouse detect --rules sigma/rules --no-builtin logs
  gatehouse detect --fail-on high logs || echo "somebody should look"
`, "\n"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hinted("for this machine's logs: gatehouse detect /var/log", "name the logs to look into")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return d.run(c.Context(), s, args) },
	}
	d.reading.flags(c)
	d.ruleFlags.flags(c)
	outputFlag(c, &d.output, outputs()...)
	f := c.Flags()
	f.StringVar(&d.outputFile, "output-file", "", "write to this `file` instead of standard output")
	f.StringVar(&d.failOn, "fail-on", "informational", "exit with 1 only for findings of this `level` or above: "+listed(levels()))
	f.StringVar(&d.logsource, "logsource", "", "the Sigma log `source` of records whose format does not say it: product/service/category, like windows/security")
	f.IntVar(&d.evidence, "evidence", 10, "quote at most this `number` of events with each finding")
	failOn().complete(c)
	return c
}

func (d *detecting) run(ctx context.Context, s Streams, paths []string) error {
	if err := (choice{"output", "output", outputs()}).check(d.output); err != nil {
		return err
	}
	if err := failOn().check(d.failOn); err != nil {
		return err
	}
	format, _ := report.FormatNamed(d.output)
	least, _ := finding.ParseSeverity(d.failOn)
	if _, shown := terminal(s.Out); shown && format.Name == "html" && d.outputFile == "" {
		return hinted("write it to a file: --output-file report.html", "a page is nothing for a terminal")
	}
	cfg, err := d.config(ctx)
	if err != nil {
		return err
	}
	src, err := logs(paths, s.In)
	if err != nil {
		return err
	}
	d.brief = true // of most rules nothing is found
	book, err := d.load(ctx)
	if err != nil {
		return err
	}
	cfg.Rules, cfg.Whole, cfg.Timeline = book.Set, book.Whole, format.Timeline
	if len(book.Set.Rules) == 0 {
		return hinted("give rules with --rules, or leave out --no-builtin", "there are no rules to run")
	}
	w, finish := s.Out, func(err error) error { return err }
	if d.outputFile != "" {
		out, err := createOut(d.outputFile)
		if err != nil {
			return err
		}
		w, finish = out.File, out.finish
	}
	res, err := find(ctx, s, cfg, src, book)
	if err == nil {
		err = d.write(w, format, res)
	}
	if err = finish(err); err != nil {
		return err
	}
	if _, watched := terminal(s.Err); watched && d.outputFile != "" {
		fmt.Fprintf(s.Err, "%s\nThe report is %s\n", report.Verdict(&report.Report{Findings: res.Findings, Summary: res.Summary, Now: time.Now()}), d.outputFile) //nolint:errcheck // it is for show
	}
	if format.Name != "table" || d.outputFile != "" { // the table ends with them
		problems(s.Err, &res.Summary)
	}
	return verdict(res, least)
}

// find runs the rules, with progress shown.
func find(ctx context.Context, s Streams, cfg detect.Config, src *file.Source, book *rulebook.Book) (*detect.Result, error) {
	start := time.Now()
	stop := watch(ctx, s, src, &cfg.Ingest)
	res, err := detect.Run(ctx, cfg, src)
	stop()
	if err != nil {
		return nil, err
	}
	res.Summary.Started, res.Summary.Took = start, time.Since(start)
	res.Summary.Rules.Skipped, res.Summary.Rules.Unsupported = len(book.Skipped), len(book.Unsupported)
	for _, err := range book.Skipped {
		res.Summary.Warnings = append(res.Summary.Warnings, "rule skipped: "+err.Error())
	}
	if cfg.LogSource != (sigma.LogSource{}) && !asked(res.Summary.Formats) {
		res.Summary.Warnings = append(res.Summary.Warnings, "--logsource was not used, and can be left out: all formats that were read say which logs they are")
	}
	return res, nil
}

// asked reports whether some of the formats leave it open which logs they are.
func asked(names map[string]int) bool {
	return slices.ContainsFunc(builtin.Formats(), func(f logformat.Format) bool {
		info := f.Info()
		return names[info.Name] > 0 && slices.ContainsFunc(info.Classes, func(c logformat.Class) bool { return len(c.Sources) == 0 })
	})
}

// config turns the flags into what package detect takes.
func (d *detecting) config(context.Context) (detect.Config, error) {
	in, err := d.reading.config()
	if err != nil {
		return detect.Config{}, err
	}
	if d.evidence < 1 {
		return detect.Config{}, hinted("give a number of 1 or more", "--evidence %d", d.evidence)
	}
	cfg := detect.Config{Ingest: in, Evidence: d.evidence}
	if cfg.Since, cfg.Until, err = d.span(time.Now(), in.Zone); err != nil {
		return cfg, err
	}
	if d.logsource != "" {
		parts := strings.Split(d.logsource, "/")
		if len(parts) > 3 {
			return cfg, hinted("write product/service/category; parts may be empty, like windows//process_creation", "--logsource %s: more than three parts", d.logsource)
		}
		parts = append(parts, "", "")
		cfg.LogSource = sigma.LogSource{Product: parts[0], Service: parts[1], Category: parts[2]}
	}
	return cfg, nil
}

// verdict is the error that makes the exit status.
func verdict(res *detect.Result, failOn finding.Severity) error {
	sum := &res.Summary
	if sum.Files == 0 {
		if len(sum.Unrecognised) > 0 {
			return hinted("name the format with --format (see: gatehouse formats)", "no file is of a log format known here")
		}
		if len(sum.Errors) > 0 {
			return &statusError{exitFailed, fmt.Errorf("nothing could be read: %s: %s", sum.Errors[0].File, sum.Errors[0].Error)}
		}
		return &statusError{exitFailed, errors.New("there is nothing to read: no file with anything in it")}
	}
	if sum.Events == 0 && sum.BadRecord > 0 && len(sum.Errors) > 0 {
		e := &sum.Errors[0]
		return hinted("is --format the right one? Leave it out to have it recognised", "no record could be read: %s", problem(e))
	}
	if slices.ContainsFunc(res.Findings, func(f finding.Finding) bool { return f.Severity >= failOn }) {
		return &statusError{status: exitFindings}
	}
	return nil
}

func (d *detecting) write(w io.Writer, format report.Format, res *detect.Result) error {
	r := &report.Report{Findings: res.Findings, Summary: res.Summary, Matches: matches(res.Matches), Now: time.Now(), Version: Version}
	r.Width, _ = terminal(w)
	r.Color = colour(w)
	if err := format.Write(w, r); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func matches(all []finding.Match) iter.Seq2[finding.Match, error] {
	return func(yield func(finding.Match, error) bool) {
		for _, m := range all {
			if !yield(m, nil) {
				return
			}
		}
	}
}
