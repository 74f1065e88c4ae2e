package logfmt_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logfmt"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	fields := []string{"level", "msg", "user", "src_ip", "path", "err", "empty", "a.b"}
	log, err := os.ReadFile("testdata/app.log")
	if err != nil {
		t.Fatal(err)
	}
	if sure := (logfmt.Format{}).Sniff(log); sure < 50 {
		t.Errorf("not recognised: %d", sure)
	}
	recs, bad := logformattest.All(t, logfmt.Format{}, log, 1<<20, fields...)
	pieces, _ := logformattest.All(t, logfmt.Format{}, log, 10, fields...)
	if diff := cmp.Diff(recs, pieces); diff != "" || bad != 0 {
		t.Errorf("%d bad, and in pieces %s", bad, diff)
	}
	want := []map[string][]string{
		{"level": {"info"}, "msg": {`user "ann" signed in`}, "user": {"ann"}, "src_ip": {"203.0.113.9"}, "empty": {""}, "a.b": {"1"}},
		{"level": {"error"}, "msg": {"a\tb\\c"}, "err": {`x=y`}, "path": {"/a?b=c"}},
		{"level": {"warn"}, "msg": {"seconds"}},
		{"level": {"notice"}, "msg": {"a firewall's day and hour"}},
		{"level": {"info"}, "msg": {`"never`}},
	}
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC).UnixNano()
	for i, r := range recs {
		for _, name := range []string{"time", "ts", "timestamp", "t", "@timestamp", "date"} {
			delete(r.Values, name)
		}
		if diff := cmp.Diff(want[i], r.Values); diff != "" {
			t.Errorf("line %d: %s", i+1, diff)
		}
		if !r.Timed || r.Time != at {
			t.Errorf("line %d: time is %v", i+1, time.Unix(0, r.Time).UTC())
		}
	}
	if len(recs) != len(want) {
		t.Errorf("%d records, want %d", len(recs), len(want))
	}
}

// TestSniff leaves alone what only looks like pairs here and there.
func TestSniff(t *testing.T) {
	t.Parallel()
	for _, log := range []string{
		"the answer is a=1 b=2 c=3\n",
		"time=1\n",
		"ID=debian\nVERSION_ID=12\n",
		"export A=1\n",
	} {
		if sure := (logfmt.Format{}).Sniff([]byte(log)); sure != 0 {
			t.Errorf("%d sure of %q", sure, log)
		}
	}
}

// TestZone reads times that name no zone in that of the file.
func TestZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -5*3600)
	plan := logformat.NewPlan("time", "ts", "timestamp", "t", "@timestamp", "date")
	rec := event.NewRecord(len(plan.Fields))
	dec := logfmt.Format{}.NewDecoder(plan, logformat.File{Zone: zone})
	for line, want := range map[string]time.Time{
		`time="2026-03-02 10:00:00" a=b`:    time.Date(2026, 3, 2, 10, 0, 0, 0, zone),
		`date=2026-03-02 time=10:00:00 a=b`: time.Date(2026, 3, 2, 10, 0, 0, 0, zone),
		`time="2026-03-02T10:00:00Z" a=b`:   time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
		`ts=1772445600.5 a=b`:               time.Date(2026, 3, 2, 10, 0, 0, 500_000_000, time.UTC),
	} {
		rec.Reset()
		if _, err := dec.Next([]byte(line), true, rec); err != nil {
			t.Fatal(err)
		}
		if ns, ok := dec.Time(rec); !ok || ns != want.UnixNano() {
			t.Errorf("%s: %v, want %v", line, time.Unix(0, ns).UTC(), want.UTC())
		}
	}
}

func TestNoAllocations(t *testing.T) { //nolint:paralleltest // it counts allocations
	log, err := os.ReadFile("testdata/app.log")
	if err != nil {
		t.Fatal(err)
	}
	logformattest.NoAllocations(t, logfmt.Format{}, log)
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, logfmt.Format{})
}
