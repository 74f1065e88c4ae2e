package simulate

import (
	"strings"
	"time"
)

// What goes wrong on a day on which nothing is wrong.
func refused() failure {
	return failure{"AccessDenied", "User: arn:aws:sts::<account>:assumed-role/<role>/<session> is not authorized to perform this action because no identity-based policy allows it"}
}
func throttled() failure { return failure{"ThrottlingException", "Rate exceeded"} }
func absent() failure {
	return failure{"ResourceNotFoundException", "The requested resource was not found."}
}

func (t *trail) add(a *actor) *actor {
	t.actors = append(t.actors, a)
	return a
}

// services are AWS's own, which take roles and look after what runs.
func (t *trail) services() {
	for _, service := range []struct {
		host   string
		weight float64
	}{{"lambda", 6}, {"ecs-tasks", 5}, {"ec2", 4}, {"eks", 1}, {"events", 1}, {"firehose", 1}, {"backup", .3}, {"scheduler", .5}} {
		t.add(&actor{
			bind: binds(t.v, "identity", byService, "invoker", service.host+".amazonaws.com", "ip", service.host+".amazonaws.com",
				"agent", service.host+".amazonaws.com", "account", production),
			bout: [2]int{1, 3}, gap: 200 * time.Millisecond, pause: time.Duration(float64(90*time.Second) / service.weight),
		}).lines.add(1, t.line(assumeRole(""), .002, refused()))
	}
	for _, role := range []struct{ name, host string }{
		{"AWSServiceRoleForConfig", "config"},
		{"AWSServiceRoleForAutoScaling", "autoscaling"},
		{"AWSServiceRoleForElasticLoadBalancing", "elasticloadbalancing"},
		{"AWSServiceRoleForECS", "ecs"},
		{"AWSServiceRoleForAmazonEKS", "eks"},
	} {
		host := role.host + ".amazonaws.com"
		a := t.add(&actor{
			bind: binds(t.v, "identity", strings.Replace(roleIdentity(production, "aws-service-role/"+host+"/", role.name, ""), `"sessionContext"`, `"invokedBy":"`+host+`","sessionContext"`, 1),
				"role", role.name, "session", role.host, "ip", host, "agent", host, "account", production),
			hold: holds(t.v, "key", "since", "region"),
			bout: [2]int{6, 40}, gap: 300 * time.Millisecond, pause: 6 * time.Minute,
		})
		for _, c := range plain(inventory) {
			a.lines.add(1, t.line(c, .01, throttled(), absent()))
		}
		if role.host == "autoscaling" {
			for _, c := range plain(scaling) {
				a.lines.add(.5, t.line(c, 0))
			}
		}
	}
}

// scaling is what an autoscaling group changes when the load does.
const scaling = `
ec2 RunInstances {"instancesSet":{"items":[{"minCount":1,"maxCount":1}]},"launchTemplate":{"launchTemplateId":"lt-0d2c1b0a9f8e7d6c5","version":"41"},"subnetId":"<subnet>","clientToken":"<uuid3>"}
ec2 TerminateInstances {"instancesSet":{"items":[{"instanceId":"<instance>"}]}}
ec2 CreateTags {"resourcesSet":{"items":[{"resourceId":"<instance>"}]},"tagSet":{"items":[{"key":"aws:autoscaling:groupName","value":"<service>"}]}}
elasticloadbalancing RegisterTargets {"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/<hex16>","targets":[{"id":"<instance>"}]}
elasticloadbalancing DeregisterTargets {"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/<hex16>","targets":[{"id":"<instance>"}]}
`

