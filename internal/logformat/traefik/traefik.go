// Package traefik reads Traefik's access log: JSON, and the common format with Traefik's own columns at the end (Traefik
// documentation, "Access Logs").
package traefik

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
	"github.com/gatehouse-sec/gatehouse/internal/web"
	"github.com/gatehouse-sec/gatehouse/internal/webjson"
)

// Format is Traefik's access log.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the keys of the JSON form, or the number of requests, router, server and milliseconds that end a line of
// the other.
func (Format) Sniff(head []byte) int {
	if jsonlog.Begins(head) {
		if jsonlog.HasKeys(head, "DownstreamStatus") && (jsonlog.HasKeys(head, "RequestMethod") || jsonlog.HasKeys(head, "ClientHost")) {
			return 95
		}
		return 0
	}
	parts := columns.Split(nil, columns.First(head), 0)
	if len(parts) != len(config.Names) || !bytes.HasSuffix(parts[len(parts)-1], []byte("ms")) {
		return 0
	}
	if _, ok := timestamp.CLF(parts[3]); ok {
		return 95
	}
	return 0
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout {
	if jsonlog.Begins(head) {
		return jsonlog.Layout(head)
	}
	return logformat.Lines
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	if jsonlog.Begins(file.Head) {
		return jsonConfig.New(plan, file)
	}
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	Names: []string{
		"c-ip", "", "cs-username", "time", "request", "sc-status", "sc-bytes", "cs-referer", "cs-user-agent", "request-count", "router",
		"server", "time-taken",
	},
	Least:       7,
	Request:     4,
	Backslashes: true,
	Millis:      []string{"time-taken"},
	Times:       []string{"time"},
	Time:        columns.CLF,
}

//nolint:gochecknoglobals // constant data
var jsonConfig = webjson.Config{
	Keys: map[string][]string{
		"time":            {"StartUTC", "StartLocal", "time"},
		"c-ip":            {"ClientHost"},
		"c-port":          {"ClientPort"},
		"cs-username":     {"ClientUsername"},
		"cs-method":       {"RequestMethod"},
		"cs-version":      {"RequestProtocol"},
		"cs-host":         {"RequestHost"},
		"cs-referer":      {"request_Referer"},
		"cs-user-agent":   {"request_User-Agent"},
		"cs-cookie":       {"request_Cookie"},
		"x-forwarded-for": {"request_X-Forwarded-For"},
		"cs-bytes":        {"RequestContentSize"},
		"sc-status":       {"DownstreamStatus"},
		"sc-bytes":        {"DownstreamContentSize"},
		"time-taken":      {"Duration"},
		"request-count":   {"RequestCount"},
		"router":          {"RouterName"},
		"server":          {"ServiceURL.Host", "ServiceURL", "ServiceAddr"},
		"service":         {"ServiceName"},
		"origin-status":   {"OriginStatus"},
		"retries":         {"RetryAttempts"},
		"entry-point":     {"entryPointName"},
		"scheme":          {"RequestScheme"},
		"tls-version":     {"TLSVersion"},
		"tls-cipher":      {"TLSCipher"},
	},
	Target:      []string{"RequestPath"},
	Endpoint:    []string{"ClientAddr"},
	Nanoseconds: true,
	Times:       []string{"time"},
}

// The JSON key of a field is in parentheses.
//
//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "traefik", Title: "Traefik access log (JSON and common)",
	Fields: append(web.Fields(), []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when the request came (StartUTC, StartLocal, time)"},
		{Name: "request", Doc: "the request line (common form)"},
		{Name: "c-port", Type: logformat.Integer, Doc: "port of the client (ClientPort)"},
		{Name: "cs-cookie", Doc: "Cookie header, if it is kept (request_Cookie)"},
		{Name: "x-forwarded-for", Doc: "X-Forwarded-For header, if it is kept (request_X-Forwarded-For)"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes of the request's body (RequestContentSize)"},
		{Name: "time-taken", Type: logformat.Float, Doc: "seconds in all (Duration, which is in nanoseconds; the common form has milliseconds)"},
		{Name: "request-count", Type: logformat.Integer, Doc: "requests since Traefik was started (RequestCount)"},
		{Name: "router", Doc: "router that took the request (RouterName); absent if none did"},
		{Name: "server", Doc: "server that it was passed to (ServiceURL, ServiceAddr)"},
		{Name: "service", Doc: "service that it was passed to (ServiceName)"},
		{Name: "origin-status", Type: logformat.Integer, Doc: "status that the server answered with (OriginStatus)"},
		{Name: "retries", Type: logformat.Integer, Doc: "how often it was tried again (RetryAttempts)"},
		{Name: "entry-point", Doc: "entry point (entryPointName)"},
		{Name: "scheme", Doc: "scheme of the request (RequestScheme)"},
		{Name: "tls-version", Doc: "version of TLS (TLSVersion)"},
		{Name: "tls-cipher", Doc: "cipher of the TLS connection (TLSCipher)"},
	}...),
	Classes: []logformat.Class{{Name: "request", Sources: []logformat.Source{
		{Category: "webserver"}, {Category: "webserver", Product: "traefik"},
	}}},
	Entities: web.Entities(),
	Actor:    []string{"c-ip"},
	Needs:    []string{"time"},
	Keywords: []string{logformat.AllText},
}
