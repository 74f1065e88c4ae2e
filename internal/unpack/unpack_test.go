package unpack_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/gatehouse-sec/gatehouse/internal/unpack"
)

// unpacked is what came out of an item: member → text, and what was said to be wrong.
type unpacked struct {
	text map[string]string
	errs []string
}

func each(data []byte, limits unpack.Limits) unpacked {
	out := unpacked{text: map[string]string{}}
	err := unpack.Each(bytes.NewReader(data), limits, func(s *unpack.Stream) error {
		text, err := io.ReadAll(s)
		out.text[s.Name] += string(text)
		if err != nil {
			out.errs = append(out.errs, s.Name+": "+err.Error())
		}
		return nil
	}, func(name string, err error) { out.errs = append(out.errs, name+": "+err.Error()) })
	if err != nil {
		out.errs = append(out.errs, err.Error())
	}
	return out
}

func must(tb testing.TB, errs ...error) {
	tb.Helper()
	if err := errors.Join(errs...); err != nil {
		tb.Fatal(err)
	}
}

type closing interface {
	io.Writer
	io.Closer
}

// compress returns data in a compression. Go has no writer for bzip2.
func compress(tb testing.TB, kind string, data []byte) []byte {
	tb.Helper()
	var buf bytes.Buffer
	var w closing
	var err error
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&buf)
	case "zstd":
		w, err = zstd.NewWriter(&buf)
	case "xz":
		w, err = xz.WriterConfig{BlockSize: 1 << 16}.NewWriter(&buf)
	}
	must(tb, err)
	_, err = w.Write(data)
	must(tb, err, w.Close())
	return buf.Bytes()
}

// archive returns an archive of members, in the order given: name, text, name, text, ….
func archive(tb testing.TB, kind string, members ...string) []byte {
	tb.Helper()
	var buf bytes.Buffer
	tw, zw := tar.NewWriter(&buf), zip.NewWriter(&buf)
	for i := 0; i < len(members); i += 2 {
		name, text := members[i], members[i+1]
		var w io.Writer = tw
		var err error
		switch kind {
		case "tar":
			err = tw.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600, ModTime: time.Unix(1772445600, 0)})
		case "zip": // sizes stand behind the data
			w, err = zw.Create(name)
		case "stored":
			w, err = zw.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(text)), CompressedSize64: uint64(len(text)), UncompressedSize64: uint64(len(text))})
		}
		must(tb, err)
		_, err = w.Write([]byte(text))
		must(tb, err)
	}
	if kind == "tar" {
		must(tb, tw.Close())
	} else {
		must(tb, zw.Close())
	}
	return buf.Bytes()
}

// bzip2Hello is "hello\n" as bzip2 packs it.
const bzip2Hello = "QlpoOTFBWSZTWcHAgOIAAAFBAAAQAkSgADDNAMNGKZcXckU4UJDBwIDi"

func hello(tb testing.TB) []byte {
	tb.Helper()
	data, err := base64.StdEncoding.DecodeString(bzip2Hello)
	must(tb, err)
	return data
}

// noise is text that does not compress to nothing.
func noise(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%d %x\n", i, uint64(i)*0x9e3779b97f4a7c15)
	}
	return b.String()[:n]
}