// workloads are the company's own programs, which hold roles.
func (t *trail) workloads() {
	for i, role := range words(`web-task orders-task search-task payments-task stock-task mail-task order-created-lambda thumbnailer-lambda invoice-pdf-lambda search-indexer-lambda data-pipeline eks-node`) {
		session, agent := "<hex32>", "aws-sdk-java/2.29.23 md/io#sync md/http#Apache ua/2.1 os/Linux#5.10.228-219.884.amzn2.x86_64 lang/java#21.0.5 md/OpenJDK_64-Bit_Server_VM#21.0.5+11-LTS md/vendor#Amazon.com_Inc. exec-env/AWS_ECS_FARGATE cfg/retry-mode#legacy"
		more := ""
		switch {
		case strings.HasSuffix(role, "-lambda"):
			session = strings.TrimSuffix(role, "-lambda")
			agent = "Boto3/1.35.74 md/Botocore#1.35.74 ua/2.0 os/linux#5.10.227-239.884.amzn2.x86_64 md/arch#x86_64 lang/python#3.13.0 md/pyimpl#CPython exec-env/AWS_Lambda_python3.13 cfg/retry-mode#legacy Botocore/1.35.74"
		case role == "eks-node" || role == "data-pipeline":
			session, more = "<instance>", `,"ec2RoleDelivery":"2.0"`
			agent = "aws-sdk-go-v2/1.32.6 ua/2.1 os/linux lang/go#1.23.4 md/GOOS#linux md/GOARCH#amd64 api/s3#1.71.0"
		}
		a := t.add(&actor{
			bind: binds(t.v, "identity", roleIdentity(production, "", role, more), "role", role, "session", session,
				"agent", "["+agent+"]", "account", production, "tls", tls, "host", "kms.<region>.amazonaws.com"),
			hold: holds(t.v, "session", "key", "since", "ip", "region"),
			bout: [2]int{5, 60}, gap: 4 * time.Second, pause: time.Duration(40+8*i) * time.Second, rhythm: public(),
		})
		a.lines.add(30, t.line(decrypt(), .002, refused()))
		a.lines.add(9, t.line(dataKey(), 0))
		a.lines.add(34, t.line(object("GetObject"), .012, failure{"NoSuchKey", "The specified key does not exist."}, refused()))
		a.lines.add(18, t.line(object("PutObject"), .001, failure{"SlowDown", "Please reduce your request rate."}))
		a.lines.add(3, t.line(object("HeadObject"), .1, failure{"NoSuchKey", "The specified key does not exist."}))
		a.lines.add(2, t.line(listObjects(), .01, refused()))
		for _, c := range plain(`
			ssm GetParameter {"name":"<parameter>","withDecryption":true}
			sts GetCallerIdentity
			sqs GetQueueUrl {"queueName":"<service>-jobs"}
			logs CreateLogStream {"logGroupName":"/ecs/<service>","logStreamName":"<service>/<hex32>"}
			ecr GetAuthorizationToken
			ecr BatchGetImage {"registryId":"<account>","repositoryName":"<service>","imageIds":[{"imageTag":"<hex40>"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json"]}`) {
			a.lines.add(.6, t.line(c, .004, throttled()))
		}
		// A program reads its own secret when it starts.
		a.open = []*line{t.line(call{service: "secretsmanager", name: "GetSecretValue", request: `{"secretId":"prod/` + strings.Split(role, "-")[0] + `/database"}`}, 0)}
	}
}

