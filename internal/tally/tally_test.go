package tally_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/access"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/linuxauth"
	"github.com/gatehouse-sec/gatehouse/internal/source"
	"github.com/gatehouse-sec/gatehouse/internal/tally"
)

// texts are files in memory, one for each text.
type texts []string

var _ source.Source = texts(nil)

// Items yields the files.
func (ts texts) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		for i, text := range ts {
			open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
			if !yield(source.Item{Name: fmt.Sprint(i), Size: int64(len(text)), Open: open}, nil) {
				return
			}
		}
	}
}

// request is a line of an access log; user is "" where nobody signed in.
type request struct {
	at           time.Time
	ip, user, to string
	status       int
}

func (r request) line() string {
	return fmt.Sprintf("%s - %s [%s] \"GET %s HTTP/1.1\" %d 5 \"-\" \"x\"\n", r.ip, cmp.Or(r.user, "-"), r.at.Format("02/Jan/2006:15:04:05 -0700"), r.to, r.status)
}

func requests(n int) []request {
	r := rand.New(rand.NewPCG(3, 3))
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	var out []request
	for i := range n {
		out = append(out, request{
			at: start.Add(time.Duration(i*7) * time.Second), ip: fmt.Sprintf("192.0.2.%d", r.IntN(5)), to: fmt.Sprintf("/%c", 'a'+r.IntN(4)),
			user: []string{"", "ann", "bob"}[r.IntN(3)], status: []int{200, 404, 500}[r.IntN(3)],
		})
	}
	return out
}

func run(t *testing.T, cfg tally.Config, files ...string) (*tally.Result, error) {
	t.Helper()
	cfg.Ingest.Formats = []logformat.Format{access.Format{}, linuxauth.Format{}}
	return tally.Run(t.Context(), cfg, texts(files))
}

// shown writes rows as lines.
func shown(rows []tally.Row) []string {
	var out []string
	for _, r := range rows {
		line := fmt.Sprint(r.Count, " ", strings.Join(r.Values, " "))
		if !r.Time.IsZero() {
			line = r.Time.Format(time.TimeOnly) + " " + line
		}
		out = append(out, strings.TrimSpace(line))
	}
	return out
}

// TestCounts compares every way to count with loops over maps, however the lines are spread over files, chunks and workers.
func TestCounts(t *testing.T) {
	t.Parallel()
	all := requests(2000)
	for _, c := range []struct {
		name string
		cfg  tally.Config
		key  func(r request) string // "" is not counted
		of   func(r request) string // with Distinct
	}{
		{name: "one field", cfg: tally.Config{Fields: []string{"c-ip"}}, key: func(r request) string { return r.ip }},
		{name: "by its CEL name", cfg: tally.Config{Fields: []string{"c_ip"}}, key: func(r request) string { return r.ip }},
		{name: "two fields", cfg: tally.Config{Fields: []string{"c-ip", "cs-uri-stem"}}, key: func(r request) string { return r.ip + " " + r.to }},
		{name: "a field that may be absent", cfg: tally.Config{Fields: []string{"cs-username"}}, key: func(r request) string { return r.user }},
		{name: "where", cfg: tally.Config{Fields: []string{"c-ip"}, Where: "sc_status >= 400 && cs_uri_stem != '/a'"}, key: func(r request) string {
			if r.status >= 400 && r.to != "/a" {
				return r.ip
			}
			return ""
		}},
		{name: "where a field is absent", cfg: tally.Config{Fields: []string{"c-ip"}, Where: "!has(cs_username)"}, key: func(r request) string {
			if r.user == "" {
				return r.ip
			}
			return ""
		}},
		{name: "an absent field equals nothing and differs from nothing", cfg: tally.Config{Fields: []string{"c-ip"}, Where: "cs_username != 'ann'"}, key: func(r request) string {
			if r.user == "bob" {
				return r.ip
			}
			return ""
		}},
		{name: "where, over a list", cfg: tally.Config{Fields: []string{"c-ip"}, Where: "['a', 'c'].exists(x, cs_uri_stem == '/' + x) && [404, 500].all(y, y != sc_status)"}, key: func(r request) string {
			if r.status == 200 && (r.to == "/a" || r.to == "/c") {
				return r.ip
			}
			return ""
		}},
		{name: "distinct values", cfg: tally.Config{Fields: []string{"c-ip"}, Distinct: "cs-uri-stem", Where: "sc_status == 404"}, key: func(r request) string {
			if r.status == 404 {
				return r.ip
			}
			return ""
		}, of: func(r request) string { return r.to }},
		{name: "by time", cfg: tally.Config{Fields: []string{"sc-status"}, By: time.Hour}, key: func(r request) string {
			return r.at.Truncate(time.Hour).Format(time.TimeOnly) + "|" + fmt.Sprint(r.status)
		}},
		{name: "since and until", cfg: tally.Config{Fields: []string{"c-ip"}, Since: all[500].at, Until: all[700].at}, key: func(r request) string {
			if r.at.Before(all[500].at) || !r.at.Before(all[700].at) {
				return ""
			}
			return r.ip
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := naive(all, c.key, c.of)
			for files := 1; files <= 4; files++ {
				parts := make([]strings.Builder, files)
				for i, r := range all {
					parts[(i*i)%files].WriteString(r.line())
				}
				var in []string
				for i := range parts {
					in = append(in, parts[i].String())
				}
				cfg := c.cfg
				cfg.Ingest = ingest.Config{Workers: files, Chunk: 128 << files}
				res, err := run(t, cfg, in...)
				if err != nil {
					t.Fatal(err)
				}
				if diff := gocmp.Diff(want, shown(res.Rows)); diff != "" {
					t.Errorf("%d files: %s", files, diff)
				}
			}
		})
	}
}

