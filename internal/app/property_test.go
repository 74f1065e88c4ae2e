package app_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/internal/source/file"
	"github.com/gatehouse-sec/gatehouse/internal/unpack"
)

// attackLog is lines of an sshd log in which some addresses guess passwords.
func attackLog(r *rand.Rand, n int) []string {
	var out []string
	for i := range n {
		what := "Failed password for root"
		if r.IntN(40) == 0 {
			what = "Accepted password for root"
		}
		out = append(out, fmt.Sprintf("2026-03-02T%02d:%02d:%02dZ web1 sshd[81]: %s from 203.0.113.%d port 4711 ssh2", 10+i/1800, i/30%60, i*2%60, what, r.IntN(6)))
	}
	return out
}

func load(t *testing.T) *rulebook.Book {
	t.Helper()
	b, err := rulebook.Load(t.Context(), builtin.Rules())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func run(t *testing.T, b *rulebook.Book, in ingest.Config, paths ...string) *detect.Result {
	t.Helper()
	in.Formats = builtin.Formats()
	res, err := detect.Run(t.Context(), detect.Config{Rules: b.Set, Whole: b.Whole, Ingest: in}, &file.Source{Paths: paths})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// essence is what must be the same however the same events are read.
func essence(t *testing.T, fs []finding.Finding) []string {
	t.Helper()
	var out []string
	for _, f := range fs {
		for i := range f.Evidence {
			f.Evidence[i].File, f.Evidence[i].Line, f.Evidence[i].Offset = "", 0, 0
		}
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

// TestSameFindingsHoweverRead spreads the same events over files in random order, and reads them with different chunks and
// numbers of workers.
func TestSameFindingsHoweverRead(t *testing.T) {
	t.Parallel()
	b := load(t)
	r := rand.New(rand.NewPCG(7, 7))
	lines := attackLog(r, 3000)
	whole := filepath.Join(t.TempDir(), "auth.log")
	write(t, whole, []byte(strings.Join(lines, "\n")+"\n"))
	want := essence(t, run(t, b, ingest.Config{Workers: 1}, whole).Findings)
	if len(want) < 4 {
		t.Fatalf("only %d findings: the test proves little", len(want))
	}
	for round := range 6 {
		dir := t.TempDir()
		parts := make([][]string, 1+r.IntN(7))
		for _, l := range lines {
			k := r.IntN(len(parts))
			parts[k] = append(parts[k], l)
		}
		for i, p := range parts {
			if round%2 == 1 {
				r.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
			}
			write(t, filepath.Join(dir, fmt.Sprintf("%d.log", i)), []byte(strings.Join(p, "\n")+"\n"))
		}
		in := ingest.Config{Workers: 1 + r.IntN(4), Chunk: 1 << (8 + r.IntN(8))}
		if diff := cmp.Diff(want, essence(t, run(t, b, in, dir).Findings)); diff != "" {
			t.Errorf("round %d, %d files, %+v: %s", round, len(parts), in, diff)
		}
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// pack compresses data in every way that is read.
func pack(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{"plain": data}
	var gz, zs, x, tr, zp bytes.Buffer
	g := gzip.NewWriter(&gz)
	z, err1 := zstd.NewWriter(&zs)
	xw, err2 := xz.NewWriter(&x)
	tw := tar.NewWriter(&tr)
	zw := zip.NewWriter(&zp)
	err3 := tw.WriteHeader(&tar.Header{Name: "var/log/auth.log", Size: int64(len(data)), Mode: 0o600})
	zf, err4 := zw.Create("var/log/auth.log")
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range []interface{ Write([]byte) (int, error) }{g, z, xw, tw, zf} {
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []interface{ Close() error }{g, z, xw, tw, zw} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	out["gzip"], out["zstd"], out["xz"], out["tar"], out["zip"] = gz.Bytes(), zs.Bytes(), x.Bytes(), tr.Bytes(), zp.Bytes()
	var tgz bytes.Buffer
	g = gzip.NewWriter(&tgz)
	if _, err := g.Write(tr.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	out["tar.gz"] = tgz.Bytes()
	return out
}

// TestContainers reads the same log out of every container; the name says nothing.
func TestContainers(t *testing.T) {
	t.Parallel()
	b := load(t)
	log := []byte(strings.Join(attackLog(rand.New(rand.NewPCG(1, 1)), 600), "\n") + "\n")
	var want []string
	for _, kind := range []string{"plain", "gzip", "zstd", "xz", "tar", "zip", "tar.gz"} {
		name := filepath.Join(t.TempDir(), "x.bin")
		write(t, name, pack(t, log)[kind])
		res := run(t, b, ingest.Config{}, name)
		got := essence(t, res.Findings)
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" || len(res.Summary.Errors) > 0 {
			t.Errorf("%s: %v %s", kind, res.Summary.Errors, diff)
		}
	}
}

// TestDamageCostsTheTail cuts a compressed file in half: what came before counts, and the damage is told. An xz block this
// small is not decoded in part by its library.
func TestDamageCostsTheTail(t *testing.T) {
	t.Parallel()
	b := load(t)
	log := []byte(strings.Join(attackLog(rand.New(rand.NewPCG(1, 1)), 3000), "\n") + "\n")
	for _, kind := range []string{"gzip", "zstd", "tar.gz"} {
		data := pack(t, log)[kind]
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a.bin"), data[:len(data)/2])
		write(t, filepath.Join(dir, "b.log"), log)
		res := run(t, b, ingest.Config{}, dir)
		if len(res.Summary.Errors) == 0 || len(res.Findings) == 0 || res.Summary.Events <= 3000 {
			t.Errorf("%s: %d events, %d findings, errors %v", kind, res.Summary.Events, len(res.Findings), res.Summary.Errors)
		}
	}
}

// TestBomb expands beyond its limits.
func TestBomb(t *testing.T) {
	t.Parallel()
	b := load(t)
	var buf bytes.Buffer
	g := gzip.NewWriter(&buf)
	line := []byte("2026-03-02T10:00:00Z web1 sshd[81]: Failed password for root from 203.0.113.9 port 4711 ssh2\n")
	for range 40_000 {
		if _, err := g.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "bomb.gz")
	write(t, name, buf.Bytes())
	res := run(t, b, ingest.Config{Limits: unpack.Limits{RatioFrom: 1 << 20, Ratio: 20}}, name)
	if len(res.Summary.Errors) != 1 || !strings.Contains(res.Summary.Errors[0].Error, "bomb") || res.Summary.Events == 0 || res.Summary.Events >= 40_000 {
		t.Errorf("%d events, errors %v", res.Summary.Events, res.Summary.Errors)
	}
}

// TestHostileInput: one bad line costs itself, a file of no format is told, one that can't be read too.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	b := load(t)
	dir := t.TempDir()
	ct := `{"eventVersion":"1.08","eventTime":"2026-03-02T10:00:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ann"}}`
	write(t, filepath.Join(dir, "ct.json"), []byte(ct+"\n{\"eventName\": broken\n"+ct+"\n"+strings.Repeat("[", 5000)+"\n"+ct+"\n"))
	write(t, filepath.Join(dir, "photo.jpg"), []byte{0xff, 0xd8, 0xff, 0, 1, 2, 3})
	write(t, filepath.Join(dir, "empty.log"), nil)
	write(t, filepath.Join(dir, "na\xffme.log"), []byte(attackLog(rand.New(rand.NewPCG(1, 1)), 1)[0]+"\n"))
	res := run(t, b, ingest.Config{}, dir)
	if len(res.Findings) != 1 || res.Findings[0].Count != 3 {
		t.Errorf("findings: %+v", res.Findings)
	}
	if res.Summary.BadRecord == 0 || len(res.Summary.Errors) != 1 || res.Summary.Errors[0].Line != 2 {
		t.Errorf("bad records: %d, %+v", res.Summary.BadRecord, res.Summary.Errors)
	}
	if len(res.Summary.Unrecognised) != 1 {
		t.Errorf("unrecognised: %v", res.Summary.Unrecognised)
	}
}
