package simulate

import (
	"strings"
	"time"
)

// intrusion is what the attacks in CloudTrail are made with.
type intrusion struct {
	trail
	thief map[slot]template // who has the key of ci-release
}

// ci is the user whose key was stolen, as findings name it.
const ci = "arn:aws:iam::" + production + ":user/ci-release"

// cloudAttacks are made with a stolen key of the pipeline, with the credentials of an instance, and with a guessed password.
func cloudAttacks(v *vocabulary) []*attack {
	i := intrusion{trail: trail{v: v}}
	i.thief = binds(v, "identity", userIdentity("ci-release"), "user", "ci-release", "account", production, "ip", "203.0.113.150",
		"agent", "aws-cli/2.15.22 Python/3.11.8 Linux/6.6.15-amd64 source/x86_64.kali.2024 prompt/off", "tls", tls,
		"host", "iam.amazonaws.com", "region", "eu-central-1", "bucket", "kestrel-exports")
	return append(append(i.survey(), i.takeover()...), append(i.harm(), i.others()...)...)
}

// each writes every call once, in the order given.
func (i *intrusion) each(bind map[slot]template, gap time.Duration, texts ...string) []step {
	var out []step
	for _, text := range texts {
		out = append(out, step{bind: bind, text: i.v.compile(text), times: 1, gap: gap})
	}
	return out
}

// survey is what the thief does first: look, and try.
func (i *intrusion) survey() []*attack {
	var looks, tries []string
	for _, c := range plain(surveyed) {
		looks = append(looks, c.record("", ""))
	}
	for _, c := range plain(tried) {
		tries = append(tries, c.record("AccessDenied", "User: "+ci+" is not authorized to perform: "+c.service+":"+c.name+" because no identity-based policy allows it"))
	}
	thief := []Entity{by(ci), from("203.0.113.150")}
	return []*attack{{
		start: 22*time.Hour + 3*time.Minute,
		label: Label{
			Name: "Stolen CI key: account surveyed", Techniques: []string{"T1078.004", "T1580", "T1087.004"}, Entities: thief,
			Rules: []string{
				"0b6bf360-e961-4146-b44c-456d40f23c5d", // account surveyed
				"b3df0d58-2805-450a-b57a-65691b76b4fd", // user agent
			},
		},
		steps: i.each(i.thief, 5*time.Second, looks...),
	}, {
		start: 22*time.Hour + 11*time.Minute,
		label: Label{
			Name: "Stolen CI key: refused again and again", Techniques: []string{"T1580"}, Entities: thief,
			Rules: []string{"941ea325-f565-4dff-b55b-1dd044dfb473"},
		},
		steps: i.each(i.thief, 3*time.Second, tries...),
	}}
}

// takeover is how the thief gets rights, a way back, and peace.
func (i *intrusion) takeover() []*attack {
	thief := []Entity{by(ci), from("203.0.113.150")}
	one := func(at time.Duration, name, technique string, c call, rules ...string) *attack {
		return &attack{
			start: 22*time.Hour + at,
			label: Label{Name: name, Techniques: []string{technique}, Entities: thief, Rules: rules},
			steps: i.each(i.thief, 0, c.record("", "")),
		}
	}
	const policy = `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}`
	return []*attack{
		one(16*time.Minute, "Privilege escalation by a new policy version", "T1098.003", call{
			service: "iam", name: "CreatePolicyVersion",
			request:  `{"policyArn":"arn:aws:iam::` + production + `:policy/ci-release","policyDocument":"` + policy + `","setAsDefault":true}`,
			response: `{"policyVersion":{"versionId":"v7","isDefaultVersion":true,"createDate":"<until>"}}`,
		}, "44b50a31-c839-4c1d-a8cb-957d91630092"),
		one(18*time.Minute, "Administrator policy attached", "T1098.003", call{
			service: "iam", name: "AttachUserPolicy",
			request: `{"userName":"ci-release","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`,
		}, "520c5d29-913c-493e-a3a6-c95c6a6a882e"),
		one(20*time.Minute, "Access key created for another user", "T1098.001", call{
			service: "iam", name: "CreateAccessKey", request: `{"userName":"backup-agent"}`,
			response: `{"accessKey":{"userName":"backup-agent","accessKeyId":"AKIA<key>","status":"Active","createDate":"<until>"}}`,
		}, "f2d22771-6076-421c-a87c-909137d077fa"),
		one(22*time.Minute, "Trail stopped", "T1685.002", call{
			service: "cloudtrail", name: "StopLogging", request: `{"name":"arn:aws:cloudtrail:eu-central-1:` + production + `:trail/organization"}`,
		}, "c5c7a833-b1b5-4994-8894-c21787fe855f"),
		one(23*time.Minute, "GuardDuty weakened", "T1685", call{
			service: "guardduty", name: "UpdateDetector", request: `{"detectorId":"<hex32>","enable":false}`,
		}, "518908c1-10a4-47ff-8667-3619f7d0bf8c"),
		one(26*time.Minute, "Snapshot shared with another account", "T1537", call{
			service: "ec2", name: "ModifySnapshotAttribute",
			request: `{"snapshotId":"snap-0a4e7c1d95b2f8630","createVolumePermission":{"add":{"items":[{"userId":"999988887777"}]}},` +
				`"attributeType":"CREATE_VOLUME_PERMISSION"}`,
			response: `{"requestId":"<uuid3>","_return":true}`,
		}, "7cf1e660-3a24-4d93-9cd3-848d31d86645"),
	}
}

