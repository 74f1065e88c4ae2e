// Package cloudtrail reads AWS CloudTrail: the files it delivers, JSON lines, events as EventBridge and CloudWatch Logs wrap
// them, and exports of CloudTrail Lake.
//
// Fields have CloudTrail's own names ("CloudTrail record contents" in the AWS CloudTrail User Guide).
package cloudtrail

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is AWS CloudTrail.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises CloudTrail by the keys that each of its records has.
func (Format) Sniff(head []byte) int {
	if !jsonlog.Begins(head) {
		return 0
	}
	switch {
	case jsonlog.HasKeys(head, "eventSource", "eventName", "eventVersion"):
		return 95
	case jsonlog.HasKeys(head, "eventSource", "eventName"), escaped(head, "eventSource", "eventName"):
		return 85
	case jsonlog.HasKeys(head, "eventsource", "eventname"):
		return 85
	case jsonlog.HasKeys(head, "digestStartTime", "previousDigestSignature"):
		return 95
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte(`{"Records":[]`)):
		return 60
	}
	return 0
}

// escaped reports whether the keys stand in JSON that is itself the value of a string.
func escaped(head []byte, keys ...string) bool {
	for _, k := range keys {
		if !bytes.Contains(head, []byte(`\"`+k+`\"`)) {
			return false
		}
	}
	return true
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout {
	if jsonlog.HasKeys(head, "logEvents") {
		return logformat.Stream
	}
	return jsonlog.Layout(head)
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{digest: jsonlog.HasKeys(file.Head, "digestStartTime", "previousDigestSignature")}
	d.framer = projection.Framer{Lines: Format{}.Layout(file.Head) == logformat.Lines, Wrappers: []string{"Records", "records", "logEvents", "Events", "QueryResultRows"}}
	fold := !jsonlog.HasKeys(file.Head, "eventSource") && jsonlog.HasKeys(file.Head, "eventsource")
	d.time = plan.Slot("eventTime")
	d.inner = projection.NewWalker(projection.Compile(plan.Fields, projection.Options{
		FoldCase: fold, AllText: plan.Slot(logformat.AllText) + 1,
		Embedded: []string{"requestParameters", "responseElements", "additionalEventData", "userIdentity", "resources", "serviceEventDetails", "tlsDetails"},
	}))
	d.fill = d.object
	return d
}

type decoder struct {
	framer projection.Framer
	inner  *projection.Walker
	fill   func([]byte) (int, error)
	rec    *event.Record
	time   int // slot
	digest bool
}

// Next decodes one record. Digest files hold no events.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	if d.digest {
		return len(buf), logformat.ErrSkip
	}
	d.rec = rec
	return d.framer.Next(buf, last, d.fill)
}

// object takes an event, or what wraps one.
func (d *decoder) object(buf []byte) (int, error) {
	n, err := d.inner.Object(buf, d.rec)
	if err != nil {
		return n, err
	}
	d.rec.Raw = buf[:n]
	if d.rec.First(d.time) == nil {
		return n, d.unwrap(buf[:n])
	}
	return n, nil
}

// unwrap looks for the event inside an object that is none itself: EventBridge's detail, CloudTrail Lake's eventData, a
// CloudWatch Logs message.
func (d *decoder) unwrap(buf []byte) error {
	for _, key := range [...]string{"detail", "eventData", "eventdata", "message", "CloudTrailEvent"} {
		inner := projection.Member(buf, key)
		if len(inner) == 0 {
			continue
		}
		if inner[0] == '"' {
			inner = projection.Unquote(inner)
		}
		if len(inner) == 0 || inner[0] != '{' {
			continue
		}
		raw := d.rec.Raw
		d.rec.Reset()
		d.rec.Raw = raw
		if _, err := d.inner.Object(inner, d.rec); err != nil {
			return logformat.Errorf("the event under %q is not JSON", key)
		}
		if d.rec.First(d.time) != nil {
			return nil
		}
	}
	return logformat.ErrSkip
}