// tools look at everything (monitoring) or change things (deployment).
func (t *trail) tools() {
	monitor := t.add(&actor{
		bind: binds(t.v, "identity", roleIdentity(production, "", "observability-reader", ""), "role", "observability-reader", "session", "metrics-integration",
			"agent", "[Boto3/1.35.41 md/Botocore#1.35.41 ua/2.0 os/linux#6.1.112 md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard Botocore/1.35.41]",
			"account", production, "ip", "198.51.100.201", "tls", tls, "host", "ec2.<region>.amazonaws.com"),
		hold: holds(t.v, "key", "since", "region"),
		bout: [2]int{60, 90}, gap: 400 * time.Millisecond, pause: 5 * time.Minute, even: true,
	})
	for _, c := range plain(inventory) {
		monitor.lines.add(1, t.line(c, .012, throttled(), refused()))
	}
	t.deployments()
	t.release()
	t.posture()
	backup := t.add(&actor{
		bind: binds(t.v, "identity", userIdentity("backup-agent"), "user", "backup-agent", "account", production, "ip", "198.51.100.20",
			"agent", "[aws-cli/1.36.15 md/Botocore#1.35.74 ua/2.0 os/linux#5.15.0-126-generic md/arch#x86_64 lang/python#3.10.12 md/pyimpl#CPython cfg/retry-mode#legacy botocore/1.35.74]",
			"tls", tls, "host", "<bucket>.s3.<region>.amazonaws.com", "region", "eu-central-1", "bucket", "kestrel-backups"),
		bout: [2]int{40, 80}, gap: 3 * time.Second, pause: 4 * time.Hour, even: true,
	})
	backup.lines.add(1, t.line(object("PutObject"), 0))
	backup.lines.add(.3, t.line(listObjects(), 0))
}

// release is a pipeline of old that still holds the key of an IAM user, and the agent of Systems Manager on the bastion.
func (t *trail) release() {
	ci := t.add(&actor{
		bind: binds(t.v, "identity", userIdentity("ci-release"), "user", "ci-release", "account", production, "ip", "<crowd>",
			"agent", "[aws-cli/2.22.12 md/awscrt#0.23.4 ua/2.0 os/linux#6.8.0-1017-azure md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython exec-env/GitHubActions cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.22]",
			"tls", tls, "host", "api.ecr.<region>.amazonaws.com", "region", "eu-central-1", "bucket", "kestrel-web-assets"),
		hold: holds(t.v, "ip", "service"), open: []*line{t.line(call{service: "sts", name: "GetCallerIdentity"}, 0), t.line(call{service: "ecr", name: "GetAuthorizationToken"}, 0)},
		bout: [2]int{10, 40}, gap: 2 * time.Second, pause: 35 * time.Minute, rhythm: office(),
	})
	ci.lines.add(3, t.line(object("PutObject"), 0))
	for _, c := range plain(`
		ecr InitiateLayerUpload {"repositoryName":"<service>"}
		ecr CompleteLayerUpload {"repositoryName":"<service>","layerDigests":["sha256:<hex32><hex32>"]}
		ecr PutImage {"repositoryName":"<service>","imageTag":"<hex40>"}
		ecs UpdateService {"cluster":"kestrel-prod","service":"<service>","forceNewDeployment":true}
		cloudfront CreateInvalidation {"distributionId":"E2EXAMPLE1KSTRL","invalidationBatch":{"callerReference":"<uuid3>","paths":{"quantity":1,"items":["/assets/*"]}}}`) {
		ci.lines.add(1, t.line(c, 0))
	}
	agent := call{service: "ssm", name: "UpdateInstanceInformation", request: `{"instanceId":"` + bastion + `","agentVersion":"3.3.987.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.20.4.10","computerName":"bastion-1"}`}
	t.add(&actor{
		bind: binds(t.v, "identity", roleIdentity(production, "", "bastion-instance", `,"ec2RoleDelivery":"2.0"`), "role", "bastion-instance", "session", bastion,
			"agent", "aws-sdk-go/1.55.5 (go1.22.5; linux; amd64) amazon-ssm-agent/3.3.987.0", "account", production, "ip", "198.51.100.64", "tls", tls,
			"host", "ssm.<region>.amazonaws.com", "region", "eu-central-1", "key", "BASTION00EXAMPLE"),
		open: []*line{t.line(agent, 0)}, pause: 5 * time.Minute, even: true,
	})
}

// bastion is the host through which people reach the others.
const bastion = "i-0c5d1e9a27b84f360"

