package app

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/tally"
)

// counting is the flags of the subcommand top.
type counting struct {
	reading
	where, by, distinct, output string
	n                           int
}

func newTop(s Streams) *cobra.Command {
	var f counting
	c := &cobra.Command{
		Use:   "top FIELD… PATH…",
		Short: "Count records by the values of fields",
		Long: strings.TrimSpace(`
Counts records by the values of one or several fields, the most frequent first. What names an existing file or folder, a
glob or - is a path; what stands before it are fields (see: gatehouse formats FORMAT).

The condition of --where is CEL (https://cel.dev) over the same fields, with underscores for hyphens. Where a record does not
have a field that decides it, it does not hold; has(FIELD) says whether the field is there.`),
		Example: strings.Trim(`
  gatehouse top c-ip --where 'sc_status == 404' access.log
  gatehouse top c-ip cs-uri-stem --where 'sc_status >= 500' -n 20 access.log
  gatehouse top eventName --where 'errorCode == "AccessDenied"' AWSLogs
  gatehouse top action --by 1h auth.log
  gatehouse top src_ip --distinct user --where 'action == "failed_password"' auth.log
`, "\n"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return fieldNames(), cobra.ShellCompDirectiveDefault
		},
	}
	f.flags(c)
	fl := c.Flags()
	fl.StringVar(&f.where, "where", "", "count only records for which this `expression` holds")
	fl.StringVar(&f.by, "by", "", "count by time as well, in buckets of this `width`: 10m, 1h, 1d")
	fl.StringVar(&f.distinct, "distinct", "", "count the different values of this `field` instead of records")
	fl.IntVarP(&f.n, "number", "n", 10, "show this `number` of rows, with --by of each bucket; 0 for all")
	must(c.RegisterFlagCompletionFunc("distinct", cobra.FixedCompletions(fieldNames(), cobra.ShellCompDirectiveNoFileComp)))
	outputs := outputFlag(c, &f.output, "table", "json", "csv")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := outputs.check(f.output); err != nil {
			return err
		}
		return f.run(c.Context(), s, args)
	}
	return c
}

