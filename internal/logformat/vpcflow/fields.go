package vpcflow

import "github.com/gatehouse-sec/gatehouse/internal/logformat"

//nolint:gochecknoglobals // constant data
var firewall = map[string]string{"src_ip": "srcaddr", "dst_ip": "dstaddr", "src_port": "srcport", "dst_port": "dstport"}

// info lists the fields of all versions. Records without data (NODATA, SKIPDATA) have no addresses.
//
//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "vpcflow", Title: "Amazon VPC flow logs",
	Fields: []logformat.Field{
		// Version 2: the default format, in this order.
		{Name: "version", Type: logformat.Integer, Doc: "the highest version that one of the record's fields belongs to"},
		{Name: "account-id", Doc: "account that owns the network interface"},
		{Name: "interface-id", Doc: "network interface that the flow was seen at"},
		{Name: "srcaddr", Type: logformat.IP, Doc: "source address; of what the interface sends, its own private one"},
		{Name: "dstaddr", Type: logformat.IP, Doc: "destination address; of what the interface receives, its own private one"},
		{Name: "srcport", Type: logformat.Integer, Doc: "source port"},
		{Name: "dstport", Type: logformat.Integer, Doc: "destination port"},
		{Name: "protocol", Type: logformat.Integer, Doc: "IANA protocol number: 1 ICMP, 6 TCP, 17 UDP"},
		{Name: "packets", Type: logformat.Integer, Doc: "packets in the aggregation interval"},
		{Name: "bytes", Type: logformat.Integer, Doc: "bytes in the aggregation interval"},
		{Name: "start", Type: logformat.Time, Doc: "when the interval's first packet came, seconds since 1970; the record's time"},
		{Name: "end", Type: logformat.Time, Doc: "when the interval's last packet came, seconds since 1970"},
		{Name: "action", Doc: "ACCEPT, or REJECT by a security group or network ACL"},
		{Name: "log-status", Doc: "OK; NODATA: no traffic; SKIPDATA: records were left out for lack of capacity"},
		// Version 3.
		{Name: "vpc-id", Doc: "VPC of the interface"},
		{Name: "subnet-id", Doc: "subnet of the interface"},
		{Name: "instance-id", Doc: "instance of the interface, if it is yours"},
		{Name: "tcp-flags", Type: logformat.Integer, Doc: "TCP flags seen, or-ed: 1 FIN, 2 SYN, 4 RST, 18 SYN-ACK; an ACK alone is not counted"},
		{Name: "type", Doc: "IPv4, IPv6 or EFA"},
		{Name: "pkt-srcaddr", Type: logformat.IP, Doc: "source address in the packet itself, where something stands between (NAT, a pod)"},
		{Name: "pkt-dstaddr", Type: logformat.IP, Doc: "destination address in the packet itself"},
		// Version 4.
		{Name: "region", Doc: "region of the interface"},
		{Name: "az-id", Doc: "availability zone of the interface"},
		{Name: "sublocation-type", Doc: "wavelength, outpost or localzone"},
		{Name: "sublocation-id", Doc: "id of the sublocation"},
		// Version 5.
		{Name: "pkt-src-aws-service", Doc: "service whose published address range pkt-srcaddr is in: S3, EC2, AMAZON"},
		{Name: "pkt-dst-aws-service", Doc: "service whose published address range pkt-dstaddr is in"},
		{Name: "flow-direction", Doc: "ingress or egress, as the interface sees it"},
		{Name: "traffic-path", Type: logformat.Integer, Doc: "way that egress takes: 1 within the VPC, 2 internet or gateway endpoint, 3 virtual private gateway, 4 and 5 peering, 6 local gateway, 7 gateway endpoint, 8 internet gateway"},
		// Version 6: transit gateways.
		{Name: "resource-type", Doc: "TransitGateway, TransitGatewayAttachment"},
		{Name: "tgw-id", Doc: "transit gateway"},
		{Name: "tgw-attachment-id", Doc: "its attachment"},
		{Name: "tgw-src-vpc-account-id", Doc: "account of the source VPC"},
		{Name: "tgw-dst-vpc-account-id", Doc: "account of the destination VPC"},
		{Name: "tgw-src-vpc-id", Doc: "source VPC"},
		{Name: "tgw-dst-vpc-id", Doc: "destination VPC"},
		{Name: "tgw-src-subnet-id", Doc: "source subnet"},
		{Name: "tgw-dst-subnet-id", Doc: "destination subnet"},
		{Name: "tgw-src-eni", Doc: "interface of the attachment at the source"},
		{Name: "tgw-dst-eni", Doc: "interface of the attachment at the destination"},
		{Name: "tgw-src-az-id", Doc: "availability zone of the source"},
		{Name: "tgw-dst-az-id", Doc: "availability zone of the destination"},
		{Name: "tgw-pair-attachment-id", Doc: "attachment at the flow's other end"},
		{Name: "packets-lost-no-route", Type: logformat.Integer, Doc: "packets lost for want of a route"},
		{Name: "packets-lost-blackhole", Type: logformat.Integer, Doc: "packets lost in a black hole"},
		{Name: "packets-lost-mtu-exceeded", Type: logformat.Integer, Doc: "packets lost because they were too large"},
		{Name: "packets-lost-ttl-expired", Type: logformat.Integer, Doc: "packets lost because their time to live ended"},
		// Version 7: ECS.
		{Name: "ecs-cluster-arn", Doc: "ARN of the ECS cluster, if the task is yours"},
		{Name: "ecs-cluster-name", Doc: "name of the ECS cluster"},
		{Name: "ecs-container-instance-arn", Doc: "ARN of the container instance on EC2"},
		{Name: "ecs-container-instance-id", Doc: "id of the container instance on EC2"},
		{Name: "ecs-container-id", Doc: "Docker runtime id of the first container of the task"},
		{Name: "ecs-second-container-id", Doc: "Docker runtime id of the second container of the task"},
		{Name: "ecs-service-name", Doc: "ECS service"},
		{Name: "ecs-task-definition-arn", Doc: "ARN of the task definition"},
		{Name: "ecs-task-arn", Doc: "ARN of the task"},
		{Name: "ecs-task-id", Doc: "id of the task"},
		// Version 8.
		{Name: "reject-reason", Doc: "why traffic was rejected where no group or ACL did it: BPA (block public access), EC (encryption control)"},
		// Version 9.
		{Name: "resource-id", Doc: "regional NAT gateway that the flow belongs to"},
		// Version 10.
		{Name: "encryption-status", Type: logformat.Integer, Doc: "0 not encrypted, 1 by Nitro, 2 by the application, 3 by both; absent if unknown"},
		// Version 11.
		{Name: "instance-tag", Doc: "value of the tag of the instance that the flow log asks for, percent-encoded"},
		{Name: "instance-tag-2", Doc: "value of the second such tag"},
		{Name: "interface-tag", Doc: "value of the tag of the interface that the flow log asks for, percent-encoded"},
		{Name: "interface-tag-2", Doc: "value of the second such tag"},
		{Name: "asg-tag", Doc: "value of the tag of the Auto Scaling group that the flow log asks for, percent-encoded"},
		{Name: "asg-tag-2", Doc: "value of the second such tag"},
		{Name: "interface-type", Doc: "nat_gateway, regional_nat_gateway, network_load_balancer, transit_gateway, vpc_endpoint"},
		{Name: "next-hop-interface-id", Doc: "interface that the flow goes to next (egress) or came from (ingress)"},
		{Name: "next-hop-subnet-id", Doc: "subnet of that interface"},
		{Name: "next-hop-az-id", Doc: "availability zone of that interface"},
		{Name: "next-hop-vpc-id", Doc: "VPC of that interface"},
		{Name: "next-hop-interface-type", Doc: "type of that interface"},
	},
	Classes: []logformat.Class{{Name: "flow", Sources: []logformat.Source{
		{Product: "aws", Service: "vpcflow", Fields: firewall},
		{Category: "firewall", Fields: firewall},
	}}},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"srcaddr", "pkt-srcaddr"}},
		{Kind: logformat.DestIP, Fields: []string{"dstaddr", "pkt-dstaddr"}},
		{Kind: logformat.Account, Fields: []string{"account-id"}},
		{Kind: logformat.Region, Fields: []string{"region"}},
		{Kind: logformat.Resource, Fields: []string{"instance-id", "interface-id", "tgw-attachment-id"}},
	},
	Actor: []string{"srcaddr"},
	Needs: []string{"start", "end"},
}