// posture is a partner that looks through all accounts a few times a day for mistakes, with a role made for that.
func (t *trail) posture() {
	for _, account := range []string{production, staging, security} {
		a := t.add(&actor{
			bind: binds(t.v, "identity", roleIdentity(account, "", "posture-audit", ""), "role", "posture-audit", "session", "posture-scan", "account", account,
				"ip", "198.51.100.210", "agent", "Boto3/1.35.60 md/Botocore#1.35.60 ua/2.0 os/linux#6.1.115 md/arch#x86_64 lang/python#3.11.10 md/pyimpl#CPython cfg/retry-mode#adaptive Botocore/1.35.60",
				"tls", tls, "host", "iam.amazonaws.com"),
			hold: holds(t.v, "key", "since", "region"), bout: [2]int{150, 400}, gap: 250 * time.Millisecond, pause: 2 * time.Hour, even: true,
		})
		for _, c := range plain(inventory + planning + surveyed) {
			a.lines.add(1, t.line(c, .02, refused(), throttled()))
		}
	}
}

// deployments are runs of GitHub Actions that take a role and let Terraform plan or apply.
func (t *trail) deployments() {
	for _, at := range []struct {
		account string
		pause   time.Duration
	}{{staging, 12 * time.Minute}, {production, 25 * time.Minute}, {sandbox, 40 * time.Minute}} {
		a := t.add(&actor{
			bind: binds(t.v, "identity", roleIdentity(at.account, "", "github-deploy", ""), "role", "github-deploy", "session", "GitHubActions",
				"agent", "[APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.78.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.5 ua/2.1 os/linux lang/go#1.23.3 md/GOOS#linux md/GOARCH#amd64]",
				"account", at.account, "ip", "<crowd>", "tls", tls, "host", "iam.amazonaws.com", "region", "eu-central-1"),
			hold: holds(t.v, "key", "since", "ip", "service", "function"),
			bout: [2]int{60, 320}, gap: 350 * time.Millisecond, pause: at.pause, rhythm: office(),
		})
		a.open = []*line{t.line(call{
			service: "sts", name: "AssumeRoleWithWebIdentity",
			request: `{"roleArn":"arn:aws:iam::<account>:role/github-deploy","roleSessionName":"GitHubActions","durationSeconds":3600}`,
			response: `{"credentials":{"accessKeyId":"ASIA<key>","sessionToken":"HIDDEN_DUE_TO_SECURITY_REASONS","expiration":"<until>"},` +
				`"subjectFromWebIdentityToken":"repo:kestrel-supply/<service>:ref:refs/heads/main","assumedRoleUser":{"assumedRoleId":"AROA<id17>:GitHubActions",` +
				`"arn":"arn:aws:sts::<account>:assumed-role/github-deploy/GitHubActions"},"provider":"arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com","audience":"sts.amazonaws.com"}`,
			resources: `"resources":[{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<account>:role/github-deploy"}],`,
		}, 0)}
		for _, c := range plain(planning) {
			a.lines.add(3, t.line(c, .02, failure{"NoSuchEntityException", "The role with name <service>-old cannot be found."}, throttled()))
		}
		for _, c := range plain(changing) {
			a.lines.add(.25, t.line(c, .01, failure{"InvalidParameterException", "The request is not valid in the state that the resource is in."}))
		}
	}
}

