package report

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Whatever the bound on memory, what comes out is what one sort gives, and no temporary file stays.
func TestSorter(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 10, 3000} {
		for _, limit := range []int{1, 500, 20_000, 1 << 30} {
			s := &sorter{limit: limit}
			var all []entry
			for i := range n {
				e := entry{time: rnd.Int64N(20) - 5, file: string(rune('a' + rnd.IntN(3))), line: rnd.Int64N(4), offset: rnd.Int64N(2), text: fmt.Appendf(nil, "%d\n", i)}
				all = append(all, e)
				if err := s.add(e); err != nil {
					t.Fatal(err)
				}
			}
			slices.SortStableFunc(all, func(a, b entry) int { return a.compare(&b) })
			var want, got bytes.Buffer
			for _, e := range all {
				want.Write(e.text)
			}
			if err := s.each(func(b []byte) error { got.Write(b); return nil }); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want.Bytes(), got.Bytes()) {
				t.Errorf("%d entries, limit %d: not in order", n, limit)
			}
			if err := s.close(); err != nil {
				t.Error(err)
			}
		}
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain": "plain", "Zürich 東京 ✓": "Zürich 東京 ✓", "\x1b[31m": `\x1b[31m`, "\u009b31m": `\u009b31m`, "a\r\n\tb": `a\r\n\tb`, "\xff\xc3": `\xff\xc3`,
		"\u202ecod.exe": `\u202ecod.exe`, "a\u200bb": `a\u200bb`, "\x7f\x00": `\x7f\x00`, "\U000e0041": `\U000e0041`, "a\u00a0b": `a\u00a0b`,
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %q, want %q", in, got, want)
		}
	}
	if got := visibleText("a\n\tb\x1b\r"); got != "a\n\tb\\x1b\\r" {
		t.Errorf("visibleText: %q", got)
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("a\x1b[2J\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := visible(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Errorf("visible(%q) = %q", s, got)
		}
		for _, width := range []int{1, 7, 40} {
			if n := columns(cut(got, width)); n > width {
				t.Errorf("cut to %d columns it has %d", width, n)
			}
			if n := columns(cutMiddle(got, width)); n > width {
				t.Errorf("cut in its middle to %d columns it has %d: %q", width, n, cutMiddle(got, width))
			}
		}
		var words []string
		for _, l := range wrap(got, 20) {
			if columns(l) > 20 {
				t.Errorf("a line of %d columns: %q", columns(l), l)
			}
			words = append(words, strings.Fields(l)...)
		}
		if strings.Join(words, "") != strings.Join(strings.Fields(got), "") {
			t.Errorf("wrapping %q lost something: %q", got, words)
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	check := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check(cutMiddle("arn:aws:iam::111122223333:user/alice", 20), "arn:aws:i…user/alice")
	check(cutMiddle("short", 20), "short")
	check(shortARN("arn:aws:iam::111122223333:user/alice"), "user/alice")
	check(shortARN("arn:aws:s3:::logs"), "s3:logs")
	check(shortARN("arn:aws"), "arn:aws")
	check(digest(`{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com","x":1}`), "eventName=ConsoleLogin eventSource=signin.amazonaws.com")
	check(digest(`{"x":1}`), `{"x":1}`)
	check(digest(`{"eventName":"cut o`), `{"eventName":"cut o`)
	check(grouped(1234567), "1,234,567")
	check(grouped(-1234), "-1,234")
	check(bytesOf(999), "999 B")
	check(bytesOf(1_234), "1.23 kB")
	check(bytesOf(999_999), "1.00 MB")
	check(bytesOf(1_234_567_890_123), "1.23 TB")
	check(shortDuration(90*time.Second), "1 min 30 s")
	check(shortDuration(26*time.Hour), "26 h 00 min")
	check(shortDuration(340*time.Millisecond), "340 ms")
	check(inWords(30*time.Minute), "30 minutes")
	check(inWords(24*time.Hour), "a day")
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	check(spanOf(at, at.Add(24*time.Hour), at), "2 March 10:00 to 3 March 10:00 UTC")
	check(spanOf(at, at.Add(time.Hour), at), "2 March 10:00 to 11:00 UTC")
	check(spanOf(at, at.Add(time.Hour), at.AddDate(1, 0, 0)), "2 March 2026 10:00 to 11:00 UTC")
	check(spanOf(time.Time{}, at, at), "")
	if d := cmp.Diff([]string{"https://a.example/x", "http://b.example"}, links([]string{"https://a.example/x", "javascript:x", "JAVASCRIPT://a/%0ax", "http://b.example", "//c", "https://", "x"})); d != "" {
		t.Error(d)
	}
}
