package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/report"
	"github.com/gatehouse-sec/gatehouse/internal/source/file"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// reading is the flags of every command that reads logs.
type reading struct {
	format       string
	since, until string
	workers      int
	zone         string
}

func (r *reading) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&r.format, "format", "", "read every file as this `format` instead of recognising it (see: gatehouse formats)")
	f.StringVar(&r.since, "since", "", "only events from this `time` on: 2026-03-02, 2026-03-02T10:00:00Z, 24h, 7d")
	f.StringVar(&r.until, "until", "", "only events before this `time`")
	f.StringVar(&r.zone, "timezone", "UTC", "the time `zone` of times that name none, like Europe/Zurich")
	f.IntVar(&r.workers, "workers", 0, "use this `number` of cores; 0 for all")
	must(c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp)))
}

// must is for errors that only a mistake in this program can cause, which any run of it would show.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func formatNames() []string {
	var names []string
	for _, f := range builtin.Formats() {
		names = append(names, f.Info().Name)
	}
	slices.Sort(names)
	return names
}

// config turns the flags into what package ingest takes.
func (r *reading) config() (ingest.Config, error) {
	cfg := ingest.Config{Formats: builtin.Formats(), Workers: r.workers}
	if r.workers < 0 {
		return cfg, hinted("give a number of cores, or leave it out for all", "--workers %d", r.workers)
	}
	if r.format != "" {
		f, err := formatNamed(r.format)
		if err != nil {
			return cfg, err
		}
		cfg.Force = f
	}
	zone, err := time.LoadLocation(r.zone)
	if err != nil {
		return cfg, hinted("use a name of the tz database, like Europe/Zurich or UTC", "--timezone %s: no such time zone", r.zone)
	}
	cfg.Zone = zone
	return cfg, nil
}

func formatNamed(name string) (logformat.Format, error) {
	for _, f := range builtin.Formats() {
		if f.Info().Name == name {
			return f, nil
		}
	}
	hint := "see: gatehouse formats"
	if near := nearest(name, formatNames()); near != "" {
		hint = fmt.Sprintf("did you mean %s? All of them: gatehouse formats", near)
	}
	return nil, hinted(hint, "%s: no such log format", name)
}

// span returns the times of --since and --until.
func (r *reading) span(now time.Time, zone *time.Location) (since, until time.Time, err error) {
	if since, err = when(r.since, now, zone); err != nil {
		return since, until, hinted(whenHint, "--since %s: %w", r.since, err)
	}
	if until, err = when(r.until, now, zone); err != nil {
		return since, until, hinted(whenHint, "--until %s: %w", r.until, err)
	}
	if !since.IsZero() && !until.IsZero() && !since.Before(until) {
		return since, until, hinted("exchange the two", "--since %s is not before --until %s", r.since, r.until)
	}
	return since, until, nil
}

const whenHint = "write a date (2026-03-02), a time (2026-03-02T10:00:00Z, '2026-03-02 10:00'), or how long ago (90m, 24h, 7d, 2w)"

// when reads an absolute time or how long ago something was.
func when(text string, now time.Time, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	if text == "now" {
		return now, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	if ago, ok := ago(strings.TrimPrefix(text, "-")); ok {
		return now.Add(-ago), nil
	}
	if ns, ok := timestamp.Epoch([]byte(text)); ok && len(text) >= 9 {
		return time.Unix(0, ns).UTC(), nil
	}
	return time.Time{}, errors.New("not a time")
}

// ago reads 90m, 1h30m, 7d, 2w.
func ago(text string) (time.Duration, bool) {
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, true
	}
	for suffix, unit := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if n, ok := strings.CutSuffix(text, suffix); ok {
			var count int
			if _, err := fmt.Sscanf(n+";", "%d;", &count); err == nil && count >= 0 && count < 100_000 {
				return time.Duration(count) * unit, true
			}
		}
	}
	return 0, false
}

// logs returns the source that the arguments name, and the bytes it holds where that is known.
func logs(paths []string, in io.Reader) (*file.Source, error) {
	for _, p := range paths {
		if p == "-" || strings.ContainsAny(p, "*?[") {
			continue
		}
		if _, err := os.Stat(p); err != nil {
			return nil, hinted("check the spelling; folders, globs and - for standard input will do too", "%s: %w", p, unwrapPath(err))
		}
	}
	return &file.Source{Paths: paths, Stdin: in}, nil
}

// watch shows progress on a terminal while a command reads.
func watch(ctx context.Context, s Streams, src *file.Source, cfg *ingest.Config) (stop func()) {
	width, ok := terminal(s.Err)
	if !ok {
		return func() {}
	}
	var total int64
	for item, err := range src.Items(ctx) {
		if err != nil { // the reader will say so
			continue
		}
		if item.Size < 0 {
			total = 0
			break
		}
		total += item.Size
	}
	p := report.NewProgress(s.Err, width, total)
	cfg.Read, cfg.Opened = p.Add, func(name string) { p.File(filepath.Base(name)) }
	return p.Stop
}

func unwrapPath(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err
	}
	return err
}

// nearest returns the one of some names that a word was probably meant to be, "" if none is near.
func nearest(word string, names []string) string {
	best, distance := "", max((len(word)+1)/3, 1)+1
	for _, n := range names {
		if d := editDistance(word, n); d < distance {
			best, distance = n, d
		}
	}
	return best
}

// editDistance counts the insertions, deletions, replacements and exchanges of neighbours between two words (optimal string
// alignment).
func editDistance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := last[j]
			if a[i] != b[j] {
				cost = min(cost, last[j+1], row[j]) + 1
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				cost = min(cost, before[j-1]+1)
			}
			row[j+1] = cost
		}
		before, last = last, row
	}
	return last[len(b)]
}
