package finding_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// The secrets are made up.
const (
	secretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	jwt       = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLXdvdWxkLWdvLWhlcmU"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	session := "IQoJb3JpZ2luX2VjE" + strings.Repeat("aB3/", 30)
	tests := map[string]struct{ in, want string }{
		"CloudTrail credentials": {
			`{"credentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","secretAccessKey":"` + secretKey + `","sessionToken":"` + session + `","expiration":"x"}}`,
			`{"credentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","secretAccessKey":"[redacted]","sessionToken":"[redacted]","expiration":"x"}}`,
		},
		"escaped JSON in JSON": {
			`{"message":"{\"masterUserPassword\":\"hun\\\"ter2\",\"user\":\"a\"}"}`,
			`{"message":"{\"masterUserPassword\":\"[redacted]\",\"user\":\"a\"}"}`,
		},
		"number":           {`{"password":12345,"a":1}`, `{"password":"[redacted]","a":1}`},
		"escaped number":   {`{"m":"{\"password\":12345}"}`, `{"m":"{\"password\":\"[redacted]\"}"}`},
		"list":             {`{"cookie":["a=b", "c=d"],"x":["e"]}`, `{"cookie":["[redacted]", "[redacted]"],"x":["e"]}`},
		"space after name": {`{"newPassword" : "x y", "b":1}`, `{"newPassword" : "[redacted]", "b":1}`},
		"WAF header":       {`{"name":"Cookie","value":"session=abc; b=c"},{"name":"Host","value":"h"}`, `{"name":"Cookie","value":"[redacted]"},{"name":"Host","value":"h"}`},
		"query string":     {`GET /login?user=bob&password=hunter2&next=/ HTTP/1.1`, `GET /login?user=bob&password=[redacted]&next=/ HTTP/1.1`},
		"presigned URL": {
			`/o?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260302&X-Amz-Security-Token=Fwo%2FG&X-Amz-Signature=abcdef0123 HTTP`,
			`/o?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260302&X-Amz-Security-Token=[redacted]&X-Amz-Signature=[redacted] HTTP`,
		},
		"encoded equals":    {`q=a%26password%3Dhunter2%26b`, `q=a%26password%3D[redacted]`},
		"URL with password": {`clone https://bob:hun:ter2@git.example.com/x from http://h/`, `clone https://bob:[redacted]@git.example.com/x from http://h/`},
		"bearer header":     {"Authorization: Bearer abc.def\r\nHost: h", "Authorization: Bearer [redacted]\r\nHost: h"},
		"basic header":      {`"authorization":"Basic dXNlcjpwYXNz"`, `"authorization":"[redacted]"`},
		"lone bearer":       {`curl -H "X: Bearer abcdefghij1234"`, `curl -H "X: Bearer [redacted]"`},
		"signature v4": {
			`Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260302, SignedHeaders=host, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024`,
			`Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260302, SignedHeaders=host, Signature=[redacted]`,
		},
		"cookie header":    {"Cookie: a=b; JSESSIONID=123\nHost: h", "Cookie: [redacted]\nHost: h"},
		"option":           {`COMMAND=/usr/bin/mysql --password hunter2 --host h`, `COMMAND=/usr/bin/mysql --password [redacted] --host h`},
		"option with =":    {`mysql --password=hunter2 -e x`, `mysql --password=[redacted] -e x`},
		"environment":      {"env AWS_SECRET_ACCESS_KEY=" + secretKey + " aws s3 ls", "env AWS_SECRET_ACCESS_KEY=[redacted] aws s3 ls"},
		"bare key":         {"key is " + secretKey + ", ok", "key is [redacted], ok"},
		"bare JWT":         {"got " + jwt + " from", "got [redacted] from"},
		"bare session":     {"t=" + session, "t=[redacted]"},
		"GitHub token":     {"https://x/ghp_" + strings.Repeat("a1B2", 9), "https://x/[redacted]"},
		"cut off in value": {`{"a":1,"password":"hunt`, `{"a":1,"password":"[redacted]`},
		"private key": {
			"-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nrest",
			"-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----\nrest",
		},
		"private key in JSON, cut off": {`{"k":"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl`, `{"k":"-----BEGIN OPENSSH PRIVATE KEY-----[redacted]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := finding.Redact(tt.in); got != tt.want {
				t.Errorf("Redact(%s)\n got %s\nwant %s", tt.in, got, tt.want)
			}
			if got := finding.Redact(tt.want); got != tt.want {
				t.Errorf("a second time it gives\n%s", got)
			}
			if json.Valid([]byte(tt.in)) != json.Valid([]byte(tt.want)) {
				t.Error("JSON did not stay JSON")
			}
		})
	}
}

// What only looks like a secret stays: it is what an investigation needs.
func TestRedactKeeps(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		`{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","principalId":"AROAEXAMPLEEXAMPLE:session","eventID":"5c1bb6c1-6c4d-4a5f-9f0e-1a2b3c4d5e6f"}`,
		`Mar  2 10:00:01 web sshd[7]: Failed password for invalid user admin from 203.0.113.7 port 4711 ssh2`,
		`sudo: bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/usr/bin/passwd alice`,
		`passwd[12]: pam_unix(passwd:chauthtok): password changed for alice`,
		`{"requestParameters":{"secretId":"prod/db","clientToken":"b1f7","clientRequestToken":"c2","nextToken":"xyz"}}`,
		`{"requirePassword":true,"password":null,"token":"","passwordLastUsed":"2026-03-02","passwordReset":1}`,
		`{"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}`,
		`{"alert":{"signature":"ET SCAN Suspicious inbound to MSSQL port 1433","signature_id":2010935}}`,
		`{"type":"password"},{"type":"token","id":5}`,
		`commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 of /var/lib/Some/Directory/With/A/Long/Name12`,
		`arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonElasticKubernetesService`,
		`https://user@example.com:8080/a:b@c https://h/?u=a:b@c`,
		"-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----\nMIIE",
		`the bearer of this token`, `password`, `password=`, `{"password":""}`, `"password`, `token:`, `--password`, `--password --x`,
		"", `\\\\\\"`, `eyJhbGciOiJIUzI1NiJ9`,
	} {
		if got := finding.Redact(s); got != s {
			t.Errorf("was  %s\nnow  %s", s, got)
		}
	}
}

// Each of these takes hours if the time grows with the square of the length.
func TestRedactIsLinear(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{
		"eyJ-", "eyJhbGciOiJIUzI1NiJ9-", "eyJhbGciOiJIUzI1NiJ9.", "://", "http://a:", "http://a:b@", "-----BEGIN ", "-----BEGIN PRIVATE KEY----- ",
		"password=", `"password":"`, `\"password\":\"`, `\`, `"`, "'", "a", "--password ", "Authorization: AWS4-", `authorization="AWS4-\"`,
		"cookie=", `cookie:["`, `password:["a",`, "bearer ", "aB3/", "ghp_", "password ", `"cookie","value":`,
	} {
		finding.Redact(strings.Repeat(unit, 4<<20/len(unit)))
	}
}

func FuzzRedact(f *testing.F) {
	f.Add(`{"password":"x","secretAccessKey":5}`, "hunter2hunter2")
	f.Add(`Cookie: a`, "b")
	f.Fuzz(func(t *testing.T, text, secret string) {
		got := finding.Redact(text)
		if json.Valid([]byte(text)) && !json.Valid([]byte(got)) {
			t.Errorf("%q is JSON, %q is not", text, got)
		}
		// A value of its own kind of name never comes through.
		line, err := json.Marshal(map[string]string{"a": text, "password": "S" + secret + "S"})
		if err != nil || len(secret) < 8 || strings.Contains(text, secret) {
			return
		}
		var back map[string]any
		if err := json.Unmarshal([]byte(finding.Redact(string(line))), &back); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if p, ok := back["password"].(string); ok && p == "S"+secret+"S" && !strings.Contains(string(line), "PRIVATE KEY") {
			t.Errorf("%s: the password stayed", line)
		}
	})
}
