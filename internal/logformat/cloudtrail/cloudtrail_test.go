package cloudtrail_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/cloudtrail"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

const one = `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ann"},"eventTime":"2026-03-02T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"aws-cli","requestParameters":{"userName":"bob"},"responseElements":null}`

// names decodes a whole log and returns eventName/userName of each event, and how many records were bad.
func names(t *testing.T, log string) (got []string, bad int) {
	t.Helper()
	plan := logformat.NewPlan("eventName", "requestParameters.userName", "eventTime")
	head := []byte(log[:min(len(log), 64<<10)])
	if (cloudtrail.Format{}).Sniff(head) < 50 {
		t.Fatalf("not recognised: %.80s", log)
	}
	return decoded(t, plan, cloudtrail.Format{}.NewDecoder(plan, logformat.File{Head: head}), log)
}

func decoded(t *testing.T, plan *logformat.Plan, dec logformat.Decoder, log string) (got []string, bad int) {
	t.Helper()
	rec := event.NewRecord(len(plan.Fields))
	for buf := []byte(log); len(buf) > 0; {
		rec.Reset()
		n, err := dec.Next(buf, true, rec)
		if n == 0 {
			t.Fatalf("no progress at %.40s", buf)
		}
		buf = buf[n:]
		var re *logformat.RecordError
		switch {
		case errors.As(err, &re):
			bad++
		case err == nil:
			got = append(got, string(rec.Text(0))+"/"+string(rec.Text(1)))
			if ns, ok := dec.Time(rec); !ok || time.Unix(0, ns).UTC().Year() < 2020 {
				t.Errorf("no time: %s", rec.Raw)
			}
		case !errors.Is(err, logformat.ErrSkip):
			t.Fatal(err)
		}
	}
	return got, bad
}

func TestShapes(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	var pretty strings.Builder
	enc := json.NewEncoder(&pretty)
	enc.SetIndent("", "  ")
	if err := enc.Encode([]json.RawMessage{json.RawMessage(one), json.RawMessage(one)}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		log  string
		want int
		bad  int
	}{
		"delivered file":       {`{"Records":[` + one + `,` + one + `]}`, 2, 0},
		"delivered, indented":  {"{\n  \"Records\": [\n    " + one + ",\n" + one + "\n  ]\n}\n", 2, 0},
		"two files in a row":   {`{"Records":[` + one + "]}\n" + `{"Records":[` + one + "]}\n", 2, 0},
		"lines":                {one + "\n" + one + "\r\n\n" + one, 3, 0},
		"one bad line":         {one + "\n{\"eventName\": \"x\n" + one + "\n", 2, 1},
		"garbage between":      {one + "\nhello\nworld\n" + one + "\n", 2, 2},
		"array":                {pretty.String(), 2, 0},
		"EventBridge":          {`{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":` + one + "}\n", 1, 0},
		"Lake, text":           {`{"eventData":` + string(quoted) + "}\n", 1, 0},
		"CloudWatch Logs":      {`{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":` + string(quoted) + `}]}`, 1, 0},
		"CloudWatch filter":    {`{"events":[{"logStreamName":"s","message":` + string(quoted) + `}],"searchedLogStreams":[]}`, 1, 0},
		"CSV, a quote is open": {"eventName,eventTime,requestParameters\nCreateUser,2026-03-02T10:00:00Z,{userName=bob}\nx,y,\"z\n", 1, 1},
		"CSV, a cell is short": {"eventName,eventTime,requestParameters\nCreateUser,2026-03-02T10:00:00Z,{userName=bob}\nx,y\n\nCreateUser,2026-03-02T10:00:00Z,{userName=bob}", 2, 1},
		"CSV, a row too long":  {"eventName,eventTime,requestParameters\nx,y,\"" + strings.Repeat("z", 1<<20) + "\nCreateUser,2026-03-02T10:00:00Z,{userName=bob}\n", 1, 1},
		"truncated":            {`{"Records":[` + one + `,` + one[:100], 1, 1},
		"lower case, embedded": {`{"eventversion":"1.08","eventname":"CreateUser","eventsource":"iam.amazonaws.com","eventtime":"2026-03-02T10:00:00Z","requestparameters":"{\"userName\":\"bob\"}"}` + "\n", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, bad := names(t, c.log)
			want := make([]string, c.want)
			for i := range want {
				want[i] = "CreateUser/bob"
			}
			if diff := cmp.Diff(want, got); diff != "" || bad != c.bad {
				t.Errorf("%d bad, want %d; %s", bad, c.bad, diff)
			}
		})
	}
}

func TestStratusCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../../shared/corpus/logs/stratus/*.json")
	if err != nil || len(files) == 0 {
		t.Skip("corpus/logs/stratus is absent")
	}
	events := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		got, bad := names(t, string(data))
		if bad > 0 {
			t.Errorf("%s: %d bad records", f, bad)
		}
		events += len(got)
	}
	if events != 310 {
		t.Errorf("%d events, want 310", events)
	}
}

func TestDigestIsSkipped(t *testing.T) {
	t.Parallel()
	got, bad := names(t, `{"awsAccountId":"111122223333","digestStartTime":"2026-03-02T10:00:00Z","previousDigestSignature":"ab","logFiles":[{"s3Bucket":"b"}]}`)
	if len(got) != 0 || bad != 0 {
		t.Errorf("got %v, %d bad", got, bad)
	}
}

// TestGolden reads each of the forms that events are exported in.
// TestNextFile goes on with a decoder from one file to the next, of the same kind or another.
func TestNextFile(t *testing.T) {
	t.Parallel()
	logs := []struct {
		text   string
		events int
		layout logformat.Layout
	}{
		{`{"Records":[` + one + `,` + strings.Replace(one, "bob", "eve", 1) + `]}`, 2, logformat.Stream},
		{one + "\n" + one + "\n", 2, logformat.Lines},
		{`{"Records":[` + one + "]}\n" + `{"Records":[` + one + "]}\n", 2, logformat.Lines},
		{`{"Records":[` + one + "\n]}\n", 1, logformat.Stream},
		{`{"Records":[` + strings.Replace(one, `"bob"`, `"","digestStartTime":"","previousDigestSignature":"","QueryResultRows":""`, 1) + `]}`, 1, logformat.Stream},
		{`{"awsAccountId":"111122223333","digestStartTime":"2026-03-02T10:00:00Z","previousDigestSignature":"ab"}`, 0, logformat.Lines},
		{strings.ToLower(one) + "\n", 1, logformat.Lines},
	}
	for _, first := range logs {
		if got := (cloudtrail.Format{}).Layout([]byte(first.text)); got != first.layout {
			t.Errorf("%.60s: layout %v", first.text, got)
		}
		for _, second := range logs {
			plan := logformat.NewPlan("eventName", "requestParameters.userName", "eventTime")
			file := logformat.File{Head: []byte(second.text)}
			dec := cloudtrail.Format{}.NewDecoder(plan, logformat.File{Head: []byte(first.text)})
			decoded(t, plan, dec, first.text)
			if r, ok := dec.(logformat.Resetter); !ok || !r.Reset(file) {
				dec = cloudtrail.Format{}.NewDecoder(plan, file)
			}
			if got, bad := decoded(t, plan, dec, second.text); len(got) != second.events || bad > 0 {
				t.Errorf("%.60s after %.60s: %v, %d bad", second.text, first.text, got, bad)
			}
		}
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, cloudtrail.Format{})
}

func TestNoAllocation(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the whole process allocates
	for _, name := range []string{"cwexport", "cwsubscription", "lookup", "queued", "lakerows", "athena", "lakejson"} { //nolint:paralleltest // likewise
		log, err := os.ReadFile("testdata/" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { logformattest.NoAllocations(t, cloudtrail.Format{}, log) })
	}
}

func FuzzDecode(f *testing.F) {
	logformattest.Fuzz(f, cloudtrail.Format{})
}
