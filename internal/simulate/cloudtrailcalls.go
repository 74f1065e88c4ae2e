package simulate

import "strings"

// keyOf are the members about the key that a KMS call used.
const keyOf = `"resources":[{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<account>:key/<kmskey>"}],`

// objectOf are the members about the object that an S3 data event is about.
const objectOf = `"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<bucket>/<object>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}],`

// transferred is what S3 adds to data events.
const transferred = `"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,` +
	`"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<hex40><hex32>","bytesTransferredOut":<thousands>},`

func assumeRole(requester string) call {
	return call{
		service: "sts", name: "AssumeRole",
		request: `{"roleArn":"arn:aws:iam::<account>:role/<rolename>","roleSessionName":"<hex32>"` + requester + `}`,
		response: `{"credentials":{"accessKeyId":"ASIA<key>","sessionToken":"HIDDEN_DUE_TO_SECURITY_REASONS","expiration":"<until>"},` +
			`"assumedRoleUser":{"assumedRoleId":"AROA<id17>:<hex32>","arn":"arn:aws:sts::<account>:assumed-role/<rolename>/<hex32>"}}`,
		resources: `"resources":[{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<account>:role/<rolename>"}],`,
	}
}

func decrypt() call {
	return call{
		service: "kms", name: "Decrypt",
		request:   `{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>/<object>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}`,
		resources: keyOf,
	}
}

func dataKey() call {
	return call{
		service: "kms", name: "GenerateDataKey",
		request:   `{"keyId":"arn:aws:kms:<region>:<account>:key/<kmskey>","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>/<object>"},"keySpec":"AES_256"}`,
		resources: keyOf,
	}
}

func object(name string) call {
	return call{
		service: "s3", name: name, data: true,
		request:   `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<object>"}`,
		more:      transferred,
		resources: objectOf,
	}
}

func listObjects() call {
	return call{
		service: "s3", name: "ListObjects", data: true,
		request:   `{"list-type":"2","bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","prefix":"<day>/"}`,
		more:      transferred,
		resources: `"resources":[{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}],`,
	}
}

// plain are calls of which each row says the service, the name and the request, which may have spaces in it.
func plain(table string) []call {
	var out []call
	for _, row := range rows(table) {
		service, rest, _ := strings.Cut(row, " ")
		name, request, _ := strings.Cut(rest, " ")
		out = append(out, call{service: service, name: name, request: strings.TrimSpace(request)})
	}
	return out
}