// naive counts with maps: the most frequent first within a time, then by the key.
func naive(all []request, key, of func(request) string) []string {
	type row struct {
		time, key string
		n         int
	}
	counts, seen := map[string]int{}, map[string]bool{}
	for _, r := range all {
		k := key(r)
		if k == "" {
			continue
		}
		if of != nil {
			if seen[k+" "+of(r)] {
				continue
			}
			seen[k+" "+of(r)] = true
		}
		counts[k]++
	}
	var rows []row
	for k, n := range counts {
		r := row{key: k, n: n}
		if at, rest, ok := strings.Cut(k, "|"); ok {
			r.time, r.key = at, rest
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(b.n, a.n), cmp.Compare(a.key, b.key))
	})
	var out []string
	for _, r := range rows {
		out = append(out, strings.TrimSpace(fmt.Sprint(r.time, " ", r.n, " ", r.key)))
	}
	return out
}

const authLine = "2026-03-02T10:00:00Z web1 sshd[1]: Accepted password for ann from 192.0.2.1 port 22 ssh2\n"

// TestUnknownFields: a format that lacks a field is left out and said to be; where all do, that is the error.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	web := requests(1)[0].line()
	res, err := run(t, tally.Config{Fields: []string{"user"}}, web, authLine)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]string{"1 ann"}, shown(res.Rows)); diff != "" || len(res.Lacking) != 1 || res.Lacking[0].Format != "access" {
		t.Errorf("%s, lacking %v", diff, res.Lacking)
	}
	for _, cfg := range []tally.Config{
		{Fields: []string{"nosuch"}},
		{Fields: []string{"c-ip"}, Distinct: "nosuch"},
		{Fields: []string{"c-ip"}, Where: "nosuch == 1"},
		{Fields: []string{"c-ip"}, Where: "has(nosuch)"},
		{Fields: []string{"c-ip"}, Where: "[1].exists(x, x == nosuch)"},
	} {
		_, err := run(t, cfg, web)
		var unknown *tally.UnknownFieldError
		if !errors.As(err, &unknown) || unknown.Field != "nosuch" || unknown.Format != "access" || !slices.Contains(unknown.Known, "sc-status") {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	var unknown *tally.UnknownFieldError
	if _, err := run(t, tally.Config{Fields: []string{"c-ip"}, Where: "sc-status == 404"}, web); !errors.As(err, &unknown) || unknown.Field != "sc-status" {
		t.Errorf("a hyphen: %v", err)
	}
}

// TestWhereErrors: what is no condition is said to be none, with the types.
func TestWhereErrors(t *testing.T) {
	t.Parallel()
	for where, want := range map[string]string{
		"sc_status":           "true or false",
		"sc_status == '404'":  "sc_status is of type integer",
		"sc_status ==":        "at character 13",
		"has(1)":              "has takes the name of a field",
		"c_ip.matches('[')":   "error parsing regexp",
		"sc_status.size() > ": "Syntax error",
	} {
		_, err := run(t, tally.Config{Fields: []string{"c-ip"}, Where: where}, requests(1)[0].line())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", where, err, want)
		}
	}
}

// FuzzWhere: no condition panics or runs away, none holds together with its opposite, and brackets change nothing.
func FuzzWhere(f *testing.F) {
	for _, seed := range []string{
		"sc_status == 404", "has(cs_username)", "['a'].exists(x, c_ip.contains(x))", "c_ip.matches('^1+')", "sc_bytes / (sc_status - 200) > 1",
		"[1,2].map(x, x * sc_status).size() == 2", "time > '2026'", "sc-status == 404",
	} {
		f.Add(seed)
	}
	var log bytes.Buffer
	for _, r := range requests(20) {
		log.WriteString(r.line())
	}
	f.Fuzz(func(t *testing.T, where string) {
		if len(where) > 200 {
			t.Skip("long conditions only take longer")
		}
		plain, err := run(t, tally.Config{Where: where}, log.String())
		if where == "" || err != nil {
			return
		}
		bracketed, err1 := run(t, tally.Config{Where: "(" + where + "\n)"}, log.String())
		opposite, err2 := run(t, tally.Config{Where: "!(" + where + "\n)"}, log.String())
		if err1 != nil || err2 != nil {
			t.Fatalf("%q: %v, %v", where, err1, err2)
		}
		if plain.Records != bracketed.Records || plain.Records+opposite.Records > 20 {
			t.Fatalf("%q: %d, in brackets %d, its opposite %d of 20", where, plain.Records, bracketed.Records, opposite.Records)
		}
	})
}