func TestContainers(t *testing.T) {
	t.Parallel()
	twice := func(b []byte) []byte { return append(bytes.Clone(b), b...) }
	for _, c := range []struct {
		name string
		data []byte
		want map[string]string
	}{
		{"plain", []byte("a\n"), map[string]string{"": "a\n"}},
		{"nothing", nil, map[string]string{"": ""}},
		{"gzip", compress(t, "gzip", []byte("a\n")), map[string]string{"": "a\n"}},
		{"gzip of several members", twice(compress(t, "gzip", []byte("a\n"))), map[string]string{"": "a\na\n"}},
		{"zstd of several frames", twice(compress(t, "zstd", []byte("a\n"))), map[string]string{"": "a\na\n"}},
		{"xz of several streams", twice(compress(t, "xz", []byte("a\n"))), map[string]string{"": "a\na\n"}},
		{"bzip2 of several streams", twice(hello(t)), map[string]string{"": "hello\nhello\n"}},
		{"tar", archive(t, "tar", "a/b.log", "x", "../../c", "y"), map[string]string{"a/b.log": "x", "../../c": "y"}},
		{"zip", archive(t, "zip", "a/b.log", "x", "na\xffme", "y", "dir/", "", "../c", "z"), map[string]string{"a/b.log": "x", "na\xffme": "y", "../c": "z"}},
		{"zip without compression", archive(t, "stored", "a", "x"), map[string]string{"a": "x"}},
		{"empty zip", archive(t, "zip"), map[string]string{}},
		{"gzip in gzip", compress(t, "gzip", compress(t, "gzip", []byte("a"))), map[string]string{"": "a"}},
		{"tar.zst", compress(t, "zstd", archive(t, "tar", "a", "x")), map[string]string{"a": "x"}},
		{
			"zip of tar.xz and bzip2", archive(t, "zip", "t", string(compress(t, "xz", archive(t, "tar", "b.log", "x"))), "h.bz2", string(hello(t))),
			map[string]string{"t!b.log": "x", "h.bz2": "hello\n"},
		},
		{"zip in zip", archive(t, "zip", "in.zip", string(archive(t, "zip", "a", "x"))), map[string]string{"in.zip!a": "x"}},
		{"not quite gzip", []byte{0x1f, 0x8b, 7, 0}, map[string]string{"": "\x1f\x8b\x07\x00"}},
		{"not quite bzip2", []byte("BZh9 is a name\n"), map[string]string{"": "BZh9 is a name\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := each(c.data, unpack.Limits{})
			if diff := cmp.Diff(c.want, got.text); diff != "" || got.errs != nil {
				t.Errorf("%v %s", got.errs, diff)
			}
		})
	}
}

// TestTarSkips: only regular files are read, whatever else an archive holds.
func TestTarSkips(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, h := range []tar.Header{
		{Name: "link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		{Name: "hard", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"},
		{Name: "fifo", Typeflag: tar.TypeFifo},
		{Name: "dev", Typeflag: tar.TypeChar},
		{Name: "dir/", Typeflag: tar.TypeDir},
		{Name: strings.Repeat("long/", 60) + "a.log", Typeflag: tar.TypeReg, Size: 1},
	} {
		must(t, w.WriteHeader(&h))
	}
	_, err := w.Write([]byte("x"))
	must(t, err, w.Close())
	got := each(buf.Bytes(), unpack.Limits{})
	if diff := cmp.Diff(map[string]string{strings.Repeat("long/", 60) + "a.log": "x"}, got.text); diff != "" || got.errs != nil {
		t.Errorf("%v %s", got.errs, diff)
	}
}

// TestTruncated cuts each container at many places: what comes out is the beginning of what was there, the damage is said, and
// from a cut near the end most of the text is left.
func TestTruncated(t *testing.T) {
	t.Parallel()
	text := noise(400_000)
	half := len(text) / 2
	members := []string{"a.log", text[:half], "b.log", text[half:]}
	for name, data := range map[string][]byte{
		"gzip": compress(t, "gzip", []byte(text)), "zstd": compress(t, "zstd", []byte(text)), "xz": compress(t, "xz", []byte(text)),
		"tar": archive(t, "tar", members...), "zip": archive(t, "zip", members...), "stored": archive(t, "stored", members...),
		"tar.gz": compress(t, "gzip", archive(t, "tar", members...)), "zip.zst": compress(t, "zstd", archive(t, "zip", members...)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := each(data, unpack.Limits{})
			if whole.errs != nil || whole.text[""]+whole.text["a.log"]+whole.text["b.log"] != text {
				t.Fatalf("the whole does not unpack: %v", whole.errs)
			}
			for _, cut := range []int{600, len(data) / 10, len(data) / 3, len(data) / 2, len(data) * 3 / 4, len(data) - 2000, len(data) - 1} {
				got := each(data[:cut], unpack.Limits{})
				out := got.text[""] + got.text["a.log"] + got.text["b.log"]
				if !strings.HasPrefix(text, out) {
					t.Errorf("cut at %d: what came out is not the beginning of what was there", cut)
				}
				if len(got.errs) == 0 && name != "tar" { // a tar without its end is whole, for tar
					t.Errorf("cut at %d: nothing is said", cut)
				}
				if want := len(text) * cut / len(data) * 6 / 10; cut > len(data)/2 && len(out) < want {
					t.Errorf("cut at %d of %d: %d bytes of %d came out, want %d", cut, len(data), len(out), len(text), want)
				}
			}
		})
	}
}