// inventory is what tools ask that keep an eye on everything.
const inventory = `
ec2 DescribeInstances {"maxResults":1000,"instancesSet":{},"filterSet":{}}
ec2 DescribeVolumes {"maxResults":500,"volumeSet":{},"filterSet":{}}
ec2 DescribeSecurityGroups {"maxResults":1000,"securityGroupSet":{},"securityGroupIdSet":{},"filterSet":{}}
ec2 DescribeSubnets {"maxResults":1000,"subnetSet":{},"filterSet":{}}
ec2 DescribeVpcs {"vpcSet":{},"filterSet":{}}
ec2 DescribeNetworkInterfaces {"maxResults":1000,"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"status","valueSet":{"items":[{"value":"in-use"}]}}]}}
ec2 DescribeTags {"maxResults":1000,"tagSet":{},"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"<instance>"}]}}]}}
ec2 DescribeInstanceStatus {"maxResults":100,"includeAllInstances":true,"instancesSet":{},"filterSet":{}}
ec2 DescribeAddresses {"publicIpsSet":{},"filterSet":{},"allocationIdsSet":{}}
ec2 DescribeNatGateways {"DescribeNatGatewaysRequest":{"MaxResults":100}}
elasticloadbalancing DescribeLoadBalancers {"pageSize":400}
elasticloadbalancing DescribeTargetHealth {"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/<hex16>"}
elasticloadbalancing DescribeTargetGroups {"pageSize":400}
autoscaling DescribeAutoScalingGroups {"maxRecords":100}
rds DescribeDBInstances {"maxRecords":100}
rds DescribeDBClusters {"maxRecords":100}
lambda ListFunctions20150331 {"maxItems":50}
lambda GetAccountSettings20160819
lambda ListTags20170331 {"resource":"arn:aws:lambda:<region>:<account>:function:<function>"}
monitoring GetMetricData {"startTime":"<since>","endTime":"<time>","maxDatapoints":100800}
monitoring ListMetrics {"namespace":"AWS/ApplicationELB","recentlyActive":"PT3H"}
monitoring DescribeAlarms {"maxRecords":100}
logs DescribeLogGroups {"limit":50}
sqs ListQueues {"maxResults":1000}
sqs GetQueueAttributes {"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<service>-jobs","attributeNames":["All"]}
ecs ListClusters {"maxResults":100}
ecs DescribeServices {"cluster":"kestrel-prod","services":["<service>"]}
ecs ListServices {"cluster":"kestrel-prod","maxResults":100}
ecs DescribeTasks {"cluster":"kestrel-prod","tasks":["<hex32>"]}
dynamodb ListTables {"limit":100}
dynamodb DescribeTable {"tableName":"<service>-state"}
elasticache DescribeCacheClusters {"maxRecords":100,"showCacheNodeInfo":true}
s3 ListBuckets {"Host":"s3.<region>.amazonaws.com"}
s3 GetBucketLocation {"bucketName":"<bucket>","location":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
s3 GetBucketTagging {"bucketName":"<bucket>","tagging":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
cloudfront ListDistributions
route53 ListHostedZones
tagging GetResources {"resourcesPerPage":100,"tagFilters":[{"key":"team"}]}
health DescribeEvents {"filter":{"eventStatusCodes":["open","upcoming"]}}
`

// planning is what Terraform asks before it changes anything.
const planning = `
sts GetCallerIdentity
ec2 DescribeVpcAttribute {"vpcId":"vpc-0a1b2c3d4e5f60718","attribute":"enableDnsSupport"}
ec2 DescribeRouteTables {"routeTableIdSet":{"items":[{"routeTableId":"rtb-<hex17>"}]},"filterSet":{}}
ec2 DescribeSecurityGroupRules {"SecurityGroupRuleId":[],"Filter":[{"Name":"group-id","Value":["<group>"]}]}
ec2 DescribeLaunchTemplateVersions {"DescribeLaunchTemplateVersionsRequest":{"LaunchTemplateId":"lt-<hex17>","LaunchTemplateVersion":{"tag":1,"content":"$Latest"}}}
iam GetRole {"roleName":"<rolename>"}
iam ListRolePolicies {"roleName":"<rolename>"}
iam ListAttachedRolePolicies {"roleName":"<rolename>"}
iam GetRolePolicy {"roleName":"<rolename>","policyName":"<service>-access"}
iam GetPolicy {"policyArn":"arn:aws:iam::<account>:policy/<service>-access"}
iam GetPolicyVersion {"policyArn":"arn:aws:iam::<account>:policy/<service>-access","versionId":"v<few>"}
iam ListInstanceProfilesForRole {"roleName":"<rolename>"}
s3 GetBucketVersioning {"bucketName":"<bucket>","versioning":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
s3 GetBucketEncryption {"bucketName":"<bucket>","encryption":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
s3 GetBucketPolicy {"bucketName":"<bucket>","policy":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
s3 GetBucketPublicAccessBlock {"bucketName":"<bucket>","publicAccessBlock":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
s3 GetBucketLifecycle {"bucketName":"<bucket>","lifecycle":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
s3 GetBucketLogging {"bucketName":"<bucket>","logging":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
kms DescribeKey {"keyId":"<kmskey>"}
kms GetKeyPolicy {"keyId":"<kmskey>","policyName":"default"}
kms GetKeyRotationStatus {"keyId":"<kmskey>"}
kms ListResourceTags {"keyId":"<kmskey>"}
lambda GetFunction20150331v2 {"functionName":"<function>"}
lambda GetPolicy20150331v2 {"functionName":"<function>"}
ecs DescribeClusters {"clusters":["kestrel-prod"],"include":["SETTINGS","CONFIGURATIONS","TAGS"]}
ecs DescribeTaskDefinition {"taskDefinition":"<service>:<thousands>","include":["TAGS"]}
elasticloadbalancing DescribeListeners {"listenerArns":["arn:aws:elasticloadbalancing:<region>:<account>:listener/app/web/<hex16>/<hex16>"]}
elasticloadbalancing DescribeTags {"resourceArns":["arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/web/<hex16>"]}
rds ListTagsForResource {"resourceName":"arn:aws:rds:<region>:<account>:db:orders-<few>"}
route53 GetHostedZone {"id":"Z0<id16>"}
route53 ListResourceRecordSets {"hostedZoneId":"Z0<id16>","type":"A","name":"<service>.kestrel.example."}
logs ListTagsForResource {"resourceArn":"arn:aws:logs:<region>:<account>:log-group:/ecs/<service>"}
cloudtrail GetTrailStatus {"name":"arn:aws:cloudtrail:<region>:<account>:trail/organization"}
cloudtrail DescribeTrails {"trailNameList":["organization"]}
`

