package simulate

import (
	"fmt"
	"strings"
	"time"
)

// The accounts are the example numbers of AWS's own documentation.
const (
	production = "111122223333"
	staging    = "444455556666"
	sandbox    = "123456789012"
	security   = "777788889999"
)

// envelope is a record of CloudTrail, its members in the order in which AWS writes them
// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
const envelope = `{"eventVersion":"1.11","userIdentity":<identity>,"eventTime":"<time>","eventSource":"%s.amazonaws.com",` +
	`"eventName":"%s","awsRegion":"<region>","sourceIPAddress":"<ip>","userAgent":"<agent>",%s"requestParameters":%s,` +
	`"responseElements":%s,%s"requestID":"<uuid>","eventID":"<uuid2>","readOnly":%t,%s"eventType":"%s",` +
	`"managementEvent":%t,"recipientAccountId":"<account>","eventCategory":"%s"%s}`

// call is an API call as a table row.
type call struct {
	service, name     string
	request, response string // "" is null
	more              string // members between response and request id
	resources         string // members after readOnly
	data              bool   // an event of the data plane
	kind              string // eventType, if not AwsApiCall
}

// reads reports whether CloudTrail calls an API call read-only, which its name decides with few exceptions.
func (c *call) reads() bool {
	for _, prefix := range []string{"Get", "List", "Describe", "Lookup", "Head", "Decrypt", "GenerateDataKey", "AssumeRole", "Search", "BatchGet", "Filter", "Query", "StartQuery"} {
		if strings.HasPrefix(c.name, prefix) {
			return true
		}
	}
	return false
}

// record is the text of the call's record: of its success with failure "".
func (c *call) record(failure, message string) string {
	null := func(text string) string {
		if text == "" {
			return "null"
		}
		return text
	}
	kind, category := c.kind, "Management"
	if kind == "" {
		kind = "AwsApiCall"
	}
	if c.data {
		category = "Data"
	}
	errs, response := "", null(c.response)
	if failure != "" {
		errs = fmt.Sprintf(`"errorCode":"%s","errorMessage":"%s",`, failure, message)
		response = "null"
	}
	return fmt.Sprintf(envelope, c.service, c.name, errs, null(c.request), response, c.more, c.reads(), c.resources, kind, !c.data, category, "<tls>")
}

// tls is what CloudTrail says of calls that came over the network.
const tls = `,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"<host>"}`

// trail is what the actors of CloudTrail are made with.
type trail struct {
	v *vocabulary
	random
	actors []*actor
}

func cloudtrail(r random) (*vocabulary, []*actor) {
	t := trail{v: general(), random: r}
	t.define()
	t.services()
	t.workloads()
	t.tools()
	t.people()
	return t.v, t.actors
}

// define defines the slots of CloudTrail.
func (t *trail) define() {
	v := t.v
	for _, name := range []string{"identity", "ip", "agent", "tls", "account", "role", "session", "user", "source", "invoker"} {
		v.define(name, nil)
	}
	v.define("region", mostlyFirst(v, "eu-central-1", "eu-central-1", "eu-west-1", "us-east-1"))
	v.define("ip", func(s *scope, dst []byte) []byte { return dotted(dst, 198, 51, 100, 64+s.IntN(6)) })
	v.define("inside", func(s *scope, dst []byte) []byte { return dotted(dst, 10, 20, s.heavy(64), s.between(4, 250)) })
	v.define("since", func(s *scope, dst []byte) []byte {
		return appendTime(dst, s.now.Add(-time.Duration(s.IntN(3600))*time.Second))
	})
	v.define("until", func(s *scope, dst []byte) []byte {
		return s.now.Add(time.Hour).AppendFormat(dst, "Jan 2, 2006, 3:04:05 PM")
	})
	v.define("instance", func(s *scope, dst []byte) []byte {
		return fmt.Appendf(dst, "i-0%016x", 0x1f3a9c07be51d2+s.heavy(180)*7919)
	})
	v.define("volume", func(s *scope, dst []byte) []byte {
		return fmt.Appendf(dst, "vol-0%016x", 0x2c41d80a77b3e9+s.heavy(300)*6151)
	})
	t.storage()
	v.define("kmskey", func(s *scope, dst []byte) []byte {
		n := s.heavy(14)
		return fmt.Appendf(dst, "%08x-4b1c-4e0a-9d57-%012x", 0x3a5f1c20+n*104729, 0x6b1e92c4d7f0+n*15485863)
	})
	v.define("secret", mostlyFirst(v, words(`prod/orders/database prod/payments/api prod/search/elastic prod/mail/smtp prod/web/session-signing staging/orders/database`)...))
	v.define("parameter", mostlyFirst(v, words(`/kestrel/prod/web/feature-flags /kestrel/prod/orders/queue-url /kestrel/prod/search/endpoint /kestrel/prod/web/log-level /kestrel/prod/mail/from`)...))
	v.define("function", mostlyFirst(v, words(`order-created thumbnailer invoice-pdf search-indexer stock-sync mail-sender nightly-report webhook-relay`)...))
	v.define("service", mostlyFirst(v, words(`web orders search payments stock mail admin reports`)...))
	v.define("group", func(s *scope, dst []byte) []byte {
		return fmt.Appendf(dst, "sg-0%016x", 0x77aa01c9e4f3b2+s.heavy(60)*3571)
	})
	v.define("subnet", func(s *scope, dst []byte) []byte {
		return fmt.Appendf(dst, "subnet-0%016x", 0x51bb08d2c3a7e4+s.heavy(12)*2741)
	})
	v.define("rolename", mostlyFirst(v, words(`web-task orders-task search-task payments-task stock-task mail-task order-created-lambda thumbnailer-lambda
		invoice-pdf-lambda search-indexer-lambda data-pipeline eks-node observability-reader terraform-deploy github-deploy backup-runner`)...))
	v.define("username", mostlyFirst(v, words(`ann.keller ben.moreau carla.rossi dev.patel emma.lind felix.braun grace.okafor hugo.silva`)...))
	v.define("host", nil)
}

