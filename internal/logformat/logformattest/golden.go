package logformattest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Golden decodes every testdata/*.log of a format with all its documented fields and compares what comes out with the file
// of the same name that ends in .golden; with GATEHOUSE_UPDATE set it writes that file. Each log has to be recognised, and
// to give the same records in pieces, and with fields that may wait.
func Golden(t *testing.T, f logformat.Format) {
	t.Helper()
	logs, err := filepath.Glob("testdata/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("no testdata/*.log (%v)", err)
	}
	for _, name := range logs {
		log, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if sure := f.Sniff(log); sure < 50 {
			t.Errorf("%s is not recognised: %d", name, sure)
		}
		fields := Fields(f)
		recs, bad := All(t, f, log, len(log)+1, fields...)
		pieces, badPieces := All(t, f, log, 100, fields...)
		if diff := cmp.Diff(recs, pieces); diff != "" || bad != badPieces {
			t.Errorf("%s in pieces is different: %d and %d bad; %s", name, bad, badPieces, diff)
		}
		later, badLater := Later(t, f, log, fields...)
		if diff := cmp.Diff(recs, later); diff != "" || bad != badLater {
			t.Errorf("%s finished later is different: %d and %d bad; %s", name, bad, badLater, diff)
		}
		got := text(f, recs, bad)
		golden := strings.TrimSuffix(name, ".log") + ".golden"
		if os.Getenv("GATEHOUSE_UPDATE") != "" {
			err := os.WriteFile(golden, []byte(got), 0o644) //nolint:gosec // a file of the repository, which all may read
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: %s", golden, diff)
		}
	}
}

// Fields returns the names of a format's documented fields.
func Fields(f logformat.Format) (fields []string) {
	for _, field := range f.Info().Fields {
		if field.Name != "" {
			fields = append(fields, field.Name)
		}
	}
	return fields
}

func text(f logformat.Format, recs []Record, bad int) string {
	var out strings.Builder
	for i, r := range recs {
		when := "no time"
		if r.Timed {
			when = time.Unix(0, r.Time).UTC().Format(time.RFC3339Nano)
		}
		fmt.Fprintf(&out, "# %d: %s, %s\n", i+1, f.Info().Classes[r.Class].Name, when)
		for _, name := range Fields(f) {
			if values := r.Values[name]; len(values) > 0 {
				fmt.Fprintf(&out, "%s = %q\n", name, values)
			}
		}
	}
	fmt.Fprintf(&out, "# %d bad\n", bad)
	return out.String()
}

// NoAllocations checks that decoding a log allocates nothing once the decoder's memory has grown.
func NoAllocations(t *testing.T, f logformat.Format, log []byte) {
	t.Helper()
	plan := logformat.NewPlan(append(Fields(f), f.Info().Needs...)...)
	dec := f.NewDecoder(plan, logformat.File{Head: log})
	rec := event.NewRecord(len(plan.Fields))
	pass := func() {
		for buf := log; len(buf) > 0; {
			rec.Reset()
			n, err := dec.Next(buf, true, rec)
			if n == 0 {
				t.Fatalf("no progress: %v", err)
			}
			if err == nil {
				dec.Time(rec)
			}
			buf = buf[n:]
		}
	}
	pass()
	if n := testing.AllocsPerRun(10, pass); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