// TestTruncatedBzip2 has its own data: bzip2 unpacks whole blocks.
func TestTruncatedBzip2(t *testing.T) {
	t.Parallel()
	data := append(hello(t), hello(t)[:20]...)
	got := each(data, unpack.Limits{})
	if got.text[""] != "hello\n" || len(got.errs) == 0 {
		t.Errorf("%q, %v", got.text, got.errs)
	}
}

// TestDamagedMember: damage in one member of an archive costs that member's rest and no other member.
func TestDamagedMember(t *testing.T) {
	t.Parallel()
	bad := compress(t, "gzip", []byte(noise(10_000)))
	bad[len(bad)/2] ^= 0xff
	for _, kind := range []string{"tar", "zip"} {
		got := each(archive(t, kind, "a", "x", "bad.gz", string(bad), "cut.gz", "\x1f\x8b\x08\x00", "z", "y"), unpack.Limits{})
		if got.text["a"] != "x" || got.text["z"] != "y" || len(got.errs) != 2 {
			t.Errorf("%s: %v, %v", kind, got.text["z"], got.errs)
		}
	}
	flipped := archive(t, "stored", "a", "text of a", "b", "text of b")
	i := bytes.Index(flipped, []byte("text of a"))
	flipped[i] ^= 1
	if got := each(flipped, unpack.Limits{}); got.text["b"] != "text of b" || len(got.errs) != 1 || !strings.Contains(got.errs[0], "checksum") {
		t.Errorf("a wrong checksum: %v, %v", got.text, got.errs)
	}
}

// TestEncryptedZip: what can't be read is said to be encrypted, with and without the directory.
func TestEncryptedZip(t *testing.T) {
	t.Parallel()
	data := archive(t, "stored", "a", "secret", "b", "x")
	for _, magic := range []string{"PK\x03\x04", "PK\x01\x02"} {
		i := bytes.Index(data, []byte(magic))
		data[i+map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8}[magic]] |= 1
	}
	got := each(data, unpack.Limits{})
	if len(got.errs) != 1 || !strings.Contains(got.errs[0], "encrypted") || got.text["b"] != "x" {
		t.Errorf("%v, %v", got.text, got.errs)
	}
	if got := each(data[:len(data)-30], unpack.Limits{}); !strings.Contains(strings.Join(got.errs, "\n"), "encrypted") {
		t.Errorf("without its directory: %v", got.errs)
	}
}