// storage defines the buckets, and the objects that each of them has.
func (t *trail) storage() {
	const loadBalancer = "AWSLogs/" + production + "/elasticloadbalancing/eu-central-1/<day>/" + production + "_elasticloadbalancing_eu-central-1_app.web.<hex16>.log.gz"
	var names []string
	objects := map[string]template{}
	for _, b := range [][2]string{
		{"kestrel-orders", "orders/<day>/part-<hex8>.json.gz"},
		{"kestrel-product-images", "images/<few>/<hex16>.webp"},
		{"kestrel-web-assets", "assets/<hex8>/app.js"},
		{"kestrel-events-raw", "raw/<day>/events-<hex12>.parquet"},
		{"kestrel-events-curated", "curated/<day>/events-<hex8>.parquet"},
		{"kestrel-invoices", "invoices/<day>/<thousands>-<thousands>.pdf"},
		{"kestrel-alb-logs", loadBalancer},
		{"kestrel-terraform-state", "network/terraform.tfstate"},
		{"kestrel-backups", "db-1/<day>/base-<few>.tar.zst"},
		{"kestrel-ml-features", "features/<day>/<hex8>.parquet"},
		{"kestrel-exports", "exports/<day>/customers-<thousands>.csv"},
	} {
		names = append(names, b[0])
		objects[b[0]] = t.v.compile(b[1])
	}
	bucket := t.v.define("bucket", mostlyFirst(t.v, names...))
	t.v.define("object", func(s *scope, dst []byte) []byte { return s.fill(dst, objects[string(s.value(bucket))]) })
}

// failure is a way in which calls fail.
type failure struct{ code, message string }

// line compiles a call and its failures.
func (t *trail) line(c call, rate float64, failures ...failure) *line {
	l := &line{good: t.v.compile(c.record("", "")), badRate: rate}
	for _, f := range failures {
		l.bad = append(l.bad, t.v.compile(c.record(f.code, f.message)))
	}
	return l
}

// The identities that records name.
const (
	byService = `{"type":"AWSService","invokedBy":"<invoker>"}`
	byRole    = `{"type":"AssumedRole","principalId":"%[1]s:<session>","arn":"arn:aws:sts::<account>:assumed-role/<role>/<session>",` +
		`"accountId":"<account>","accessKeyId":"ASIA<key>","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"%[1]s",` +
		`"arn":"arn:aws:iam::<account>:role/%[2]s<role>","accountId":"<account>","userName":"<role>"},` +
		`"attributes":{"creationDate":"<since>","mfaAuthenticated":"false"}%[3]s}}`
	byUser = `{"type":"IAMUser","principalId":"%[1]s","arn":"arn:aws:iam::<account>:user/<user>","accountId":"<account>",` +
		`"accessKeyId":"AKIA%[2]s","userName":"<user>"}`
)

// roleIdentity is the identity of a role's session.
func roleIdentity(account, path, role, more string) string {
	return fmt.Sprintf(byRole, "AROA"+stable(account+role, 17), path, more)
}

// userIdentity is the identity of a user in production, with a key.
func userIdentity(user string) string {
	return fmt.Sprintf(byUser, "AIDA"+stable(user, 17), stable("key of "+user, 9)+"EXAMPLE")
}

// binds compiles what is always so of an actor: a name, its text, the next name and so on.
func binds(v *vocabulary, pairs ...string) map[slot]template {
	out := map[slot]template{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[v.slot(pairs[i])] = v.compile(pairs[i+1])
	}
	return out
}

// holds are the slots of some names.
func holds(v *vocabulary, names ...string) []slot {
	var out []slot
	for _, n := range names {
		out = append(out, v.slot(n))
	}
	return out
}
