package ocsf

import (
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Fields that are made of others.
const (
	verdict = "verdict"
	mfaUsed = "unmapped.additionalEventData.MFAUsed"
)

// also is where else a field may stand: what other versions of the schema call it, and where Security Lake puts parts of
// CloudTrail. What lies below a name here is looked for below the other names too.
//
//nolint:gochecknoglobals // constant data
var also = map[string][]string{
	"src_endpoint.address":           {"src_endpoint.ip", "src_endpoint.domain"},
	"api.request.data":               {"unmapped.requestParameters"},
	"api.response.data":              {"unmapped.responseElements"},
	"api.response.data.ConsoleLogin": {"status"},
	"metadata.event_code":            {"metadata.log_name", "unmapped.eventType"},
	"actor.user.uid":                 {"actor.user.uuid"},
	"actor.user.account.uid":         {"actor.user.account_uid"},
	"actor.session.is_mfa":           {"actor.session.mfa"},
	"actor.session.created_time_dt":  {"actor.session.created_time"},
	"cloud.account.uid":              {"cloud.account_uid", "unmapped.recipientAccountId"},
	"resources.account.uid":          {"resources.account_uid", "resources.owner.account.uid"},
	"http_request.url.url_string":    {"http_request.url.text"},
	"http_request.url.query_string":  {"http_request.args"},
	"http_response.code":             {"http_status"},
	"traffic.bytes":                  {"traffic.bytes_out"},
	"traffic.packets":                {"traffic.packets_out"},
	"src_endpoint.interface_uid":     {"dst_endpoint.interface_uid", "device.interface_uid"},
	"src_endpoint.instance_uid":      {"dst_endpoint.instance_uid", "device.instance_uid"},
	"src_endpoint.vpc_uid":           {"dst_endpoint.vpc_uid", "device.vpc_uid"},
	"src_endpoint.subnet_uid":        {"dst_endpoint.subnet_uid", "device.subnet_uid"},
	"process.user.name":              {"actor.user.name"},
	"actor.process.user.name":        {"actor.user.name"},
	"process.parent_process":         {"actor.process"},
	"user.name":                      {"actor.user.name"},
}

// places returns the paths that a field may stand under.
func places(field string) []string {
	switch field {
	case "cs-uri", "cs-uri-stem", "cs-uri-query", verdict: // made of others
		return nil
	case "src_endpoint.address": // a name that stands for several
		return also[field]
	}
	out := []string{field}
	for i := len(field); i > 0; i = strings.LastIndexByte(field[:i], '.') {
		for _, other := range also[field[:i]] {
			out = append(out, other+field[i:])
		}
	}
	return out
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "ocsf", Title: "Open Cybersecurity Schema Framework",
	Fields: []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when it happened, milliseconds since 1970"},
		{Name: "time_dt", Type: logformat.Time, Doc: "the same, written out"},
		{Name: "start_time", Type: logformat.Time, Doc: "when it began"},
		{Name: "end_time", Type: logformat.Time, Doc: "when it ended"},
		{Name: "class_uid", Type: logformat.Integer, Doc: "class: 1007 process, 2004 detection finding, 3002 authentication, 4001 network, 4002 HTTP, 4003 DNS, 6003 API"},
		{Name: "class_name", Doc: "its name"},
		{Name: "category_uid", Type: logformat.Integer, Doc: "category: 1 system, 2 findings, 3 identity, 4 network, 6 application"},
		{Name: "type_uid", Type: logformat.Integer, Doc: "class and activity in one number"},
		{Name: "activity_id", Type: logformat.Integer, Doc: "what was done, within the class"},
		{Name: "activity_name", Doc: "its name"},
		{Name: "severity_id", Type: logformat.Integer, Doc: "1 informational to 6 fatal"},
		{Name: "status", Doc: "Success or Failure"},
		{Name: "status_code", Doc: "the source's own code"},
		{Name: "message", Doc: "the message"},
		{Name: "action_id", Type: logformat.Integer, Doc: "1 allowed, 2 denied"},
		{Name: "disposition_id", Type: logformat.Integer, Doc: "1 allowed, 2 blocked, …"},
		{Name: "disposition", Doc: "its name"},
		{Name: "is_mfa", Type: logformat.Boolean, Doc: "whether a second factor was used"},
		{Name: verdict, Doc: "made of action_id, disposition_id or activity_id: ACCEPT or REJECT"},
		{Name: "cs-uri", Doc: "made of http_request.url: path and query, first as they stand in the log, then decoded, once and twice"},
		{Name: "cs-uri-stem", Doc: "made of http_request.url: path; likewise"},
		{Name: "cs-uri-query", Doc: "made of http_request.url: query; likewise"},
		{Name: "metadata.uid", Doc: "unique id"},
		{Name: "metadata.version", Doc: "version of the schema"},
		{Name: "metadata.product.name", Doc: "what reported it: CloudTrail, Amazon VPC"},
		{Name: "metadata.event_code", Doc: "the source's kind of event; of CloudTrail eventType"},
		{Name: "api.operation", Doc: "operation asked for; of CloudTrail eventName"},
		{Name: "api.service.name", Doc: "service asked; of CloudTrail eventSource"},
		{Name: "api.request.data", Open: true, Doc: "the request's parameters, an object or its JSON as text"},
		{Name: "api.response.data", Open: true, Doc: "the response; likewise"},
		{Name: "api.response.error", Doc: "error"},
		{Name: "actor.user.name", Doc: "user that acts"},
		{Name: "actor.user.uid", Doc: "their id; of CloudTrail the ARN (in 1.0.0-rc.2 the ARN is uuid, and uid the principal)"},
		{Name: "actor.user.type", Doc: "their type; of CloudTrail userIdentity.type"},
		{Name: "actor.user.account.uid", Doc: "their account"},
		{Name: "actor.process.file.path", Doc: "program of the process that acts"},
		{Name: "user.name", Doc: "user that it is about"},
		{Name: "src_endpoint.ip", Type: logformat.IP, Doc: "address that it came from"},
		{Name: "src_endpoint.address", Doc: "the same, or the name of a service where it is no address"},
		{Name: "src_endpoint.port", Type: logformat.Integer, Doc: "port that it came from"},
		{Name: "dst_endpoint.ip", Type: logformat.IP, Doc: "address that it went to"},
		{Name: "dst_endpoint.port", Type: logformat.Integer, Doc: "port that it went to"},
		{Name: "http_request.http_method", Doc: "request method"},
		{Name: "http_request.user_agent", Doc: "user agent"},
		{Name: "http_request.url.path", Doc: "path"},
		{Name: "http_response.code", Type: logformat.Integer, Doc: "status of the response"},
		{Name: "query.hostname", Doc: "DNS: name that is looked up"},
		{Name: "query.type", Doc: "DNS: record type"},
		{Name: "answers.rdata", Doc: "DNS: what the answers hold"},
		{Name: "rcode", Doc: "DNS: NOERROR, NXDOMAIN, …"},
		{Name: "process.file.path", Doc: "program of a new process"},
		{Name: "process.cmd_line", Doc: "its command line"},
		{Name: "process.parent_process.file.path", Doc: "program of its parent"},
		{Name: "file.path", Doc: "file"},
		{Name: "device.hostname", Doc: "host that it happened on"},
		{Name: "device.os.type_id", Type: logformat.Integer, Doc: "100 Windows, 200 Linux, 300 macOS"},
		{Name: "cloud.account.uid", Doc: "account"},
		{Name: "cloud.region", Doc: "region"},
		{Name: "resources.uid", Doc: "resources concerned"},
		{Name: "finding_info.title", Doc: "what a finding found"},
		{Name: mfaUsed, Doc: "CloudTrail's additionalEventData.MFAUsed, made of is_mfa: Yes or No"},
		// Objects of the schema, with all below them.
		{Name: "actor", Open: true, Doc: "who acts: user, process, session, idp"},
		{Name: "answers", Open: true, Doc: "DNS: answers"},
		{Name: "api", Open: true, Doc: "API call: request, response, service, group"},
		{Name: "attacks", Open: true, Doc: "ATT&CK techniques"},
		{Name: "cloud", Open: true, Doc: "cloud that it happened in"},
		{Name: "connection_info", Open: true, Doc: "connection: direction, protocol, flags"},
		{Name: "device", Open: true, Doc: "host that it happened on"},
		{Name: "dst_endpoint", Open: true, Doc: "what it went to"},
		{Name: "enrichments", Open: true, Doc: "enrichments"},
		{Name: "evidences", Open: true, Doc: "evidence of a finding"},
		{Name: "file", Open: true, Doc: "file"},
		{Name: "file_result", Open: true, Doc: "file after the change"},
		{Name: "finding_info", Open: true, Doc: "finding"},
		{Name: "firewall_rule", Open: true, Doc: "rule that decided"},
		{Name: "http_request", Open: true, Doc: "request"},
		{Name: "http_response", Open: true, Doc: "response"},
		{Name: "metadata", Open: true, Doc: "where the event is from"},
		{Name: "module", Open: true, Doc: "library that was loaded"},
		{Name: "observables", Open: true, Doc: "observables"},
		{Name: "process", Open: true, Doc: "process that it is about"},
		{Name: "query", Open: true, Doc: "DNS: question"},
		{Name: "resources", Open: true, Doc: "resources concerned"},
		{Name: "service", Open: true, Doc: "service"},
		{Name: "session", Open: true, Doc: "session"},
		{Name: "src_endpoint", Open: true, Doc: "what it came from"},
		{Name: "tls", Open: true, Doc: "TLS"},
		{Name: "traffic", Open: true, Doc: "bytes and packets"},
		{Name: "unmapped", Open: true, Doc: "what the source did not map, under its own names"},
		{Name: "user", Open: true, Doc: "user that it is about"},
	},
	Classes: classes,
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"src_endpoint.ip"}},
		{Kind: logformat.DestIP, Fields: []string{"dst_endpoint.ip"}},
		{Kind: logformat.Principal, Fields: []string{"actor.user.uid", "actor.user.name", "user.name"}},
		{Kind: logformat.Account, Fields: []string{"cloud.account.uid", "actor.user.account.uid"}},
		{Kind: logformat.Region, Fields: []string{"cloud.region"}},
		{Kind: logformat.Host, Fields: []string{"device.hostname"}},
		{Kind: logformat.Resource, Fields: []string{
			"api.request.data.bucketName", "api.request.data.roleName", "api.request.data.userName", "api.request.data.instanceId",
			"api.request.data.groupId", "resources.uid", "resources.name",
		}},
		{Kind: logformat.UserAgent, Fields: []string{"http_request.user_agent"}},
	},
	Actor: []string{
		"actor.session.issuer", "actor.user.uid", "actor.user.name", "src_endpoint.ip", "device.hostname",
	},
	Needs:    append([]string{"time", "time_dt"}, needs[:]...),
	Keywords: []string{logformat.AllText},
}
