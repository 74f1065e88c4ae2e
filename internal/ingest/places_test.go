package ingest_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/cloudtrail"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/jsonlines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/linuxauth"
	"github.com/gatehouse-sec/gatehouse/internal/source"
)

// files are items in memory by name. An item whose name begins with "once" can be read one time only.
type files map[string]string

var _ source.Source = files(nil)

// Items yields the files in the order of their names.
func (fs files) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		var names []string
		for name := range fs {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			opened := false
			it := source.Item{Name: name, Size: int64(len(fs[name])), Once: strings.HasPrefix(name, "once")}
			it.Open = func() (io.ReadCloser, error) {
				if opened && it.Once {
					return nil, errors.New("read a second time")
				}
				opened = true
				return io.NopCloser(strings.NewReader(fs[name])), nil
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

// seen is a record and where it stood.
type seen struct {
	File string
	Pos  int64
	Line int
	Raw  string
}

// collector is a job that keeps every record.
type collector struct {
	mu  sync.Mutex
	all []seen
	ids []uint32
}

func (c *collector) Plan(logformat.Format) (*logformat.Plan, error) { return logformat.NewPlan(), nil }
func (c *collector) Worker() ingest.Worker                          { return c }

func (c *collector) Record(at *ingest.Place, rec *event.Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, seen{at.Unit.Name, at.Pos, at.Line(rec), string(rec.Raw)})
	c.ids = append(c.ids, at.Unit.ID)
}

func formats() []logformat.Format {
	return []logformat.Format{cloudtrail.Format{}, linuxauth.Format{}, jsonlines.Format{}}
}

func run(t *testing.T, cfg ingest.Config, src source.Source) (*collector, *ingest.Result) {
	t.Helper()
	if cfg.Formats == nil {
		cfg.Formats = formats()
	}
	c := &collector{}
	res, err := ingest.Run(t.Context(), cfg, src, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, res
}

// sorted returns what was seen, by file and place.
func (c *collector) sorted() []seen {
	out := slices.Clone(c.all)
	slices.SortFunc(out, func(a, b seen) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return int(a.Pos - b.Pos)
	})
	return out
}

func authLine(i int) string {
	return fmt.Sprintf("2026-03-02T10:00:%02dZ web1 sshd[%d]: Accepted password for u%d from 192.0.2.1 port 22 ssh2%s", i%60, i, i, strings.Repeat("!", i%97))
}

func trailEvent(i int) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","eventTime":"2026-03-02T10:00:%02dZ","eventSource":"s3.amazonaws.com","eventName":"E%d","userIdentity":{"type":"Root"}}`, i%60, i)
}

// expected is what a log of one record a line holds.
func expected(name string, lines []string) (text string, out []seen) {
	for i, l := range lines {
		if l != "" {
			out = append(out, seen{name, int64(len(text)), i + 1, l})
		}
		text += l + "\n"
	}
	return text, out
}

func lineLog(name string, n int) (text string, out []seen) {
	var lines []string
	for i := range n {
		lines = append(lines, authLine(i))
	}
	return expected(name, lines)
}

// streamLog is one JSON document of many records, spread over lines.
func streamLog(n int) string {
	var b strings.Builder
	b.WriteString("{\"Records\":[\n")
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.WriteString(trailEvent(i))
	}
	b.WriteString("\n]}\n")
	return b.String()
}

// TestPlaces: whatever the chunks and the workers, each record comes once, with its text, its line and its offset.
func TestPlaces(t *testing.T) {
	t.Parallel()
	a, wantA := lineLog("a.log", 1000)
	b, wantB := lineLog("b.log", 3)
	b = strings.TrimSuffix(b, "\n")
	stream := streamLog(300)
	for _, workers := range []int{1, 2, 5} {
		for _, chunk := range []int{200, 1000, 4096, 1 << 20} {
			c, res := run(t, ingest.Config{Workers: workers, Chunk: chunk}, files{"a.log": a, "b.log": b, "empty.log": "", "s.json": stream})
			got := c.sorted()
			if diff := cmp.Diff(slices.Concat(wantA, wantB), got[:min(len(got), 1003)]); diff != "" {
				t.Fatalf("%d workers, chunks of %d: %s", workers, chunk, diff)
			}
			if len(got) != 1303 || res.Records != 1303 || res.Bad != 0 || len(res.Errors) > 0 || len(res.Units) != 3 {
				t.Fatalf("%d workers, chunks of %d: %d records, %+v", workers, chunk, len(got), res.Errors)
			}
			for i, s := range got[1003:] {
				if s.Line != i+2 || s.Raw != trailEvent(i) {
					t.Fatalf("%d workers, chunks of %d: record %d stands in line %d: %s", workers, chunk, i, s.Line, s.Raw)
				}
			}
			if res.Bytes != int64(len(a)+len(b)+len(stream)) {
				t.Errorf("%d bytes were read, %d are there", res.Bytes, len(a)+len(b)+len(stream))
			}
		}
	}
}