// Time returns eventTime.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	if text := rec.Text(d.time); text != nil {
		return timestamp.Any(text)
	}
	return 0, false
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name:  "cloudtrail",
	Title: "AWS CloudTrail",
	Fields: []logformat.Field{
		{Name: "eventVersion", Doc: "version of the record's shape"},
		{Name: "eventTime", Type: logformat.Time, Doc: "when the request was made, UTC"},
		{Name: "eventSource", Doc: "the service asked, like iam.amazonaws.com"},
		{Name: "eventName", Doc: "the action asked for"},
		{Name: "eventType", Doc: "AwsApiCall, AwsConsoleSignIn, AwsServiceEvent, AwsConsoleAction, AwsCloudTrailInsight"},
		{Name: "eventCategory", Doc: "Management, Data, NetworkActivity or Insight"},
		{Name: "eventID", Doc: "the record's unique id"},
		{Name: "awsRegion", Doc: "region that the request was made to"},
		{Name: "sourceIPAddress", Doc: "address of the caller, or the name of an AWS service"},
		{Name: "userAgent", Doc: "agent that the request was made with"},
		{Name: "errorCode", Doc: "the service's error, if the request failed"},
		{Name: "errorMessage", Doc: "the error's description"},
		{Name: "requestID", Doc: "the service's id of the request"},
		{Name: "sharedEventID", Doc: "id that records of one event in several accounts share"},
		{Name: "apiVersion", Doc: "version of the API"},
		{Name: "managementEvent", Type: logformat.Boolean, Doc: "whether it is a management event"},
		{Name: "readOnly", Type: logformat.Boolean, Doc: "whether the action only reads"},
		{Name: "recipientAccountId", Doc: "account that the record was delivered to"},
		{Name: "vpcEndpointId", Doc: "VPC endpoint that the request came through"},
		{Name: "vpcEndpointAccountId", Doc: "account that owns the endpoint"},
		{Name: "sessionCredentialFromConsole", Doc: "true if the session came from the console"},
		{Name: "annotation", Doc: "annotation"},
		{Name: "userIdentity", Open: true, Doc: "who asked: type, arn, principalId, accountId, userName, sessionContext …"},
		{Name: "requestParameters", Open: true, Doc: "the request's parameters, as the service names them"},
		{Name: "responseElements", Open: true, Doc: "the response of actions that change something"},
		{Name: "additionalEventData", Open: true, Doc: "what the service adds: MFAUsed, LoginTo, bytesTransferredOut …"},
		{Name: "serviceEventDetails", Open: true, Doc: "details of a service event"},
		{Name: "insightDetails", Open: true, Doc: "details of an Insights event"},
		{Name: "resources", Open: true, Doc: "resources touched: ARN, accountId, type"},
		{Name: "tlsDetails", Open: true, Doc: "tlsVersion, cipherSuite, clientProvidedHostHeader"},
		{Name: "addendum", Open: true, Doc: "why a record is late or updated"},
		{Name: "edgeDeviceDetails", Open: true, Doc: "edge device"},
		{Name: "eventContext", Open: true, Doc: "tags and condition keys added to the event"},
	},
	Classes: []logformat.Class{{Name: "event", Sources: []logformat.Source{{Product: "aws", Service: "cloudtrail"}}}},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"sourceIPAddress"}},
		{Kind: logformat.Principal, Fields: []string{"userIdentity.arn", "userIdentity.userName", "userIdentity.principalId", "userIdentity.invokedBy"}},
		{Kind: logformat.Account, Fields: []string{"recipientAccountId", "userIdentity.accountId"}},
		{Kind: logformat.Region, Fields: []string{"awsRegion"}},
		{Kind: logformat.Resource, Fields: []string{
			"requestParameters.bucketName", "requestParameters.roleName", "requestParameters.userName", "requestParameters.groupName",
			"requestParameters.policyArn", "requestParameters.instanceId", "requestParameters.groupId", "requestParameters.snapshotId",
			"requestParameters.functionName", "requestParameters.keyId", "requestParameters.secretId", "requestParameters.name",
			"resources.ARN",
		}},
		{Kind: logformat.UserAgent, Fields: []string{"userAgent"}},
	},
	Actor: []string{
		"userIdentity.sessionContext.sessionIssuer.arn", "userIdentity.arn", "userIdentity.principalId", "userIdentity.userName",
		"userIdentity.invokedBy", "sourceIPAddress",
	},
	Needs:    []string{"eventTime"},
	Keywords: []string{logformat.AllText},
}
