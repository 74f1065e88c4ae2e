// Package vpcflow reads Amazon VPC and transit gateway flow logs as text, of version 2 and with any columns that their
// header line names (Amazon VPC User Guide, "Flow log records").
package vpcflow

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/columns"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Amazon VPC flow logs.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises a header that names flow log fields, or a line of the default format.
func (Format) Sniff(head []byte) int {
	first := columns.First(head)
	if names, ok := header(first); ok && len(names) >= 3 {
		return 95
	}
	if _, rest := exported(first); isDefault(rest) {
		return 95
	}
	return 0
}

// isDefault reports whether a line is a record of the default format, which is that of version 2.
func isDefault(line []byte) bool {
	parts := columns.Split(nil, line, 0)
	if len(parts) != len(defaultNames) || string(parts[0]) != "2" {
		return false
	}
	switch string(parts[13]) {
	case "OK", "NODATA", "SKIPDATA":
		return bytes.HasPrefix(parts[2], []byte("eni-")) || string(parts[2]) == "-"
	}
	return false
}

// exported cuts off the time that CloudWatch Logs puts before each line that it exports.
func exported(line []byte) (is bool, rest []byte) {
	stamp, rest, ok := bytes.Cut(line, []byte(" "))
	if !ok || len(stamp) < len("2006-01-02T15:04:05Z") {
		return false, line
	}
	if _, ok := timestamp.RFC3339(stamp); !ok {
		return false, line
	}
	return true, rest
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	if is, _ := exported(columns.First(file.Head)); is {
		return exportConfig.New(plan, file)
	}
	return config.New(plan, file)
}

// header reads the line that names the columns: every word in it is a field's name.
func header(line []byte) ([]string, bool) {
	if len(line) == 0 || line[0] < 'a' || line[0] > 'z' {
		return nil, false
	}
	if first, _, _ := bytes.Cut(line, []byte(" ")); !known(first) {
		return nil, false
	}
	var names []string
	for word := range bytes.FieldsSeq(line) {
		if !known(word) {
			return nil, false
		}
		names = append(names, string(word))
	}
	return names, len(names) > 1
}

func known(name []byte) bool {
	for i := range info.Fields {
		if info.Fields[i].Name == string(name) {
			return true
		}
	}
	return false
}

//nolint:gochecknoglobals // constant data
var defaultNames = []string{
	"version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start",
	"end", "action", "log-status",
}

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	Names: defaultNames, Least: 2, Request: -1, Header: header, Fixed: true,
	Times: []string{"start", "end"}, Time: columns.Epoch,
}

//nolint:gochecknoglobals // constant data
var exportConfig = columns.Config{
	Names: append([]string{""}, defaultNames...), Least: 3, Request: -1,
	Times: []string{"start", "end"}, Time: columns.Epoch,
}