func pack(t *testing.T, members map[string]string) string {
	t.Helper()
	var buf bytes.Buffer
	gz := gzip.NewWriter(&buf)
	w := tar.NewWriter(gz)
	for name, text := range members {
		err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600})
		_, err2 := w.Write([]byte(text))
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// TestAgain reads single records a second time: out of files, archives, one JSON document, and what can be read only once.
func TestAgain(t *testing.T) {
	t.Parallel()
	a, _ := lineLog("a.log", 1000)
	src := files{
		"a.log": a, "s.json": streamLog(300), "once.log": a, "x.tgz": pack(t, map[string]string{"m.log": a, "n.json": streamLog(50)}),
		"once.tgz": pack(t, map[string]string{"m.log": a}),
	}
	for _, chunk := range []int{300, 1 << 20} {
		c, res := run(t, ingest.Config{Workers: 3, Chunk: chunk, KeepOnce: true}, src)
		wanted := map[uint32][]int64{}
		want := map[seen]bool{}
		for i, s := range c.all {
			if i%7 == 0 {
				wanted[c.ids[i]] = append(wanted[c.ids[i]], s.Pos)
				want[s] = true
			}
		}
		err := res.Again(t.Context(), wanted, func(at *ingest.Place, rec *event.Record) {
			s := seen{at.Unit.Name, at.Pos, at.Line(rec), string(rec.Raw)}
			if !want[s] {
				t.Errorf("chunks of %d: not wanted: %+v", chunk, s)
			}
			delete(want, s)
		}, func(u *ingest.Unit, err error) { t.Errorf("%s: %v", u.Name, err) })
		if err != nil || len(want) > 0 {
			t.Errorf("chunks of %d: %d records did not come again, %v", chunk, len(want), err)
		}
	}
}

// TestKeptFilesGo: what was put aside is removed by Close.
func TestKeptFilesGo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a, _ := lineLog("a.log", 10)
	_, res := run(t, ingest.Config{KeepOnce: true}, files{"once.log": a})
	left := func() int {
		entries, err := os.ReadDir(os.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	if left() != 1 {
		t.Errorf("%d files were put aside", left())
	}
	if err := res.Close(); err != nil || left() != 0 {
		t.Errorf("%d files are left, %v", left(), err)
	}
}

// TestDamage: bad lines cost themselves, one of a size that no record has costs itself too, and the first is named with how
// many there are, whatever the chunks and the workers.
func TestDamage(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 200 {
		lines = append(lines, trailEvent(i))
	}
	lines[41], lines[99], lines[150] = `{"eventVersion": broken`, "\x00\xff\xfe", "\xff\xff\xff\xff\xff\xff"
	lines[170] = `{"eventVersion":"` + strings.Repeat("x", ingest.MaxRecord) + `"}`
	text := strings.Join(lines, "\n") + "\n"
	for _, cfg := range []ingest.Config{{Workers: 1}, {Workers: 4, Chunk: 512}} {
		c, res := run(t, cfg, files{"a.json": text})
		if len(c.all) != 196 || res.Bad != 4 || len(res.Errors) != 1 {
			t.Fatalf("%d records, %d bad, %d errors", len(c.all), res.Bad, len(res.Errors))
		}
		if e := res.Errors[0]; e.Line != 42 || e.Count != 4 || e.Name != "a.json" {
			t.Errorf("%s:%d: %d: %v", e.Name, e.Line, e.Count, e.Err)
		}
		for _, s := range c.all {
			if want := lines[s.Line-1]; s.Raw != want {
				t.Errorf("line %d is %s", s.Line, s.Raw)
			}
		}
	}
}

// failing is a source with an item that can't be opened and one that breaks off.
type failing struct{ files }

// Items yields them before the files.
func (f failing) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		a, _ := lineLog("", 100)
		breaks := io.MultiReader(strings.NewReader(a), &broken{})
		for _, it := range []source.Item{
			{Name: "closed", Open: func() (io.ReadCloser, error) { return nil, errors.New("permission denied") }},
			{Name: "breaks", Open: func() (io.ReadCloser, error) { return io.NopCloser(breaks), nil }},
		} {
			if !yield(it, nil) {
				return
			}
		}
		if !yield(source.Item{Name: "gone"}, errors.New("no such file")) {
			return
		}
		for it, err := range f.files.Items(ctx) {
			if !yield(it, err) {
				return
			}
		}
	}
}

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, errors.New("input/output error") }

