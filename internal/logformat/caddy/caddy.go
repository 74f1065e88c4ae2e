// Package caddy reads Caddy's access log in JSON (Caddy documentation, "How Logging Works" and the log directive).
package caddy

import (
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/web"
	"github.com/gatehouse-sec/gatehouse/internal/webjson"
)

// Format is Caddy's access log.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the logger's name, or the keys of its request.
func (Format) Sniff(head []byte) int {
	if !jsonlog.Begins(head) || !jsonlog.HasKeys(head, "logger", "request", "status", "uri") {
		return 0
	}
	if jsonlog.HasKeys(head, "resp_headers") || jsonlog.HasKeys(head, "remote_ip") || jsonlog.HasKeys(head, "remote_addr") {
		return 95
	}
	return 0
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
		"time":            {"ts"},
		"c-ip":            {"request.client_ip", "request.remote_ip"},
		"remote-ip":       {"request.remote_ip"},
		"c-port":          {"request.remote_port"},
		"cs-username":     {"user_id"},
		"cs-method":       {"request.method"},
		"cs-version":      {"request.proto"},
		"cs-host":         {"request.host"},
		"cs-referer":      {"request.headers.Referer"},
		"cs-user-agent":   {"request.headers.User-Agent"},
		"cs-cookie":       {"request.headers.Cookie"},
		"x-forwarded-for": {"request.headers.X-Forwarded-For"},
		"cs-bytes":        {"bytes_read"},
		"sc-status":       {"status"},
		"sc-bytes":        {"size"},
		"sc-content-type": {"resp_headers.Content-Type"},
		"location":        {"resp_headers.Location"},
		"time-taken":      {"duration"},
		"tls-server-name": {"request.tls.server_name"},
		"message":         {"msg"},
	},
	Target:   []string{"request.uri"},
	Endpoint: []string{"request.remote_addr"},
	Times:    []string{"time"},
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "caddy", Title: "Caddy access log (JSON)",
	Fields: append(web.Fields(), []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when the request was answered (ts)"},
		{Name: "remote-ip", Type: logformat.IP, Doc: "address of the other end of the connection; c-ip is the client's behind trusted proxies"},
		{Name: "c-port", Type: logformat.Integer, Doc: "port of the other end of the connection"},
		{Name: "cs-cookie", Doc: "Cookie header, REDACTED unless credentials are logged"},
		{Name: "x-forwarded-for", Doc: "X-Forwarded-For header"},
		{Name: "cs-bytes", Type: logformat.Integer, Doc: "bytes of the request's body that were read (bytes_read)"},
		{Name: "sc-content-type", Doc: "Content-Type of the response"},
		{Name: "location", Doc: "Location header of the response"},
		{Name: "time-taken", Type: logformat.Float, Doc: "seconds (duration)"},
		{Name: "tls-server-name", Doc: "server name that the client asked for in the TLS handshake"},
		{Name: "level", Doc: "info, or error for a status of 500 and more"},
		{Name: "logger", Doc: "http.log.access, with the name of the log if it has one"},
		{Name: "message", Doc: "handled request"},
	}...),
	Classes: []logformat.Class{{Name: "request", Sources: []logformat.Source{
		{Category: "webserver"}, {Category: "webserver", Product: "caddy"},
	}}},
	Entities: web.Entities(),
	Actor:    []string{"c-ip"},
	Needs:    []string{"time"},
	Keywords: []string{logformat.AllText},
}
