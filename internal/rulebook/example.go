package rulebook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/source"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// Example is events that a rule must match, or must not.
type Example struct {
	Name   string `yaml:"name"`
	Match  bool   `yaml:"match"`
	Format string `yaml:"format"`
	Events []Step `yaml:"events"`
}

// Step is one event of an example, or several like it.
type Step struct {
	JSON   any      `yaml:"json"` // the record as a map
	Line   string   `yaml:"line"` // the record as a line of text
	Repeat int      `yaml:"repeat"`
	Every  Duration `yaml:"every"` // between repetitions, 1s by default
	After  Duration `yaml:"after"` // before the step, 1s by default
}

// Duration is a time.Duration that is written like one.
type Duration time.Duration

// UnmarshalText reads "90s".
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// exampleStart is the time of an example's first event.
var exampleStart = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// maxRepeat bounds what one step can make.
const maxRepeat = 100_000

// Lines returns the example's events as the lines of a log.
func (e *Example) Lines() ([]byte, error) {
	var out bytes.Buffer
	at := exampleStart
	for i, s := range e.Events {
		if i > 0 {
			at = at.Add(orSecond(s.After))
		}
		if s.Repeat > maxRepeat {
			return nil, fmt.Errorf("event %d: repeats %d times, at most %d make sense", i+1, s.Repeat, maxRepeat)
		}
		for n := range max(s.Repeat, 1) {
			if n > 0 {
				at = at.Add(orSecond(s.Every))
			}
			line, err := s.line(n+1, at)
			if err != nil {
				return nil, fmt.Errorf("event %d: %w", i+1, err)
			}
			out.WriteString(line)
			out.WriteByte('\n')
		}
	}
	return out.Bytes(), nil
}

func orSecond(d Duration) time.Duration {
	if d == 0 {
		return time.Second
	}
	return time.Duration(d)
}

func (s *Step) line(n int, at time.Time) (string, error) {
	text := s.Line
	if s.JSON != nil {
		if text != "" {
			return "", errors.New("has both json and line")
		}
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s.JSON); err != nil {
			return "", err
		}
		text = strings.TrimSuffix(buf.String(), "\n")
	}
	if text == "" {
		return "", errors.New("has neither json nor line")
	}
	return strings.NewReplacer(
		"{n}", strconv.Itoa(n),
		"{rfc3339}", at.Format("2006-01-02T15:04:05Z"),
		"{clf}", at.Format("02/Jan/2006:15:04:05 -0700"),
		"{syslog}", at.Format(time.Stamp),
		"{rfc5424}", at.Format("2006-01-02T15:04:05.000000Z"),
		"{date}", at.Format(time.DateOnly),
		"{time}", at.Format(time.TimeOnly),
		"{unix}", strconv.FormatInt(at.Unix(), 10),
		"{unixms}", strconv.FormatInt(at.UnixMilli(), 10),
	).Replace(text), nil
}

// ExampleError is an example that a rule did not live up to.
type ExampleError struct {
	Rule    *sigma.Rule
	Example string
	Err     error
}

func (e *ExampleError) Error() string {
	return fmt.Sprintf("%s:%d: %s: example %q: %v", e.Rule.File, e.Rule.Line, e.Rule.Title, e.Example, e.Err)
}

func (e *ExampleError) Unwrap() error { return e.Err }

// Test runs the examples of every rule that has any, and returns how many examples ran.
func (b *Book) Test(ctx context.Context, formats []logformat.Format) (ran int, failures []*ExampleError, err error) {
	for _, r := range b.Set.Rules {
		d := b.Details[r]
		if d == nil {
			continue
		}
		only := b.Set.Only(r)
		examples, err := d.Examples()
		if err != nil {
			ran++
			failures = append(failures, &ExampleError{Rule: r, Err: err})
		}
		for i := range examples {
			e := &examples[i]
			ran++
			if err := e.check(ctx, formats, only, r); err != nil {
				if ctx.Err() != nil {
					return ran, failures, ctx.Err()
				}
				failures = append(failures, &ExampleError{Rule: r, Example: e.Name, Err: err})
			}
		}
	}
	return ran, failures, nil
}

func (e *Example) check(ctx context.Context, formats []logformat.Format, rules *sigma.RuleSet, r *sigma.Rule) error {
	i := slices.IndexFunc(formats, func(f logformat.Format) bool { return f.Info().Name == e.Format })
	if i < 0 {
		return fmt.Errorf("there is no log format %q", e.Format)
	}
	data, err := e.Lines()
	if err != nil {
		return err
	}
	res, err := detect.Run(ctx, detect.Config{
		Rules:  rules,
		Ingest: ingest.Config{Formats: formats, Force: formats[i], Workers: 1},
	}, exampleSource(data))
	if err != nil {
		return err
	}
	for _, f := range res.Summary.Errors {
		return fmt.Errorf("the events do not decode: %s", f.Error)
	}
	if res.Summary.Events == 0 {
		return errors.New("the events hold no record")
	}
	found := 0
	for _, f := range res.Findings {
		if f.Rule.Title == r.Title {
			found++
		}
	}
	switch {
	case e.Match && found == 0:
		return errors.New("does not match and should")
	case !e.Match && found > 0:
		return errors.New("matches and should not")
	}
	return nil
}

// exampleSource is an example's events as a source.
type exampleSource []byte

var _ source.Source = exampleSource(nil)

func (s exampleSource) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		yield(source.Item{
			Name: "example", Size: int64(len(s)), ModTime: exampleStart.AddDate(0, 0, 30),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(s)), nil },
		}, nil)
	}
}
