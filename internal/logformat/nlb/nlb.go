// Package nlb reads access logs of AWS Network Load Balancers, which have TLS listeners only ("Access log entries").
package nlb

import (
	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Network Load Balancer access logs.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the first lines by their columns.
func (Format) Sniff(head []byte) int {
	parts := columns.Split(nil, columns.First(head))
	if len(parts) >= 20 && string(parts[0]) == "tls" {
		if _, ok := timestamp.RFC3339(parts[2]); ok {
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
	Names:     []string{"type", "version", "time", "elb", "listener", "", "destination:port", "connection_time", "tls_handshake_time", "received_bytes", "sent_bytes", "incoming_tls_alert", "chosen_cert_arn", "chosen_cert_serial", "ssl_cipher", "ssl_protocol", "tls_named_group", "domain_name", "alpn_fe_protocol", "alpn_be_protocol", "alpn_client_preference_list", "tls_connection_creation_time"},
	Least:     16,
	Request:   -1,
	Endpoints: map[int][2]string{5: {"c-ip", "c-port"}},
	Time:      columns.RFC3339("time"),
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "nlb", Title: "Network Load Balancer access logs",
	Fields: []logformat.Field{
		{Name: "type", Doc: "tls"},
		{Name: "version", Doc: "version of the entry"},
		{Name: "time", Type: logformat.Time, Doc: "when the connection ended"},
		{Name: "elb", Doc: "load balancer"},
		{Name: "listener", Doc: "listener"},
		{Name: "destination:port", Doc: "target"},
		{Name: "connection_time", Type: logformat.Integer, Doc: "milliseconds"},
		{Name: "tls_handshake_time", Type: logformat.Integer, Doc: "milliseconds"},
		{Name: "received_bytes", Type: logformat.Integer, Doc: "bytes received"},
		{Name: "sent_bytes", Type: logformat.Integer, Doc: "bytes sent"},
		{Name: "incoming_tls_alert", Type: logformat.Integer, Doc: "alert"},
		{Name: "chosen_cert_arn", Doc: "certificate"},
		{Name: "chosen_cert_serial", Doc: "reserved"},
		{Name: "ssl_cipher", Doc: "cipher"},
		{Name: "ssl_protocol", Doc: "TLS version"},
		{Name: "tls_named_group", Doc: "reserved"},
		{Name: "domain_name", Doc: "server name of the TLS hello"},
		{Name: "alpn_fe_protocol", Doc: "protocol with the client"},
		{Name: "alpn_be_protocol", Doc: "protocol with the target"},
		{Name: "alpn_client_preference_list", Doc: "what the client offered"},
		{Name: "tls_connection_creation_time", Type: logformat.Time, Doc: "when the connection began"},
		{Name: "c-ip", Type: logformat.IP, Doc: "client address"},
		{Name: "c-port", Type: logformat.Integer, Doc: "client port"},
	},
	Classes: []logformat.Class{
		{Name: "connection", Sources: []logformat.Source{{Product: "aws", Service: "elb"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"c-ip"}},
		{Kind: logformat.Host, Fields: []string{"domain_name"}},
	},
	Actor: []string{"c-ip"},
	Needs: []string{"time"},
}
