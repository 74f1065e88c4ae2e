// Package vpcflow reads Amazon VPC flow logs, of version 2 and with any columns that their header line names ("Flow log records" in the Amazon VPC User Guide).
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

// Sniff recognises the first lines by their columns.
func (Format) Sniff(head []byte) int {
	names, ok := header(columns.First(head))
	if ok && len(names) >= 3 {
		return 95
	}
	parts := columns.Split(nil, columns.First(head))
	if len(parts) == 14 && string(parts[0]) == "2" && bytes.HasPrefix(parts[2], []byte("eni-")) {
		return 95
	}
	return 0
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

// header reads the line that names the columns: every word in it is a field's name.
func header(line []byte) ([]string, bool) {
	if len(line) == 0 || line[0] < 'a' || line[0] > 'z' {
		return nil, false
	}
	var names []string
	for _, part := range columns.Split(nil, line) {
		name := string(part)
		if !known[name] {
			return nil, false
		}
		names = append(names, name)
	}
	return names, len(names) > 1
}

// known are the names that may stand in a header.
var known = func() map[string]bool { //nolint:gochecknoglobals // a constant table
	m := map[string]bool{}
	for _, n := range [...]string{"version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "action", "log-status", "vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr", "region", "az-id", "sublocation-type", "sublocation-id", "pkt-src-aws-service", "pkt-dst-aws-service", "flow-direction", "traffic-path", "ecs-cluster-arn", "ecs-cluster-name", "ecs-container-instance-arn", "ecs-container-instance-id", "ecs-container-id", "ecs-second-container-id", "ecs-service-name", "ecs-task-definition-arn", "ecs-task-arn", "ecs-task-id", "reject-reason", "resource-id", "encryption-status"} {
		m[n] = true
	}
	return m
}()

//nolint:gochecknoglobals // constant data
var config = columns.Config{
	Names:   []string{"version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "action", "log-status"},
	Least:   3,
	Request: -1,
	Header:  header,
	Time: func(get func(string) []byte) (int64, bool) {
		if ns, ok := timestamp.Epoch(get("start")); ok {
			return ns, true
		}
		return timestamp.Epoch(get("end"))
	},
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "vpcflow", Title: "Amazon VPC flow logs",
	Fields: []logformat.Field{
		{Name: "version", Type: logformat.Integer, Doc: "version"},
		{Name: "account-id", Doc: "account of the interface"},
		{Name: "interface-id", Doc: "network interface"},
		{Name: "srcaddr", Type: logformat.IP, Doc: "source address"},
		{Name: "dstaddr", Type: logformat.IP, Doc: "destination address"},
		{Name: "srcport", Type: logformat.Integer, Doc: "source port"},
		{Name: "dstport", Type: logformat.Integer, Doc: "destination port"},
		{Name: "protocol", Type: logformat.Integer, Doc: "IANA protocol number: 6 TCP, 17 UDP"},
		{Name: "packets", Type: logformat.Integer, Doc: "packets"},
		{Name: "bytes", Type: logformat.Integer, Doc: "bytes"},
		{Name: "start", Type: logformat.Time, Doc: "first packet, seconds since 1970"},
		{Name: "end", Type: logformat.Time, Doc: "last packet, seconds since 1970"},
		{Name: "action", Doc: "ACCEPT or REJECT"},
		{Name: "log-status", Doc: "OK, NODATA or SKIPDATA"},
		{Name: "vpc-id", Doc: "VPC"},
		{Name: "subnet-id", Doc: "subnet"},
		{Name: "instance-id", Doc: "instance"},
		{Name: "tcp-flags", Type: logformat.Integer, Doc: "TCP flags, or-ed: 2 SYN, 18 SYN-ACK, 1 FIN, 4 RST"},
		{Name: "type", Doc: "IPv4, IPv6, EFA"},
		{Name: "pkt-srcaddr", Type: logformat.IP, Doc: "source of the packet itself"},
		{Name: "pkt-dstaddr", Type: logformat.IP, Doc: "destination of the packet itself"},
		{Name: "region", Doc: "region"},
		{Name: "az-id", Doc: "availability zone"},
		{Name: "sublocation-type", Doc: "wavelength, outpost, localzone"},
		{Name: "sublocation-id", Doc: "its id"},
		{Name: "pkt-src-aws-service", Doc: "AWS service that the source belongs to"},
		{Name: "pkt-dst-aws-service", Doc: "AWS service that the destination belongs to"},
		{Name: "flow-direction", Doc: "ingress or egress"},
		{Name: "traffic-path", Type: logformat.Integer, Doc: "way of egress"},
		{Name: "ecs-cluster-arn", Doc: "ECS cluster"},
		{Name: "ecs-cluster-name", Doc: "its name"},
		{Name: "ecs-container-instance-arn", Doc: "ECS container instance"},
		{Name: "ecs-container-instance-id", Doc: "its id"},
		{Name: "ecs-container-id", Doc: "container"},
		{Name: "ecs-second-container-id", Doc: "second container"},
		{Name: "ecs-service-name", Doc: "ECS service"},
		{Name: "ecs-task-definition-arn", Doc: "task definition"},
		{Name: "ecs-task-arn", Doc: "task"},
		{Name: "ecs-task-id", Doc: "its id"},
		{Name: "reject-reason", Doc: "BPA or EC"},
		{Name: "resource-id", Doc: "resource"},
		{Name: "encryption-status", Type: logformat.Integer, Doc: "whether the traffic is encrypted"},
	},
	Classes: []logformat.Class{
		{Name: "flow", Sources: []logformat.Source{{Product: "aws", Service: "vpcflow", Fields: map[string]string{"src_ip": "srcaddr", "dst_ip": "dstaddr", "src_port": "srcport", "dst_port": "dstport"}}, {Category: "firewall", Fields: map[string]string{"src_ip": "srcaddr", "dst_ip": "dstaddr", "src_port": "srcport", "dst_port": "dstport"}}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"srcaddr", "pkt-srcaddr"}},
		{Kind: logformat.DestIP, Fields: []string{"dstaddr", "pkt-dstaddr"}},
		{Kind: logformat.Account, Fields: []string{"account-id"}},
		{Kind: logformat.Region, Fields: []string{"region"}},
		{Kind: logformat.Resource, Fields: []string{"instance-id", "interface-id"}},
	},
	Actor: []string{"srcaddr"},
	Needs: []string{"start", "end"},
}
