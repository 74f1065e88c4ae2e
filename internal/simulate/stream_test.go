package simulate_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
	"github.com/gatehouse-sec/gatehouse/internal/simulate"
)

func log(t *testing.T, kind string, seed uint64, size int64) []byte {
	t.Helper()
	s, err := simulate.New(kind, seed, simulate.Start())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.Write(&b, size); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSameSeedSameLog checks that a log is decided by its kind and seed, and that more of it begins with less of it.
func TestSameSeedSameLog(t *testing.T) {
	t.Parallel()
	for _, kind := range simulate.Kinds() {
		long, short, other := log(t, kind, 1, 1<<20), log(t, kind, 1, 1<<18), log(t, kind, 2, 1<<18)
		if !bytes.HasPrefix(long, short) {
			t.Errorf("%s: the same seed gave another log", kind)
		}
		if bytes.Equal(short, other) {
			t.Errorf("%s: another seed gave the same log", kind)
		}
		if len(short) < 1<<18 || len(short) > 1<<18+64<<10 || short[len(short)-1] != '\n' {
			t.Errorf("%s: %d bytes ending in %q", kind, len(short), short[len(short)-1])
		}
	}
	if _, err := simulate.New("syslogd", 1, simulate.Start()); err == nil {
		t.Error("an unknown kind was taken")
	}
}

// TestLogsAreReadable lets Gatehouse's formats recognise and read each log: all records, in the order of time.
func TestLogsAreReadable(t *testing.T) {
	t.Parallel()
	want := map[string]string{"cloudtrail": "cloudtrail", "access": "access", "sshd": "linux-auth", "vpcflow": "vpcflow", "k8saudit": "k8saudit"}
	for _, kind := range simulate.Kinds() {
		text := log(t, kind, 3, 2<<20)
		var best logformat.Format
		for _, f := range builtin.Formats() {
			if best == nil || f.Sniff(text[:64<<10]) > best.Sniff(text[:64<<10]) {
				best = f
			}
		}
		if best.Info().Name != want[kind] {
			t.Errorf("%s is read as %s", kind, best.Info().Name)
			continue
		}
		recs, bad := logformattest.All(t, best, text, 1<<20)
		if lines := bytes.Count(text, []byte("\n")); bad > 0 || len(recs) < lines*19/20 {
			t.Errorf("%s: %d records and %d bad ones from %d lines", kind, len(recs), bad, lines)
		}
		last := int64(0)
		for i, r := range recs {
			if !r.Timed || r.Time < last {
				t.Fatalf("%s: record %d is at %v, before %v", kind, i, time.Unix(0, r.Time).UTC(), time.Unix(0, last).UTC())
			}
			last = r.Time
		}
	}
}

// TestCloudTrailLooksLikeACompany holds the first half of a day of CloudTrail, every fourth record of it, against what is usual.
func TestCloudTrailLooksLikeACompany(t *testing.T) {
	t.Parallel()
	type event struct {
		EventTime, EventName, EventSource, ErrorCode, SourceIPAddress string
		ReadOnly                                                      bool
		UserIdentity                                                  struct{ Arn, Type string }
	}
	events, failed, bytesRead, hours := 0, 0, 0, map[string]int{}
	names, principals, addresses, sources := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	lines := 0
	for line := range bytes.Lines(log(t, "cloudtrail", 1, 140<<20)) {
		if lines++; lines%4 != 0 {
			continue
		}
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		events, bytesRead = events+1, bytesRead+len(line)
		if e.ErrorCode != "" {
			failed++
		}
		if strings.Contains(e.UserIdentity.Arn, "AWSReservedSSO") {
			hours[e.EventTime[11:13]]++
		}
		names[e.EventName]++
		principals[e.UserIdentity.Arn]++
		addresses[e.SourceIPAddress]++
		sources[e.EventSource]++
	}
	if lines < 70_000 || events < 17_000 || bytesRead/events < 1000 || bytesRead/events > 2048 {
		t.Errorf("%d lines, %d events looked at, of %d bytes", lines, events, bytesRead/events)
	}
	if rate := float64(failed) / float64(events); rate < .003 || rate > .03 {
		t.Errorf("%.2f%% of the calls failed", 100*rate)
	}
	if hours["09"] < 20*hours["03"] || hours["09"] < 50 {
		t.Errorf("people called %d times between 9 and 10, %d between 3 and 4", hours["09"], hours["03"])
	}
	if len(names) < 80 || len(principals) < 100 || len(addresses) < 40 || len(sources) < 20 {
		t.Errorf("%d API calls of %d services by %d principals from %d addresses", len(names), len(sources), len(principals), len(addresses))
	}
	for _, name := range []string{"AssumeRole", "Decrypt", "GetObject"} {
		if share := float64(names[name]) / float64(events); share < .05 || share > .35 {
			t.Errorf("%s is %.0f%% of all", name, 100*share)
		}
	}
}

// TestDeliver checks the layout of a bucket of CloudTrail files, and that each is of one account and region.
func TestDeliver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := simulate.New("cloudtrail", 1, simulate.Start())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Deliver(dir, 4<<20); err != nil {
		t.Fatal(err)
	}
	layout := regexp.MustCompile(`^AWSLogs/(\d{12})/CloudTrail/([a-z0-9-]+)/2026/03/02/\d{12}_CloudTrail_[a-z0-9-]+_20260302T\d{4}Z_[A-Z2-7]{16}\.json\.gz$`)
	events := 0
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		m := layout.FindStringSubmatch(name)
		if m == nil {
			t.Fatalf("%s is not laid out as AWS lays files out", name)
		}
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // only read
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		var doc struct {
			Records []struct {
				Account string `json:"recipientAccountId"`
				Region  string `json:"awsRegion"`
			}
		}
		if err := json.NewDecoder(z).Decode(&doc); err != nil {
			return err
		}
		for _, r := range doc.Records {
			if events++; r.Account != m[1] || r.Region != m[2] {
				t.Fatalf("%s has a record of %s in %s", name, r.Account, r.Region)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(log(t, "cloudtrail", 1, 4<<20), []byte("\n")); events != lines {
		t.Errorf("%d events delivered, %d written as lines", events, lines)
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"4096": 4096, "12B": 12, "500MB": 500e6, "2gb": 2e9, "8KB": 8e3} {
		if n, err := simulate.ParseSize(text); err != nil || n != want {
			t.Errorf("%s is %d, %v", text, n, err)
		}
	}
	for _, text := range []string{"", "MB", "-1MB", "1.5GB", "many", "9999999999GB"} {
		if n, err := simulate.ParseSize(text); err == nil {
			t.Errorf("%q is %d", text, n)
		}
	}
}