// TestBombs: each bound stops what passes it, says so, and keeps what came before.
func TestBombs(t *testing.T) {
	t.Parallel()
	zeros := make([]byte, 8<<20)
	matryoshka := []byte("x")
	for range 10 {
		matryoshka = compress(t, "gzip", matryoshka)
	}
	many := make([]string, 0, 2000)
	for i := range 1000 {
		many = append(many, fmt.Sprint(i), "x")
	}
	small := unpack.Limits{Ratio: 50, RatioFrom: 1 << 20}
	for _, c := range []struct {
		name   string
		data   []byte
		limits unpack.Limits
		want   string
		most   int // bytes that may come out
	}{
		{"gzip by ratio", compress(t, "gzip", zeros), small, "bomb", 2 << 20},
		{"zstd by ratio", compress(t, "zstd", zeros), small, "bomb", 2 << 20},
		{"xz by ratio", compress(t, "xz", zeros), small, "bomb", 2 << 20},
		{"zip by ratio", archive(t, "zip", "a", string(zeros)), small, "bomb", 2 << 20},
		{"zip without directory", archive(t, "zip", "a", string(zeros))[:8000], small, "bomb", 2 << 20},
		{"gzip in gzip by ratio", compress(t, "gzip", compress(t, "gzip", zeros)), small, "bomb", 2 << 20},
		{"by size", compress(t, "gzip", []byte(noise(4<<20))), unpack.Limits{Bytes: 1 << 20}, "bomb", 2 << 20},
		{"by depth", matryoshka, unpack.Limits{}, "nested too deep", 0},
		{"by number, tar", archive(t, "tar", many...), unpack.Limits{Members: 100}, "more than 100 files", 100},
		{"by number, zip", archive(t, "zip", many...), unpack.Limits{Members: 100}, "more than 100 files", 100},
		{"by spool", archive(t, "stored", "a", noise(1<<20)), unpack.Limits{Spool: 1 << 19}, "larger than", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := each(c.data, c.limits)
			n := 0
			for _, text := range got.text {
				n += len(text)
			}
			if !strings.Contains(strings.Join(got.errs, "\n"), c.want) || n > c.most {
				t.Errorf("%d bytes, %v", n, got.errs)
			}
		})
	}
}

// TestLogsAreNoBombs: logs compress well, and that alone is none.
func TestLogsAreNoBombs(t *testing.T) {
	t.Parallel()
	line := `203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "GET /a HTTP/1.1" 404 512 "-" "x"` + "\n"
	text := strings.Repeat(line, 200_000)
	if got := each(compress(t, "zstd", []byte(text)), unpack.Limits{}); got.text[""] != text || got.errs != nil {
		t.Errorf("%d bytes of %d, %v", len(got.text[""]), len(text), got.errs)
	}
}

// TestStop: an error of the visitor ends the item, also within an archive.
func TestStop(t *testing.T) {
	t.Parallel()
	stop := errors.New("enough")
	visits := 0
	err := unpack.Each(bytes.NewReader(archive(t, "tar", "a", "x", "b", "y")), unpack.Limits{}, func(*unpack.Stream) error {
		visits++
		return unpack.Stop(stop)
	}, func(string, error) { t.Error("taken for damage") })
	if !errors.Is(err, stop) || visits != 1 {
		t.Errorf("%d visits, %v", visits, err)
	}
}

// FuzzEach: whatever the bytes, what comes out stays within the limits, twice the same, and streams of a plain item are the
// item.
func FuzzEach(f *testing.F) {
	for _, kind := range []string{"gzip", "zstd", "xz"} {
		f.Add(compress(f, kind, []byte(noise(300))))
		f.Add(compress(f, kind, archive(f, "tar", "a", noise(300))))
	}
	f.Add(hello(f))
	f.Add(archive(f, "zip", "a", noise(100), "b", "y"))
	f.Add(archive(f, "zip", "a", noise(100), "b", "y")[:150])
	f.Add(archive(f, "stored", "a", "x", "b", "y"))
	limits := unpack.Limits{Bytes: 1 << 20, Ratio: 100, RatioFrom: 1 << 16, Depth: 3, Members: 50, Spool: 1 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		got := each(data, limits)
		n := 0
		for _, text := range got.text {
			n += len(text)
		}
		const slack = 1 << 17 // of the buffer that was read when the limit was passed
		if plain := got.text[""]; n > len(data) && n > int(limits.Bytes)+slack && plain != string(data) {
			t.Fatalf("%d bytes out of %d", n, len(data))
		}
		if diff := cmp.Diff(got.text, each(data, limits).text); diff != "" {
			t.Fatal(diff)
		}
	})
}
