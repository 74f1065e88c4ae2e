// Package alb reads access logs of AWS Application Load Balancers (User Guide for Application Load Balancers, "Access
// log entries").
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

// Sniff recognises the first line by its columns.
func (Format) Sniff(head []byte) int {
	parts := columns.Split(nil, columns.First(head), 0)
	if len(parts) < config.Least {
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
	Names: []string{
		"type", "time", "elb", "", "target", "request_processing_time", "target_processing_time", "response_processing_time",
		"sc-status", "target_status_code", "cs-bytes", "sc-bytes", "request", "cs-user-agent", "ssl_cipher", "ssl_protocol",
		"target_group_arn", "trace_id", "domain_name", "chosen_cert_arn", "matched_rule_priority", "request_creation_time",
		"actions_executed", "redirect_url", "error_reason", "target_list", "target_status_code_list", "classification",
		"classification_reason", "conn_trace_id", "transformed_host", "transformed_uri", "request_transform_status",
	},
	Least:           13,
	Request:         12,
	HostFromRequest: "cs-host",
	Endpoints:       map[int][2]string{3: {"c-ip", "c-port"}},
	Backslashes:     true,
	Times:           []string{"time"},
	Time:            columns.RFC3339,
}

// AWS's name of a field is in parentheses where Sigma has another.
//
//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "alb", Title: "Application Load Balancer access logs",
	Fields: []logformat.Field{
		{Name: "type", Doc: "http, https, h2, grpcs, ws or wss"},
		{Name: "time", Type: logformat.Time, Doc: "when the load balancer answered, UTC; of WebSockets, when the connection ended"},
		{Name: "elb", Doc: "resource id of the load balancer: app/name/id"},
		{Name: "c-ip", Type: logformat.IP, Doc: "address of the client (client:port)"},
		{Name: "c-port", Type: logformat.Integer, Doc: "port of the client (client:port)"},
		{Name: "target", Doc: "address and port of the target that worked on the request (target:port); absent if none did"},
		{Name: "request_processing_time", Type: logformat.Float, Doc: "seconds from receiving the request to sending it to a target; -1 if it was not sent"},
		{Name: "target_processing_time", Type: logformat.Float, Doc: "seconds from sending the request to the first header from the target; -1 if there was none"},
		{Name: "response_processing_time", Type: logformat.Float, Doc: "seconds from the target's first header to the answer to the client; -1 if there was none"},
		{Name: "sc-status", Type: logformat.Integer, Doc: "status that the load balancer answered with (elb_status_code)"},
		{Name: "target_status_code", Type: logformat.Integer, Doc: "status that the target answered with"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes of the request, headers and body (received_bytes)"},
		{Name: "sc-bytes", Type: logformat.Integer, Doc: "bytes of the response (sent_bytes)"},
		{Name: "request", Doc: "request line: method, URL with host and port, version"},
		{Name: "cs-method", Doc: "request method (from request)"},
		{Name: "cs-host", Doc: "host of the URL, from the Host header (from request)"},
		{Name: "cs-uri", Doc: "path and query of the request, first as they stand in the log; where % or + encodes something, decoded once, and where that is still encoded, twice"},
		{Name: "cs-uri-stem", Doc: "path; likewise (a + stays a +)"},
		{Name: "cs-uri-query", Doc: "query, without the question mark; likewise"},
		{Name: "cs-version", Doc: "protocol, like HTTP/1.1 (from request)"},
		{Name: "cs-user-agent", Doc: "User-Agent header (user_agent)"},
		{Name: "ssl_cipher", Doc: "cipher of the TLS connection"},
		{Name: "ssl_protocol", Doc: "version of TLS"},
		{Name: "target_group_arn", Doc: "ARN of the target group"},
		{Name: "trace_id", Doc: "X-Amzn-Trace-Id header"},
		{Name: "domain_name", Doc: "server name that the client asked for in the TLS handshake (SNI)"},
		{Name: "chosen_cert_arn", Doc: "ARN of the certificate shown to the client"},
		{Name: "matched_rule_priority", Type: logformat.Integer, Doc: "priority of the listener rule that applied, 0 the default one; -1 on an error before any rule"},
		{Name: "request_creation_time", Type: logformat.Time, Doc: "when the request was received, UTC"},
		{Name: "actions_executed", Doc: "what was done, separated by commas: waf, waf-failed, authenticate, redirect, fixed-response, forward"},
		{Name: "redirect_url", Doc: "Location header of a redirect"},
		{Name: "error_reason", Doc: "why an action failed, like AuthInvalidStateParam or LambdaThrottling"},
		{Name: "target_list", Doc: "targets that worked on the request, separated by spaces (target:port_list)"},
		{Name: "target_status_code_list", Doc: "their statuses, separated by spaces"},
		{Name: "classification", Doc: "Acceptable, Ambiguous or Severe: how far the request is from the standard (desync mitigation)"},
		{Name: "classification_reason", Doc: "why it was classified so, like AmbiguousUri or BothTeClPresent"},
		{Name: "conn_trace_id", Doc: "id of the connection, TID_…, as connection logs have it"},
		{Name: "transformed_host", Doc: "Host header after a rewrite"},
		{Name: "transformed_uri", Doc: "URI after a rewrite"},
		{Name: "request_transform_status", Doc: "how a rewrite went: TransformSuccess, TransformInvalidRegex, …"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{{Product: "aws", Service: "elb"}, {Category: "webserver"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Host, Fields: []string{"cs-host"}},
		{Kind: logformat.Resource, Fields: []string{"cs-uri-stem"}},
		{Kind: logformat.UserAgent, Fields: []string{"cs-user-agent"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"time"},
}
