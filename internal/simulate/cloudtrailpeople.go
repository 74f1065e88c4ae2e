package simulate

import (
	"strings"
	"time"
)

const (
	chrome  = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36`
	safari  = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15`
	firefox = `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0`
	awsCLI  = `aws-cli/2.22.12 md/awscrt#0.23.4 ua/2.0 os/macos#24.1.0 md/arch#arm64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off`
)

// people use the console and the command line, most through IAM Identity Center, a few as IAM users of old.
func (t *trail) people() {
	sets := []string{"DeveloperAccess_8a1f20c95e7d3b46", "DeveloperAccess_8a1f20c95e7d3b46", "DataReader_51c6e0f2d9a87b34", "PlatformAdmin_0e93b7a1c4d5f682"}
	names := words(`ann.keller ben.moreau carla.rossi dev.patel emma.lind felix.braun grace.okafor hugo.silva ines.costa jan.novak kim.berg
		leo.fischer mia.santos nora.weiss omar.haddad petra.vogel quentin.roux rosa.marin sven.dahl tara.nair`)
	browsers := []string{chrome, safari, firefox}
	for i, name := range names {
		session := name + "@kestrel.example"
		role := "AWSReservedSSO_" + sets[i%len(sets)]
		ip := "<office>"
		if i%4 == 3 {
			ip = "<crowd>" // works from home
		}
		account := []string{production, staging, sandbox}[i%3]
		common := []string{"role", role, "session", session, "account", account, "ip", ip, "tls", tls}
		path := "aws-reserved/sso.amazonaws.com/eu-central-1/"
		console := t.add(&actor{
			bind: binds(t.v, append(common, "identity", roleIdentity(account, path, role, ""), "agent", browsers[i%3], "host", "<service>.<region>.amazonaws.com")...),
			hold: holds(t.v, "key", "since", "ip", "region"), open: []*line{t.federatedSignIn()},
			bout: [2]int{10, 90}, gap: 9 * time.Second, pause: 70 * time.Minute, rhythm: office(),
		})
		shell := t.add(&actor{
			bind: binds(t.v, append(common, "identity", roleIdentity(account, path, role, ""), "agent", "["+awsCLI+" md/command#ec2.describe-instances]", "host", "ec2.<region>.amazonaws.com")...),
			hold: holds(t.v, "key", "since", "ip", "region"),
			bout: [2]int{2, 25}, gap: 25 * time.Second, pause: 100 * time.Minute, rhythm: office(),
		})
		for _, c := range plain(looking) {
			console.lines.add(1, t.line(c, .03, refused(), absent()))
			shell.lines.add(1, t.line(c, .03, refused(), absent()))
		}
		shell.lines.add(4, t.line(object("GetObject"), .02, refused()))
		shell.lines.add(3, t.line(listObjects(), .02, refused()))
		for _, c := range plain(`
			ssm StartSession {"target":"<instance>"}
			ecs ExecuteCommand {"cluster":"kestrel-prod","task":"<hex32>","container":"<service>","command":"/bin/sh","interactive":true}
			ecs UpdateService {"cluster":"kestrel-prod","service":"<service>","forceNewDeployment":true}
			lambda Invoke {"functionName":"<function>"}`) {
			shell.lines.add(.2, t.line(c, .1, refused()))
		}
	}
	t.oldUsers()
}

// federatedSignIn is a sign-in to the console through the identity provider, where the second factor is, so that AWS has none
// to tell of.
func (t *trail) federatedSignIn() *line {
	return t.line(call{
		service: "signin", name: "ConsoleLogin", kind: "AwsConsoleSignIn", response: `{"ConsoleLogin":"Success"}`,
		more: `"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"No"},`,
	}, 0)
}

// oldUsers are the IAM users that the company still has: they sign in with a password and a second factor.
func (t *trail) oldUsers() {
	for i, name := range words(`break-glass finance-reader vendor-audit`) {
		identity := userIdentity(name)
		a := t.add(&actor{
			bind: binds(t.v, "identity", identity, "user", name, "session", name, "role", name, "account", production, "ip", "<office>", "agent", firefox,
				"region", "eu-central-1", "tls", tls, "host", "signin.aws.amazon.com"),
			hold: holds(t.v, "ip"),
			bout: [2]int{8, 40}, gap: 12 * time.Second, pause: time.Duration(3+i) * time.Hour, rhythm: office(),
		})
		login := call{
			service: "signin", name: "ConsoleLogin", kind: "AwsConsoleSignIn", response: `{"ConsoleLogin":"Success"}`,
			more: `"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home?region=eu-central-1","MobileVersion":"No",` +
				`"MFAUsed":"Yes","MFAIdentifier":"arn:aws:iam::<account>:mfa/<user>"},`,
		}
		mistyped := login
		mistyped.response = `{"ConsoleLogin":"Failure"}`
		good := t.line(login, .12)
		good.bad = append(good.bad, t.v.compile(strings.Replace(mistyped.record("", ""), `"requestParameters"`, `"errorMessage":"Failed authentication","requestParameters"`, 1)))
		a.open = []*line{good}
		for _, c := range plain(looking) {
			a.lines.add(1, t.line(c, .03, failure{"AccessDenied", "User: arn:aws:iam::<account>:user/<user> is not authorized to perform this action because no identity-based policy allows it"}))
		}
	}
}