// looking is what the console and people at a command line ask.
const looking = `
ec2 DescribeInstances {"maxResults":50,"instancesSet":{},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}}]}}
ec2 DescribeInstances {"instancesSet":{"items":[{"instanceId":"<instance>"}]},"filterSet":{}}
ec2 DescribeRegions {"regionSet":{}}
ec2 DescribeAvailabilityZones {"availabilityZoneSet":{},"availabilityZoneIdSet":{}}
ec2 DescribeVolumeStatus {"volumeSet":{"items":[{"volumeId":"<volume>"}]},"filterSet":{},"maxResults":100}
ec2 GetConsoleOutput {"instanceId":"<instance>"}
logs FilterLogEvents {"logGroupName":"/ecs/<service>","limit":100,"startTime":1772409600000,"interleaved":true}
logs StartQuery {"logGroupNames":["/ecs/<service>"],"startTime":1772409600,"endTime":1772413200,"queryString":"HIDDEN_DUE_TO_SECURITY_REASONS"}
logs GetQueryResults {"queryId":"<uuid3>"}
logs DescribeLogStreams {"logGroupName":"/aws/lambda/<function>","orderBy":"LastEventTime","descending":true,"limit":50}
monitoring GetDashboard {"dashboardName":"<service>-overview"}
monitoring DescribeAlarms {"maxRecords":100,"stateValue":"ALARM"}
monitoring GetMetricData {"startTime":"<since>","endTime":"<time>","maxDatapoints":1440}
ecs DescribeServices {"cluster":"kestrel-prod","services":["<service>"]}
ecs ListTasks {"cluster":"kestrel-prod","serviceName":"<service>","desiredStatus":"RUNNING"}
rds DescribeDBInstances {"dBInstanceIdentifier":"orders-<few>"}
s3 ListBuckets {"Host":"s3.<region>.amazonaws.com"}
s3 GetBucketAcl {"bucketName":"<bucket>","acl":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
lambda GetFunction20150331v2 {"functionName":"<function>"}
lambda ListEventSourceMappings20150331 {"functionName":"<function>"}
sqs GetQueueAttributes {"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<service>-jobs","attributeNames":["ApproximateNumberOfMessages"]}
cloudformation DescribeStacks
ce GetCostAndUsage {"timePeriod":{"start":"2026-02-01","end":"2026-03-01"},"granularity":"DAILY","metrics":["UnblendedCost"]}
notifications ListNotificationHubs
iam GetAccountSummary
iam ListAccountAliases
health DescribeEventAggregates {"filter":{"eventStatusCodes":["open","upcoming"]},"aggregateField":"eventTypeCategory"}
`
