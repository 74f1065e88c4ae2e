// Package alb reads access logs of AWS Application Load Balancers ("Access log entries").
package alb

import (
	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Application Load Balancer access logs.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the first lines by their columns.
func (Format) Sniff(head []byte) int {
	parts := columns.Split(nil, columns.First(head))
	if len(parts) < 20 {
		return 0
	}
	switch string(parts[0]) {
	case "http", "https", "h2", "grpcs", "ws", "wss":
		if _, ok := timestamp.RFC3339(parts[1]); ok {
			return 95
		}
	}
	return 0
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	Names:     []string{"type", "time", "elb", "", "target:port", "request_processing_time", "target_processing_time", "response_processing_time", "sc-status", "target_status_code", "cs-bytes", "sc-bytes", "request", "cs-user-agent", "ssl_cipher", "ssl_protocol", "target_group_arn", "trace_id", "cs-host", "chosen_cert_arn", "matched_rule_priority", "request_creation_time", "actions_executed", "redirect_url", "error_reason", "target:port_list", "target_status_code_list", "classification", "classification_reason", "conn_trace_id", "transformed_host", "transformed_uri", "request_transform_status"},
	Least:     12,
	Request:   12,
	Endpoints: map[int][2]string{3: {"c-ip", "c-port"}},
	Time:      columns.RFC3339("time"),
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "alb", Title: "Application Load Balancer access logs",
	Fields: []logformat.Field{
		{Name: "type", Doc: "http, https, h2, grpcs, ws, wss"},
		{Name: "time", Type: logformat.Time, Doc: "when the response was sent"},
		{Name: "elb", Doc: "load balancer"},
		{Name: "target:port", Doc: "target"},
		{Name: "request_processing_time", Type: logformat.Float, Doc: "seconds"},
		{Name: "target_processing_time", Type: logformat.Float, Doc: "seconds"},
		{Name: "response_processing_time", Type: logformat.Float, Doc: "seconds"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "status sent"},
		{Name: "target_status_code", Type: logformat.Integer, Doc: "status of the target"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes received"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes sent"},
		{Name: "request", Doc: "request line"},
		{Name: "cs-user-agent", Doc: "User-Agent header"},
		{Name: "ssl_cipher", Doc: "cipher"},
		{Name: "ssl_protocol", Doc: "TLS version"},
		{Name: "target_group_arn", Doc: "target group"},
		{Name: "trace_id", Doc: "X-Amzn-Trace-Id"},
		{Name: "cs-host", Doc: "server name of the TLS hello"},
		{Name: "chosen_cert_arn", Doc: "certificate"},
		{Name: "matched_rule_priority", Type: logformat.Integer, Doc: "rule"},
		{Name: "request_creation_time", Type: logformat.Time, Doc: "when the request came"},
		{Name: "actions_executed", Doc: "actions"},
		{Name: "redirect_url", Doc: "redirect"},
		{Name: "error_reason", Doc: "error"},
		{Name: "target:port_list", Doc: "targets"},
		{Name: "target_status_code_list", Doc: "their status"},
		{Name: "classification", Doc: "Ambiguous, Severe, Acceptable"},
		{Name: "classification_reason", Doc: "why"},
		{Name: "conn_trace_id", Doc: "connection"},
		{Name: "transformed_host", Doc: "host after a rewrite"},
		{Name: "transformed_uri", Doc: "URI after a rewrite"},
		{Name: "request_transform_status", Doc: "rewrite"},
		{Name: "c-ip", Type: logformat.IP, Doc: "client address"},
		{Name: "c-port", Type: logformat.Integer, Doc: "client port"},
		{Name: "cs-method", Doc: "request method"},
		{Name: "cs-uri", Doc: "path and query; if percent-encoded, decoded once and twice as well"},
		{Name: "cs-uri-stem", Doc: "path; likewise"},
		{Name: "cs-uri-query", Doc: "query; likewise"},
		{Name: "cs-version", Doc: "protocol"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{{Product: "aws", Service: "elb"}, {Category: "webserver"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Resource, Fields: []string{"cs-uri-stem"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
		{Kind: logformat.Host, Fields: []string{"cs-host"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"time"},
}
