// Package nginxjson reads web access logs written as JSON: nginx's with the variables of its log_format for keys
// (ngx_http_core_module and ngx_http_log_module, "Embedded Variables"), and those of others with the same or the usual keys.
package nginxjson

import (
	"bytes"
	"slices"

	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/web"
	"github.com/gatehouse-sec/gatehouse/internal/webjson"
)

// Format is web access logs in JSON.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises an address, a status and a request under one of their usual keys.
func (Format) Sniff(head []byte) int {
	if !jsonlog.Begins(head) {
		return 0
	}
	if first, _, _ := bytes.Cut(head, []byte("\n")); len(bytes.TrimSpace(first)) < 3 { // an object over many lines, or an array
		return sureOf(head[:min(len(head), 4096)])
	}
	for line := range bytes.Lines(head[:min(len(head), 16<<10)]) {
		if sure := sureOf(line); sure > 0 {
			return sure
		}
	}
	return 0
}

// sureOf says how sure the format is of one record.
func sureOf(record []byte) int {
	requests := slices.Concat(config.Request, config.Target)
	for _, names := range [][]string{config.Keys["c-ip"], config.Keys["sc-status"], requests} {
		if !anyKey(record, names) {
			return 0
		}
	}
	if anyKey(record, []string{"http_user_agent", "body_bytes_sent", "time_iso8601", "time_local", "remote_addr"}) {
		return 85
	}
	return 70
}

func anyKey(head []byte, names []string) bool {
	for _, n := range names {
		if jsonlog.HasKeys(head, n) {
			return true
		}
	}
	return false
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout { return jsonlog.Layout(head) }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = webjson.Config{
	Keys: map[string][]string{
		"time":            {"time_iso8601", "msec", "time_local", "time", "timestamp", "@timestamp", "ts", "date"},
		"c-ip":            {"remote_addr", "remote_ip", "client_ip", "clientip", "clientIp", "client", "ip"},
		"c-port":          {"remote_port", "client_port"},
		"x-forwarded-for": {"http_x_forwarded_for", "x_forwarded_for", "xff"},
		"cs-username":     {"remote_user", "user_name", "username", "user", "auth"},
		"cs-method":       {"request_method", "method", "verb", "http_method"},
		"cs-version":      {"server_protocol", "protocol", "http_version", "proto"},
		"cs-host":         {"http_host", "host", "vhost", "domain", "server_name"},
		"cs-referer":      {"http_referer", "http_referrer", "referer", "referrer"},
		"cs-user-agent":   {"http_user_agent", "user_agent", "useragent", "userAgent", "agent", "ua"},
		"cs-cookie":       {"http_cookie", "cookie"},
		"cs-bytes":        {"request_length", "bytes_received"},
		"sc-status":       {"status", "response_status", "status_code", "response", "code"},
		"sc-bytes":        {"body_bytes_sent", "bytes_sent", "bytes", "size", "response_size"},
		"time-taken":      {"request_time", "responsetime", "response_time", "duration"},
		"request":         {"request", "request_line"},
		"upstream":        {"upstream_addr"},
		"upstream-status": {"upstream_status"},
		"upstream-time":   {"upstream_response_time"},
		"request-id":      {"request_id", "http_x_request_id"},
		"ssl-protocol":    {"ssl_protocol", "tls_protocol"},
		"ssl-cipher":      {"ssl_cipher", "tls_cipher"},
		"s-port":          {"server_port"},
	},
	Request:     []string{"request", "request_line"},
	Target:      []string{"request_uri", "uri", "url", "path", "request_path", "document_uri"},
	Query:       []string{"args", "query_string", "query"},
	Backslashes: true,
	Times:       []string{"time"},
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "nginx-json", Title: "Web access log in JSON (nginx and alike)",
	Fields: append(web.Fields(), []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when the request was finished: time_iso8601, msec, time_local, time, timestamp, …"},
		{Name: "request", Doc: "the request line as it was received"},
		{Name: "c-port", Type: logformat.Integer, Doc: "port of the client (remote_port)"},
		{Name: "x-forwarded-for", Doc: "X-Forwarded-For header"},
		{Name: "cs-cookie", Doc: "cookies (http_cookie)"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes of the request (request_length)"},
		{Name: "time-taken", Type: logformat.Float, Doc: "seconds from the request's first byte to the log entry (request_time)"},
		{Name: "upstream", Doc: "servers that the request was passed to (upstream_addr)"},
		{Name: "upstream-status", Doc: "their statuses (upstream_status)"},
		{Name: "upstream-time", Doc: "seconds that they took (upstream_response_time)"},
		{Name: "request-id", Doc: "id that nginx gave the request (request_id)"},
		{Name: "ssl-protocol", Doc: "version of TLS (ssl_protocol)"},
		{Name: "ssl-cipher", Doc: "cipher of the TLS connection (ssl_cipher)"},
		{Name: "s-port", Type: logformat.Integer, Doc: "port of the server (server_port)"},
	}...),
	Classes: []logformat.Class{{Name: "request", Sources: []logformat.Source{
		{Category: "webserver"}, {Category: "webserver", Product: "nginx"},
	}}},
	Entities: web.Entities(),
	Actor:    []string{"c-ip"},
	Needs:    []string{"time"},
	Keywords: []string{logformat.AllText},
}