// fieldNames are the names of the fields of all formats.
func fieldNames() []string {
	var names []string
	for _, f := range builtin.Formats() {
		for _, field := range f.Info().Fields {
			names = append(names, field.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// splitArgs tells fields from paths: the paths begin at the first argument that names something to read.
func splitArgs(args []string) (fields, paths []string) {
	for i, a := range args {
		_, err := os.Stat(a)
		if a == "-" || err == nil || strings.ContainsAny(a, "*?[/") {
			return args[:i], args[i:]
		}
	}
	return args, nil
}

func (f *counting) run(ctx context.Context, s Streams, args []string) error {
	fields, paths := splitArgs(args)
	if len(paths) == 0 {
		if len(fields) > 0 {
			return hinted("gatehouse top FIELD… PATH…; check the spelling of the path", "nothing to read: %s names no file", fields[len(fields)-1])
		}
		return hinted("for example: gatehouse top c-ip access.log", "name fields, and the logs to count in")
	}
	in, err := f.config()
	if err != nil {
		return err
	}
	if f.n < 0 {
		return hinted("give a number of rows, or 0 for all", "--number %d", f.n)
	}
	cfg := tally.Config{Fields: fields, Where: f.where, Distinct: f.distinct}
	if f.by != "" {
		width, ok := ago(f.by)
		if !ok || width <= 0 {
			return hinted("write 10m, 1h or 1d", "--by %s: not a width of time", f.by)
		}
		cfg.By = width
	}
	if len(fields) == 0 && cfg.By == 0 && f.distinct == "" && f.where == "" {
		return hinted("for example: gatehouse top c-ip access.log; the fields of a format: gatehouse formats FORMAT", "name a field to count by")
	}
	if cfg.Since, cfg.Until, err = f.span(time.Now(), in.Zone); err != nil {
		return err
	}
	src, err := logs(paths, s.In)
	if err != nil {
		return err
	}
	stop := watch(ctx, s, src, &in)
	cfg.Ingest = in
	res, err := tally.Run(ctx, cfg, src)
	stop()
	if err != nil {
		return explain(err, f.where)
	}
	return f.write(s, cfg, res)
}

// explain adds what to do about an error of a count.
func explain(err error, condition string) error {
	var u *tally.UnknownFieldError
	switch {
	case errors.As(err, &u):
	case condition != "":
		return hinted(`texts stand in quotes and numbers do not, like user == "root" && sc_status == 404; int(FIELD) makes a number of a text`, "%w", err)
	default:
		return hinted("see: gatehouse top --help", "%w", err)
	}
	hint := "its fields: gatehouse formats " + u.Format
	if slices.Contains(u.Known, u.Field) {
		return hinted("write its hyphens as underscores: "+strings.ReplaceAll(u.Field, "-", "_"), "--where: CEL reads %s as a subtraction", u.Field)
	}
	names := append([]string(nil), u.Known...)
	for _, k := range u.Known {
		names = append(names, strings.ReplaceAll(k, "-", "_"))
	}
	if near := nearest(u.Field, names); near != "" {
		hint = fmt.Sprintf("did you mean %s? All of them: gatehouse formats %s", near, u.Format)
	}
	return hinted(hint, "%w", err)
}

func (f *counting) write(s Streams, cfg tally.Config, res *tally.Result) error {
	rows := f.cut(res.Rows)
	var err error
	switch f.output {
	case "json":
		err = f.json(s.Out, cfg, rows)
	case "csv":
		err = f.csv(s.Out, cfg, rows)
	default:
		err = f.table(s.Out, cfg, rows)
	}
	if err != nil {
		return err
	}
	problems(s.Err, unread(res.Read))
	if len(rows) == 0 && len(res.Read.Units) > 0 {
		io.WriteString(s.Err, "gatehouse: no record fits\n") //nolint:errcheck // likewise
	}
	for _, e := range res.Lacking {
		fmt.Fprintf(s.Err, "gatehouse: %v: %d of the files are left out\n", e, res.Read.Formats[e.Format]) //nolint:errcheck // there is nowhere else to say it
	}
	if res.Full {
		fmt.Fprintf(s.Err, "gatehouse: more than %d different values; the counts are of those that came first\n", tally.MaxKeys) //nolint:errcheck // likewise
	}
	if len(res.Read.Units) == 0 {
		return &statusError{exitFailed, errors.New("nothing could be read")}
	}
	return nil
}

// cut keeps the first n rows, of each bucket where counted by time.
func (f *counting) cut(rows []tally.Row) []tally.Row {
	if f.n <= 0 {
		return rows
	}
	var out []tally.Row
	n := 0
	for i, r := range rows {
		if i == 0 || !r.Time.Equal(rows[i-1].Time) {
			n = 0
		}
		if n++; n <= f.n {
			out = append(out, r)
		}
	}
	return out
}

func (f *counting) table(w io.Writer, cfg tally.Config, rows []tally.Row) error {
	count, widths := 0, make([]int, len(cfg.Fields))
	for _, r := range rows {
		count = max(count, len(strconv.FormatInt(r.Count, 10)))
		for i, v := range r.Values {
			widths[i] = min(max(widths[i], ansi.StringWidth(visible(v))), widest)
		}
	}
	var out strings.Builder
	for _, r := range rows {
		line := []string{fmt.Sprintf("%*d", count+2, r.Count)}
		if cfg.By > 0 {
			layout := "2006-01-02 15:04"
			if cfg.By%(24*time.Hour) == 0 {
				layout = time.DateOnly
			}
			line = append(line, r.Time.Format(layout))
		}
		for i, v := range r.Values {
			v = visible(v)
			line = append(line, v+strings.Repeat(" ", max(widths[i]-ansi.StringWidth(v), 0)))
		}
		out.WriteString(strings.TrimRight(strings.Join(line, "  "), " ") + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// widest is up to how many columns the values of a field are padded to.
const widest = 60

// visible shows control characters, which a log must not send to a terminal, and stands in for an empty value.
func visible(v string) string {
	if v == "" {
		return "-"
	}
	if strings.IndexFunc(v, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return v
	}
	q := strconv.Quote(v)
	return q[1 : len(q)-1]
}

func (f *counting) json(w io.Writer, cfg tally.Config, rows []tally.Row) error {
	out := []map[string]any{}
	for _, r := range rows {
		m := map[string]any{"count": r.Count}
		if cfg.By > 0 {
			m["time"] = r.Time
		}
		for i, name := range cfg.Fields {
			m[name] = strings.ToValidUTF8(r.Values[i], "\uFFFD")
		}
		out = append(out, m)
	}
	return writeJSON(w, out)
}

func (f *counting) csv(w io.Writer, cfg tally.Config, rows []tally.Row) error {
	cw := csv.NewWriter(w)
	head := []string{}
	if cfg.By > 0 {
		head = append(head, "time")
	}
	cw.Write(append(append(head, cfg.Fields...), "count")) //nolint:errcheck // Error tells
	for _, r := range rows {
		var line []string
		if cfg.By > 0 {
			line = append(line, r.Time.Format(time.RFC3339))
		}
		for _, v := range r.Values {
			if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) { // a spreadsheet would run it
				v = "'" + v
			}
			line = append(line, strings.ToValidUTF8(v, "\uFFFD"))
		}
		cw.Write(append(line, strconv.FormatInt(r.Count, 10))) //nolint:errcheck // Error tells
	}
	cw.Flush()
	return cw.Error()
}