// harm is what the thief came for.
func (i *intrusion) harm() []*attack {
	thief := []Entity{by(ci), from("203.0.113.150")}
	read, remove, note := object("GetObject"), object("DeleteObject"), object("PutObject")
	suspend := call{
		service: "s3", name: "PutBucketVersioning",
		request: `{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","versioning":"","VersioningConfiguration":{"Status":"Suspended","xmlns":"http://s3.amazonaws.com/doc/2006-03-01/"}}`,
	}
	ransom := strings.ReplaceAll(note.record("", ""), "<object>", "HOW_TO_RECOVER_YOUR_FILES.txt")
	times := func(c call, n int, gap time.Duration) step {
		return step{bind: i.thief, text: i.v.compile(c.record("", "")), times: n, gap: gap}
	}
	return []*attack{{
		start: 22*time.Hour + 30*time.Minute,
		label: Label{
			Name: "Exfiltration from S3", Techniques: []string{"T1530"}, Entities: thief,
			Rules: []string{"6d27d007-a636-420a-8d63-b359b3541496"},
		},
		steps: []step{times(listObjects(), 3, 2*time.Second), times(read, 900, 600*time.Millisecond)},
	}, {
		start: 22*time.Hour + 50*time.Minute,
		label: Label{
			Name: "Data deleted for ransom", Techniques: []string{"T1485", "T1486"}, Entities: thief,
			Rules: []string{
				"4fe097ea-1f53-47b6-a56e-578b5f770e62", // deleted in bulk
				"ad734496-7ff2-43a0-b6bf-a8a557841914", // ransom note
				"662c8e86-91d3-4999-b3a3-5a4e14c1567b", // versioning suspended
			},
		},
		steps: append([]step{times(suspend, 1, 5*time.Second), times(remove, 900, 400*time.Millisecond)}, i.each(i.thief, 0, ransom)...),
	}}
}

// others are an instance's credentials used from outside, and a guessed password.
func (i *intrusion) others() []*attack {
	role := "arn:aws:sts::" + production + ":assumed-role/bastion-instance/" + bastion
	instance := binds(i.v, "identity", roleIdentity(production, "", "bastion-instance", `,"ec2RoleDelivery":"2.0"`), "role", "bastion-instance", "session", bastion,
		"account", production, "ip", "203.0.113.152", "agent", "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#6.5.0 md/arch#x86_64 lang/python#3.11.2 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.69",
		"tls", tls, "host", "s3.<region>.amazonaws.com", "region", "eu-central-1", "key", "BASTION00EXAMPLE")
	var looks []string
	for _, c := range plain(`
		sts GetCallerIdentity
		s3 ListBuckets {"Host":"s3.<region>.amazonaws.com"}
		ec2 DescribeInstances {"instancesSet":{},"filterSet":{}}
		iam ListRoles
		secretsmanager ListSecrets
		ssm DescribeParameters`) {
		looks = append(looks, c.record("", ""))
	}
	person := binds(i.v, "identity", `{"type":"IAMUser","principalId":"AIDA`+stable("finance-reader", 17)+`","arn":"arn:aws:iam::<account>:user/<user>","accountId":"<account>","userName":"<user>"}`,
		"user", "finance-reader", "account", production, "ip", "203.0.113.153", "agent", firefox, "region", "us-east-1", "tls", tls, "host", "signin.aws.amazon.com")
	signIn := func(outcome, message string) template {
		c := call{
			service: "signin", name: "ConsoleLogin", kind: "AwsConsoleSignIn", response: `{"ConsoleLogin":"` + outcome + `"}`,
			more: `"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"No"},`,
		}
		return i.v.compile(strings.Replace(c.record("", ""), `"requestParameters"`, message+`"requestParameters"`, 1))
	}
	return []*attack{{
		start: 16*time.Hour + 17*time.Minute,
		label: Label{
			Name: "Credentials of an instance used from outside", Techniques: []string{"T1552.005", "T1078.004"},
			Entities: []Entity{by(role), from("203.0.113.152")}, Rules: []string{"c4a97024-e69b-4e71-9296-1fc033e18319"},
		},
		steps: i.each(instance, 20*time.Second, looks...),
	}, {
		start: 4*time.Hour + 40*time.Minute,
		label: Label{
			Name: "Console password guessed, then sign-in without MFA", Techniques: []string{"T1110.001", "T1078.004"},
			Entities: []Entity{from("203.0.113.153"), by("arn:aws:iam::" + production + ":user/finance-reader")},
			Rules: []string{
				"0c4075c1-068f-4706-98e9-0662c945f8bb", // guessing
				"835b83db-b049-47af-920a-9cd2819a7cac", // sign-in after guessing
				"c45a8ecc-e33c-4237-be93-724249b2ad9c", // without MFA
			},
		},
		steps: []step{
			{bind: person, text: signIn("Failure", `"errorMessage":"Failed authentication",`), times: 23, gap: 8 * time.Second},
			{bind: person, text: signIn("Success", ""), times: 1},
		},
	}}
}

