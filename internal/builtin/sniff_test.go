package builtin_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
)

// sample is a log whose format is known.
type sample struct {
	name, format string // the format's name without hyphens
	head         []byte
}

// samples are the test data of every format and the examples of every shipped rule.
func samples(t *testing.T) (out []sample) {
	t.Helper()
	logs, err := filepath.Glob("../logformat/*/testdata/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("no test data (%v)", err)
	}
	for _, name := range logs {
		head, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, sample{name, filepath.Base(filepath.Dir(filepath.Dir(name))), head})
	}
	b, err := rulebook.Load(t.Context(), builtin.Rules())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range b.Set.Rules {
		if b.Details[r] == nil {
			continue
		}
		examples, err := b.Details[r].Examples()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range examples {
			log, err := e.Lines()
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, sample{r.Title + ": " + e.Name, strings.ReplaceAll(e.Format, "-", ""), log[:min(len(log), 64<<10)]})
		}
	}
	return out
}

// TestSniff shows every format the logs of all: each log goes to its own format, and no other format is as sure of it.
func TestSniff(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t) {
		sniff(t, s)
	}
}

func sniff(t *testing.T, s sample) {
	t.Helper()
	best := ingest.Recognise(builtin.Formats(), s.head)
	if best == nil {
		t.Errorf("%s: nobody claims it", s.name)
		return
	}
	own := best.Sniff(s.head)
	for _, f := range builtin.Formats() {
		is := strings.ReplaceAll(f.Info().Name, "-", "") == s.format
		sure := f.Sniff(s.head)
		if is && f != best || !is && sure >= own {
			t.Errorf("%s: %s is %d sure, and %s is chosen with %d", s.name, f.Info().Name, sure, best.Info().Name, own)
		}
		if !is && sure >= 90 { // the reader asks the format of the last file first, and takes its word if it is certain
			t.Errorf("%s: %s is certain of it (%d)", s.name, f.Info().Name, sure)
		}
	}
}

// TestSniffShuffled shows every format the logs in JSON with their keys in another order, behind a record of no format.
func TestSniffShuffled(t *testing.T) {
	t.Parallel()
	formats := map[string]bool{}
	for _, s := range samples(t) {
		for seed := range uint64(3) {
			shuffled, ok := shuffle(s.head, rand.New(rand.NewPCG(seed, 1)))
			if !ok {
				break
			}
			formats[s.format] = true
			sniff(t, sample{s.name + ", shuffled", s.format, shuffled})
			odd := append([]byte(`{"note":"rotated","n":[1,{}]}`+"\n"), shuffled...)
			sniff(t, sample{s.name + ", behind another record", s.format, odd})
		}
	}
	if len(formats) < 10 {
		t.Errorf("only %d formats were shown: %v", len(formats), slices.Sorted(maps.Keys(formats)))
	}
}

// shuffle writes JSON values one to a line, with the keys of every object in a random order; false if the log is no JSON.
// Lines that are nearly JSON, as nginx writes them, are left out.
func shuffle(log []byte, r *rand.Rand) ([]byte, bool) {
	var out bytes.Buffer
	if projection.LooksLikeLines(log) {
		var valid [][]byte
		for line := range bytes.Lines(log) {
			if json.Valid(line) {
				valid = append(valid, line)
			}
		}
		log = bytes.Join(valid, nil)
	}
	dec := json.NewDecoder(bytes.NewReader(log))
	dec.UseNumber()
	for {
		var v any
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			return out.Bytes(), out.Len() > 0
		} else if err != nil {
			return nil, false
		}
		if _, ok := v.(object); !ok {
			return nil, false
		}
		write(&out, v, r)
		out.WriteByte('\n')
	}
}

func write(out *bytes.Buffer, v any, r *rand.Rand) {
	switch v := v.(type) {
	case object:
		keys := slices.Sorted(maps.Keys(v))
		r.Shuffle(len(keys), func(i, k int) { keys[i], keys[k] = keys[k], keys[i] })
		out.WriteByte('{')
		for i, k := range keys {
			if i > 0 {
				out.WriteByte(',')
			}
			fmt.Fprintf(out, "%s:", asText(k))
			write(out, v[k], r)
		}
		out.WriteByte('}')
	case []any:
		out.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			write(out, x, r)
		}
		out.WriteByte(']')
	default:
		fmt.Fprint(out, asText(v))
	}
}

// TestSniffCorpus recognises logs that others wrote.
func TestSniffCorpus(t *testing.T) {
	t.Parallel()
	const corpus = "../../../shared/corpus/logs/"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("corpus/logs is absent")
	}
	for name, want := range map[string]string{
		"elastic/apache_combined_10k.log":                  "access",
		"elastic/auth_7k.log":                              "linux-auth",
		"loghub/Apache_2k.log":                             "apache-error",
		"loghub/Linux_2k.log":                              "linux-auth",
		"loghub/OpenSSH_2k.log":                            "linux-auth",
		"stratus/aws.defense-evasion.dns-delete-logs.json": "cloudtrail",
		"loghub/README.md":                                 "",
		"loghub/Linux_2k.log_structured.csv":               "",
		"loghub/OpenSSH_2k.log_structured.csv":             "",
		"loghub/Apache_2k.log_structured.csv":              "",
	} {
		head, err := os.ReadFile(corpus + name)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if f := ingest.Recognise(builtin.Formats(), head[:min(len(head), 64<<10)]); f != nil {
			got = f.Info().Name
		}
		if got != want {
			t.Errorf("%s: taken for %q, want %q", name, got, want)
		}
	}
}

// TestEveryFormatIsFuzzed: a format reads foreign bytes.
func TestEveryFormatIsFuzzed(t *testing.T) {
	t.Parallel()
	for _, f := range builtin.Formats() {
		pkg := reflect.TypeOf(f).PkgPath()
		tests, err := filepath.Glob(filepath.Join("..", "logformat", path.Base(pkg), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		fuzzed := slices.ContainsFunc(tests, func(name string) bool {
			text, err := os.ReadFile(name)
			return err == nil && strings.Contains(string(text), "logformattest.Fuzz(f, ")
		})
		if !fuzzed {
			t.Errorf("format %s has no fuzz target", f.Info().Name)
		}
	}
}