// TestUnreadable: what can't be read is told, costs itself or its tail, and the rest is read.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	a, _ := lineLog("a.log", 10)
	c, res := run(t, ingest.Config{}, failing{files{"a.log": a, "photo": "no log at all"}})
	if len(c.all) != 110 {
		t.Errorf("%d records", len(c.all))
	}
	var got []string
	for _, e := range res.Errors {
		got = append(got, e.Name+": "+e.Err.Error())
	}
	a100, _ := lineLog("", 100)
	want := []string{fmt.Sprintf("breaks: read up to byte %d: input/output error", len(a100)), "closed: permission denied", "gone: no such file"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"photo"}, res.Unknown); diff != "" {
		t.Error(diff)
	}
}

// TestTimes: the first and the last time are those of the records, not of the order in which they are read.
func TestTimes(t *testing.T) {
	t.Parallel()
	a, _ := lineLog("a.log", 60)
	_, res := run(t, ingest.Config{Workers: 2, Chunk: 700}, files{"a.log": a})
	if span := res.Last - res.First; span != 59e9 {
		t.Errorf("%d ns lie between the first and the last record", span)
	}
}

// FuzzRun: any bytes, cut anywhere and read by any number of workers, give the same records and the same number of bad ones.
func FuzzRun(f *testing.F) {
	a, _ := lineLog("", 5)
	f.Add([]byte(a), uint8(3))
	f.Add([]byte(streamLog(3)), uint8(200))
	f.Add([]byte(trailEvent(1)+"\nbroken\n"+trailEvent(2)), uint8(60))
	f.Fuzz(func(t *testing.T, data []byte, chunk uint8) {
		src := files{"x": string(data)}
		want, whole := run(t, ingest.Config{Workers: 1}, src)
		got, res := run(t, ingest.Config{Workers: 3, Chunk: 16 + int(chunk)}, src)
		if diff := cmp.Diff(want.sorted(), got.sorted()); diff != "" || whole.Bad != res.Bad {
			t.Errorf("%d bad, in chunks %d; %s", whole.Bad, res.Bad, diff)
		}
	})
}

// TestDecoderGoesOn: a worker goes on with the decoder of the file before. What that file was like (cut off, a digest, a table,
// another wrapping) does not show in the next.
func TestDecoderGoesOn(t *testing.T) {
	t.Parallel()
	one := `{"eventVersion":"1.08","eventTime":"2026-03-02T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","requestParameters":{"userName":"a"}}`
	kinds := map[string]string{
		"whole": `{"Records":[` + one + `,` + one + `]}`, "cut": `{"Records":[` + one + `,` + one[:60], "broken": `{"Records":[` + one + `,{"a" 1},` + one + `]}`,
		"digest": "{\n" + `"digestStartTime":"2026-03-02T10:00:00Z","previousDigestSignature":"x"}`,
		"folded": `{"Records":[` + strings.ReplaceAll(strings.ToLower(one), "t10:00:00z", "T10:00:00Z") + `]}`,
		"detail": "{\n\"detail\":" + one + "}\n", "table": "eventversion,eventtime,eventsource,eventname\n1.08,2026-03-02T10:00:00Z,iam.amazonaws.com,CreateUser\n",
	}
	cfg := ingest.Config{Workers: 1, Force: cloudtrail.Format{}}
	alone := map[string]int{}
	for kind, text := range kinds {
		c, _ := run(t, cfg, files{"x": text})
		alone[kind] = len(c.all)
	}
	for before := range kinds {
		for kind := range kinds {
			c, res := run(t, cfg, files{"1": kinds[before], "2": kinds[kind]})
			if got := len(c.all) - alone[before]; got != alone[kind] {
				t.Errorf("%s behind %s: %d records, alone %d; %v", kind, before, got, alone[kind], res.Errors)
			}
		}
	}
	if alone["whole"] != 2 || alone["cut"] != 1 || alone["digest"] != 0 || alone["folded"] != 1 || alone["detail"] != 1 || alone["table"] != 1 {
		t.Errorf("%v", alone)
	}
}
