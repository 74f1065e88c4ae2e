package timestamp_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

func TestReads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		read func([]byte) (int64, bool)
		in   string
		want string // RFC 3339 with nanoseconds; "" for not a time
	}{
		{"rfc3339", timestamp.RFC3339, "2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"},
		{"offset", timestamp.RFC3339, "2024-02-29T23:59:59.125+05:30", "2024-02-29T18:29:59.125Z"},
		{"offset without colon", timestamp.RFC3339, "2024-02-29T23:59:59-0800", "2024-03-01T07:59:59Z"},
		{"twelve digits", timestamp.RFC3339, "2024-01-01T00:00:00.123456789123Z", "2024-01-01T00:00:00.123456789Z"},
		{"space", timestamp.RFC3339, "2024-01-01 00:00:00", "2024-01-01T00:00:00Z"},
		{"leap day of no leap year", timestamp.RFC3339, "2023-02-29T00:00:00Z", ""},
		{"month 13", timestamp.RFC3339, "2023-13-01T00:00:00Z", ""},
		{"hour 24", timestamp.RFC3339, "2023-12-01T24:00:00Z", ""},
		{"tail", timestamp.RFC3339, "2023-12-01T00:00:00Zx", ""},
		{"empty", timestamp.RFC3339, "", ""},
		{"clf", timestamp.CLF, "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"},
		{"clf month", timestamp.CLF, "10/Okt/2000:13:55:36 -0700", ""},
		{"clf day", timestamp.CLF, "31/Feb/2000:13:55:36 -0700", ""},
		{"seconds", timestamp.Epoch, "1700000000", "2023-11-14T22:13:20Z"},
		{"seconds with fraction", timestamp.Epoch, "1700000000.25", "2023-11-14T22:13:20.25Z"},
		{"milliseconds", timestamp.Epoch, "1700000000123", "2023-11-14T22:13:20.123Z"},
		{"microseconds", timestamp.Epoch, "1700000000123456", "2023-11-14T22:13:20.123456Z"},
		{"nanoseconds", timestamp.Epoch, "1700000000123456789", "2023-11-14T22:13:20.123456789Z"},
		{"too large", timestamp.Epoch, "99999999999999999999", ""},
		{"a word", timestamp.Epoch, "12a", ""},
		{"any date", timestamp.Any, "2024-03-01", "2024-03-01T00:00:00Z"},
		{"any clf", timestamp.Any, "10/Oct/2000:13:55:36 +0000", "2000-10-10T13:55:36Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := c.read([]byte(c.in))
			if ok != (c.want != "") {
				t.Fatalf("%q: ok = %v", c.in, ok)
			}
			if ok && time.Unix(0, got).UTC().Format(time.RFC3339Nano) != c.want {
				t.Errorf("%q = %s, want %s", c.in, time.Unix(0, got).UTC().Format(time.RFC3339Nano), c.want)
			}
		})
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Skip("the time zone database is absent")
	}
	got, ok := timestamp.DateTime([]byte("2024-07-01 12:00:00"), zurich)
	if want := time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC).UnixNano(); !ok || got != want {
		t.Errorf("summer time: got %d, want %d", got, want)
	}
	got, _ = timestamp.DateTime([]byte("2024-07-01T12:00:00Z"), zurich)
	if want := time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC).UnixNano(); got != want {
		t.Errorf("a zone of its own is overridden: got %d, want %d", got, want)
	}
}

// FuzzRFC3339 compares with package time, which also takes an hour of one digit and an offset of 60 minutes.
func FuzzRFC3339(f *testing.F) {
	standard := regexp.MustCompile(`T\d\d:.*(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	f.Add("2024-02-29T23:59:59.125+05:30")
	f.Add("2024-12-31T23:59:59Z")
	f.Fuzz(func(t *testing.T, s string) {
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || !standard.MatchString(s) || want.Year() < 1678 || want.Year() > 2261 {
			timestamp.Any([]byte(s))
			return
		}
		got, ok := timestamp.RFC3339([]byte(s))
		if !ok || got != want.UnixNano() {
			t.Errorf("%q: got %d %v, want %d", s, got, ok, want.UnixNano())
		}
	})
}

func TestNoAllocation(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the whole process allocates
	b := []byte("2024-02-29T23:59:59.125+05:30")
	if n := testing.AllocsPerRun(100, func() { timestamp.RFC3339(b) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzCLF compares with package time.
func FuzzCLF(f *testing.F) {
	f.Add("10/Oct/2000:13:55:36 -0700")
	f.Add("29/Feb/2024:00:00:00 +0000")
	f.Add("31/Apr/2024:23:59:60 +0000")
	f.Fuzz(func(t *testing.T, s string) {
		const layout = "02/Jan/2006:15:04:05 -0700"
		want, err := time.Parse(layout, s)
		got, ok := timestamp.CLF([]byte(s))
		if err == nil && want.Format(layout) == s && want.Year() >= 1678 && want.Year() <= 2261 && (!ok || got != want.UnixNano()) {
			t.Errorf("%q: got %d %v, want %d", s, got, ok, want.UnixNano())
		}
		if ok && err != nil && !strings.Contains(s, ":60 ") { // a leap second is a time for us
			t.Errorf("%q: read as %d, and is none: %v", s, got, err)
		}
	})
}

// FuzzEpoch: a time that is read comes back from its own digits, in each unit.
func FuzzEpoch(f *testing.F) {
	f.Add("1700000000.25")
	f.Add("1700000000123456789")
	f.Add("0")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := timestamp.Epoch([]byte(s))
		if !ok {
			return
		}
		const year5138, year1973 = 100_000_000_000, 100_000_000
		if got < 0 || got/int64(time.Second) >= year5138 {
			t.Fatalf("%q: %d ns is no time of an epoch", s, got)
		}
		if got/int64(time.Second) < year1973 {
			return // too small to be written in a smaller unit
		}
		for _, unit := range []time.Duration{time.Nanosecond, time.Microsecond, time.Millisecond, time.Second} {
			n := got / int64(unit)
			if again, ok := timestamp.Epoch([]byte(strconv.FormatInt(n, 10))); !ok || again != n*int64(unit) {
				t.Fatalf("%q is %d; %d of %v: %d %v", s, got, n, unit, again, ok)
			}
		}
	})
}
