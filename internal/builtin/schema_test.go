package builtin_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/internal/source"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

type object = map[string]any

const inPieces = "ocsf: Security Lake, in pieces"

// objectsAsked are the examples that turn on whether an object is there, which keys with dots do not say.
var objectsAsked = []string{
	"Object lock by-passed or removed: lock set",
	"Access or audit logging of a resource switched off: bucket",
	"Compute with a role started with a long-term key: instance",
}

// TestSchemas writes the CloudTrail events that shipped rules match as other schemas and exports carry them, and wants every
// rule to match them there as well, and not to match what it must not.
func TestSchemas(t *testing.T) {
	t.Parallel()
	b, err := rulebook.Load(t.Context(), builtin.Rules())
	if err != nil {
		t.Fatal(err)
	}
	examples := cloudtrailExamples(t, b)
	if len(examples) < 100 {
		t.Errorf("only %d examples", len(examples))
	}
	for name, write := range map[string]func([]object) []byte{
		"ocsf: Security Lake": lines(securityLake), inPieces: lines(securityLakePieces),
		"ecs: Filebeat": lines(filebeat), "ecs: Filebeat, raw event": lines(filebeatRaw),
		"cloudtrail: Athena": athena, "cloudtrail: Lake": lakeRows,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, e := range examples {
				want := e.match != (name == inPieces && slices.Contains(objectsAsked, e.name))
				format, _, _ := strings.Cut(name, ":")
				if got := matches(t, e, write(e.events), format); got != want {
					t.Errorf("%s: matches is %v", e.name, got)
				}
			}
		})
	}
}

// example is an example of a shipped rule.
type example struct {
	name, title string
	rules       *sigma.RuleSet
	events      []object
	match       bool
}

func cloudtrailExamples(t *testing.T, b *rulebook.Book) (out []example) {
	t.Helper()
	for _, r := range b.Set.Rules {
		if b.Details[r] == nil {
			continue
		}
		examples, err := b.Details[r].Examples()
		if err != nil {
			t.Fatal(err)
		}
		rules := b.Set.Only(r)
		for _, e := range examples {
			if e.Format != "cloudtrail" {
				continue
			}
			log, err := e.Lines()
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, example{r.Title + ": " + e.Name, r.Title, rules, parse(t, log), e.Match})
		}
	}
	return out
}

func parse(t *testing.T, log []byte) (events []object) {
	t.Helper()
	for line := range bytes.Lines(log) {
		var in object
		if err := json.Unmarshal(line, &in); err != nil {
			t.Fatal(err)
		}
		events = append(events, in)
	}
	return events
}

func lines(write func(object) object) func([]object) []byte {
	return func(events []object) (out []byte) {
		for _, e := range events {
			out = append(append(out, asText(write(e)).(string)...), '\n')
		}
		return out
	}
}

func matches(t *testing.T, e example, log []byte, format string) bool {
	t.Helper()
	res, err := detect.Run(t.Context(), detect.Config{
		Rules: e.rules, Ingest: ingest.Config{Formats: builtin.Formats(), Workers: 1, Chunk: 32 << 10},
	}, logs{log})
	if err != nil {
		t.Fatal(err)
	}
	if n := res.Summary.Formats[format]; n != 1 {
		t.Fatalf("read as %v: %s", res.Summary.Formats, log)
	}
	return slices.ContainsFunc(res.Findings, func(f finding.Finding) bool { return f.Rule.Title == e.title })
}

// logs is a source of some logs.
type logs [][]byte

// Items yields them.
func (s logs) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		for i, log := range s {
			item := source.Item{
				Name: fmt.Sprintf("log %d", i), Size: int64(len(log)),
				Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(log)), nil },
			}
			if !yield(item, nil) {
				return
			}
		}
	}
}

// at returns what stands under a path; nil if nothing does.
func at(in any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		o, ok := in.(object)
		if !ok {
			return nil
		}
		in = o[key]
	}
	return in
}