// changing is what deployments change on an ordinary day.
const changing = `
ecs RegisterTaskDefinition {"family":"<service>","networkMode":"awsvpc","cpu":"512","memory":"1024","requiresCompatibilities":["FARGATE"],"taskRoleArn":"arn:aws:iam::<account>:role/<service>-task","executionRoleArn":"arn:aws:iam::<account>:role/<service>-execution","containerDefinitions":[{"name":"<service>","image":"<account>.dkr.ecr.<region>.amazonaws.com/<service>:<hex40>","essential":true,"cpu":0,"environment":[{"name":"HIDDEN_DUE_TO_SECURITY_REASONS","value":"HIDDEN_DUE_TO_SECURITY_REASONS"}]}]}
ecs UpdateService {"cluster":"kestrel-prod","service":"<service>","taskDefinition":"<service>:<thousands>","forceNewDeployment":false}
ecs UpdateService {"cluster":"kestrel-prod","service":"<service>","taskDefinition":"<service>:<thousands>","desiredCount":<few>}
lambda PublishVersion20150331 {"functionName":"<function>"}
elasticloadbalancing ModifyTargetGroup {"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/<hex16>","healthCheckPath":"/healthz"}
monitoring PutMetricAlarm {"alarmName":"<service>-5xx","metricName":"HTTPCode_Target_5XX_Count","namespace":"AWS/ApplicationELB","statistic":"Sum","period":60,"evaluationPeriods":3,"threshold":20,"comparisonOperator":"GreaterThanThreshold"}
ssm PutParameter {"name":"<parameter>","type":"String","overwrite":true,"value":"HIDDEN_DUE_TO_SECURITY_REASONS"}
ecr PutImage {"repositoryName":"<service>","imageTag":"<hex40>"}
ec2 CreateTags {"resourcesSet":{"items":[{"resourceId":"<group>"}]},"tagSet":{"items":[{"key":"commit","value":"<hex40>"}]}}
logs PutRetentionPolicy {"logGroupName":"/ecs/<service>","retentionInDays":30}
s3 PutBucketTagging {"bucketName":"<bucket>","tagging":"","Host":"<bucket>.s3.<region>.amazonaws.com"}
iam CreateRole {"roleName":"<service>-<function>-lambda","path":"/","maxSessionDuration":3600,"assumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}
iam PutRolePolicy {"roleName":"<service>-task","policyName":"<service>-access","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::<bucket>/*\"},{\"Effect\":\"Allow\",\"Action\":\"sqs:*\",\"Resource\":\"arn:aws:sqs:<region>:<account>:<service>-*\"}]}"}
iam AttachRolePolicy {"roleName":"<service>-task","policyArn":"arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"}
ec2 CreateSecurityGroup {"groupName":"<service>-<hex4>","groupDescription":"Managed by Terraform","vpcId":"vpc-0a1b2c3d4e5f60718"}
ec2 AuthorizeSecurityGroupIngress {"groupId":"<group>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0","description":"HTTPS"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}
ec2 AuthorizeSecurityGroupIngress {"groupId":"<group>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":5432,"toPort":5432,"groups":{"items":[{"groupId":"<group>"}]},"ipRanges":{},"ipv6Ranges":{},"prefixListIds":{}}]}}
ec2 RevokeSecurityGroupEgress {"groupId":"<group>","ipPermissions":{"items":[{"ipProtocol":"-1","groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}
s3 CreateBucket {"CreateBucketConfiguration":{"LocationConstraint":"<region>","xmlns":"http://s3.amazonaws.com/doc/2006-03-01/"},"bucketName":"kestrel-<service>-<hex4>","Host":"kestrel-<service>-<hex4>.s3.<region>.amazonaws.com"}
s3 PutBucketEncryption {"bucketName":"<bucket>","encryption":"","Host":"<bucket>.s3.<region>.amazonaws.com","ServerSideEncryptionConfiguration":{"Rule":{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"},"BucketKeyEnabled":true}}}
s3 PutBucketPolicy {"bucketName":"<bucket>","policy":"","Host":"<bucket>.s3.<region>.amazonaws.com","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::<bucket>","arn:aws:s3:::<bucket>/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}}
logs CreateLogGroup {"logGroupName":"/aws/lambda/<function>-<hex4>"}
lambda AddPermission20150331v2 {"functionName":"<function>","statementId":"apigateway","action":"lambda:InvokeFunction","principal":"apigateway.amazonaws.com","sourceArn":"arn:aws:execute-api:<region>:<account>:a1b2c3d4e5/*"}
application-autoscaling PutScalingPolicy {"policyName":"<service>-cpu","serviceNamespace":"ecs","resourceId":"service/kestrel-prod/<service>","scalableDimension":"ecs:service:DesiredCount","policyType":"TargetTrackingScaling"}
`