// surveyed is what somebody asks who has a key and wants to know what it opens.
const surveyed = `
sts GetCallerIdentity
iam GetUser
iam ListUsers {"maxItems":1000}
iam ListRoles {"maxItems":1000}
iam ListGroups
iam ListPolicies {"scope":"Local","onlyAttached":false}
iam ListAttachedUserPolicies {"userName":"ci-release"}
iam ListUserPolicies {"userName":"ci-release"}
iam ListGroupsForUser {"userName":"ci-release"}
iam ListAccessKeys {"userName":"ci-release"}
iam GetAccountSummary
iam GetAccountPasswordPolicy
iam GetPolicyVersion {"policyArn":"arn:aws:iam::<account>:policy/ci-release","versionId":"v6"}
s3 ListBuckets {"Host":"s3.<region>.amazonaws.com"}
ec2 DescribeInstances {"instancesSet":{},"filterSet":{}}
ec2 DescribeSnapshots {"ownersSet":{"items":[{"owner":"self"}]},"filterSet":{}}
ec2 DescribeSecurityGroups {"securityGroupSet":{},"securityGroupIdSet":{},"filterSet":{}}
ec2 DescribeVpcs {"vpcSet":{},"filterSet":{}}
rds DescribeDBInstances
rds DescribeDBSnapshots
lambda ListFunctions20150331
secretsmanager ListSecrets {"maxResults":100}
ssm DescribeParameters
cloudtrail DescribeTrails
cloudtrail GetTrailStatus {"name":"organization"}
guardduty ListDetectors
ecr DescribeRepositories
ecs ListClusters
`

// tried is what is refused to that key.
const tried = `
organizations ListAccounts
kms ListKeys
dynamodb ListTables
iam CreateUser {"userName":"support-audit"}
iam CreateLoginProfile {"userName":"backup-agent"}
iam UpdateAssumeRolePolicy {"roleName":"terraform-deploy"}
iam PutUserPolicy {"userName":"ci-release","policyName":"x"}
sts AssumeRole {"roleArn":"arn:aws:iam::111122223333:role/terraform-deploy","roleSessionName":"x"}
ec2 RunInstances {"instanceType":"p4d.24xlarge","minCount":1,"maxCount":1}
ec2 CreateKeyPair {"keyName":"x"}
ec2 AuthorizeSecurityGroupIngress {"groupId":"<group>"}
lambda CreateFunction20150331 {"functionName":"x"}
lambda UpdateFunctionCode20150331v2 {"functionName":"order-created"}
secretsmanager GetSecretValue {"secretId":"prod/payments/api"}
ssm GetParametersByPath {"path":"/kestrel/prod","recursive":true,"withDecryption":true}
eks ListClusters
rds ModifyDBInstance {"dBInstanceIdentifier":"orders-1","masterUserPassword":"HIDDEN_DUE_TO_SECURITY_REASONS"}
config StopConfigurationRecorder {"configurationRecorderName":"default"}
securityhub DescribeHub
`