// put sets what stands under a path, unless it is nil.
func put(out object, path string, value any) {
	keys := strings.Split(path, ".")
	if value == nil {
		return
	}
	for _, key := range keys[:len(keys)-1] {
		next, ok := out[key].(object)
		if !ok {
			next = object{}
			out[key] = next
		}
		out = next
	}
	out[keys[len(keys)-1]] = value
}

// flatten puts what is below a value under keys with dots.
func flatten(out object, prefix string, in any) {
	o, ok := in.(object)
	if !ok {
		out[prefix] = in
		return
	}
	for key, v := range o {
		flatten(out, prefix+"."+key, v)
	}
}

func asText(v any) any {
	if v == nil {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// lake is where Security Lake's mapping of version 1.1.0 puts what.
var lake = map[string]string{
	"eventName": "api.operation", "eventSource": "api.service.name", "eventID": "metadata.uid", "eventType": "metadata.event_code",
	"awsRegion": "cloud.region", "userAgent": "http_request.user_agent", "errorCode": "api.response.error", "errorMessage": "api.response.message",
	"userIdentity.type": "actor.user.type", "userIdentity.arn": "actor.user.uid", "userIdentity.principalId": "actor.user.uid_alt",
	"userIdentity.userName": "actor.user.name", "userIdentity.accountId": "actor.user.account.uid", "userIdentity.accessKeyId": "actor.user.credential_uid",
	"userIdentity.invokedBy": "actor.invoked_by", "userIdentity.sessionContext.sessionIssuer.arn": "actor.session.issuer",
	"userIdentity.sessionContext.attributes.mfaAuthenticated": "actor.session.is_mfa", "requestID": "api.request.uid", "eventVersion": "metadata.product.version",
	"eventCategory": "metadata.product.feature.name", "recipientAccountId": "cloud.account.uid", "vpcEndpointId": "src_endpoint.uid",
}

func securityLake(in object) object {
	out := lakeEvent(in)
	put(out, "api.request.data", asText(in["requestParameters"]))
	put(out, "api.response.data", asText(in["responseElements"]))
	return out
}

func securityLakePieces(in object) object {
	out := lakeEvent(in)
	rest := out["unmapped"].(object)
	for _, key := range []string{"requestParameters", "responseElements"} {
		if in[key] != nil {
			flatten(rest, key, in[key])
		}
	}
	return out
}

func lakeEvent(in object) object {
	out := object{"class_uid": 6003, "category_uid": 6, "type_uid": 600399, "severity_id": 1}
	if in["eventName"] == "ConsoleLogin" {
		out["class_uid"], out["category_uid"], out["type_uid"] = 3002, 3, 300201
	}
	put(out, "metadata.version", "1.1.0")
	put(out, "metadata.product.name", "CloudTrail")
	when, err := time.Parse(time.RFC3339, fmt.Sprint(in["eventTime"]))
	if err != nil {
		panic(err)
	}
	out["time"] = when.UnixMilli()
	if ip, ok := in["sourceIPAddress"].(string); ok {
		put(out, map[bool]string{true: "src_endpoint.domain", false: "src_endpoint.ip"}[strings.Contains(ip, "amazonaws") || strings.HasPrefix(ip, "AWS")], ip)
	}
	switch at(in, "additionalEventData.MFAUsed") {
	case "Yes":
		out["is_mfa"] = true
	case "No":
		out["is_mfa"] = false
	}
	for _, from := range slices.Sorted(maps.Keys(lake)) {
		put(out, lake[from], at(in, from))
	}
	rest := object{}
	flatten(rest, "", in)
	unmapped := object{}
	for key, v := range rest {
		key = key[1:]
		if first, _, _ := strings.Cut(key, "."); lake[key] == "" && first != "requestParameters" && first != "responseElements" &&
			key != "eventTime" && key != "sourceIPAddress" && key != "additionalEventData.MFAUsed" {
			unmapped[key] = v
		}
	}
	out["unmapped"] = unmapped
	return out
}

func filebeat(in object) object {
	out := filebeatEvent(in)
	for from, to := range map[string]string{
		"userIdentity.type": "user_identity.type", "userIdentity.arn": "user_identity.arn", "userIdentity.invokedBy": "user_identity.invoked_by",
		"userIdentity.accessKeyId":                                "user_identity.access_key_id",
		"userIdentity.sessionContext.attributes.mfaAuthenticated": "user_identity.session_context.mfa_authenticated",
		"userIdentity.sessionContext.sessionIssuer.type":          "user_identity.session_context.session_issuer.type",
		"userIdentity.sessionContext.sessionIssuer.arn":           "user_identity.session_context.session_issuer.arn",
		"errorCode": "error_code", "errorMessage": "error_message", "eventType": "event_type", "readOnly": "read_only",
		"requestParameters": "flattened.request_parameters", "responseElements": "flattened.response_elements",
		"additionalEventData": "flattened.additional_eventdata", "serviceEventDetails": "flattened.service_event_details",
		"recipientAccountId": "recipient_account_id", "eventCategory": "event_category", "vpcEndpointId": "vpc_endpoint_id",
	} {
		put(out, "aws.cloudtrail."+to, at(in, from))
	}
	return out
}

func filebeatRaw(in object) object {
	out := filebeatEvent(in)
	put(out, "event.original", asText(in))
	return out
}

func filebeatEvent(in object) object {
	out := object{"@timestamp": in["eventTime"], "ecs": object{"version": "8.11.0"}}
	put(out, "event.dataset", "aws.cloudtrail")
	for from, to := range map[string]string{
		"eventName": "event.action", "eventSource": "event.provider", "eventID": "event.id", "awsRegion": "cloud.region",
		"sourceIPAddress": "source.address", "userAgent": "user_agent.original",
		"userIdentity.principalId": "user.id", "userIdentity.accountId": "cloud.account.id",
	} {
		put(out, to, at(in, from))
	}
	put(out, "user.name", at(in, "userIdentity.userName"))
	put(out, "user.name", at(in, "userIdentity.sessionContext.sessionIssuer.userName"))
	return out
}

// columns are those of Athena's table for CloudTrail, and of CloudTrail Lake.
var columns = []string{
	"eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode",
	"errorMessage", "requestParameters", "responseElements", "additionalEventData", "requestID", "eventID", "readOnly", "resources",
	"eventType", "managementEvent", "recipientAccountId", "serviceEventDetails", "sharedEventID", "vpcEndpointId", "eventCategory", "tlsDetails",
	"sessionCredentialFromConsole",
}

// athena writes events as Athena's console saves them: requests as JSON, structures as Java prints them.
func athena(events []object) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = strings.ToLower(c)
	}
	w.Write(row) //nolint:errcheck // a bytes.Buffer
	for _, e := range events {
		for i, c := range columns {
			switch v := e[c].(type) {
			case nil:
				row[i] = ""
			case string:
				row[i] = v
			case object, []any:
				if row[i] = asText(v).(string); c == "userIdentity" || c == "resources" || c == "tlsDetails" {
					row[i] = java(v)
				}
			default:
				row[i] = fmt.Sprint(v)
			}
		}
		w.Write(row) //nolint:errcheck // likewise
	}
	w.Flush()
	return out.Bytes()
}

// lakeRows writes events as get-query-results of CloudTrail Lake returns them.
func lakeRows(events []object) []byte {
	var rows []any
	for _, e := range events {
		var row []any
		for _, c := range columns {
			switch v := e[c].(type) {
			case nil:
				row = append(row, object{c: nil})
			case object, []any:
				row = append(row, object{c: java(v)})
			default:
				row = append(row, object{c: fmt.Sprint(v)})
			}
		}
		rows = append(rows, row)
	}
	return []byte(asText(object{"QueryResultRows": rows, "QueryStatus": "FINISHED", "NextToken": "t"}).(string))
}

// java prints a value as Java's maps and lists do.
func java(v any) string {
	var parts []string
	switch v := v.(type) {
	case object:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+"="+java(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		for _, x := range v {
			parts = append(parts, java(x))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}
