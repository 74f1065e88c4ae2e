package finding

import (
	"slices"
	"strings"
)

// mask stands where a secret stood.
const mask = "[redacted]"

// Redact masks the secrets in an event's text: values of fields, parameters, options and headers whose name says that
// they are secret, passwords in URLs, private keys, and bare tokens that are known by their form (AWS secret access keys
// and session tokens, JWTs, and those of some services). What names somebody stays: user names, access key ids. It
// takes time in proportion to the text, and JSON stays JSON.
func Redact(raw string) string {
	raw = redactPrivateKeys(raw)
	raw = redactNamed(raw)
	raw = redactURLs(raw)
	return redactBare(raw)
}

// redaction is a text in the making: what was masked of src is not in out, and what was not has yet to be copied.
type redaction struct {
	src  string
	out  strings.Builder
	done int // bytes of src that out stands for
}

// hide masks src[from:to].
func (r *redaction) hide(from, to int) { r.replace(from, to, mask) }

func (r *redaction) replace(from, to int, with string) {
	r.out.WriteString(r.src[r.done:from])
	r.out.WriteString(with)
	r.done = to
}

func (r *redaction) String() string {
	if r.done == 0 {
		return r.src
	}
	r.out.WriteString(r.src[r.done:])
	return r.out.String()
}

// redactPrivateKeys masks what stands between the lines of a PEM private key (RFC 7468), or behind the first of them
// where the second was cut off: up to a quotation mark, which no key contains.
func redactPrivateKeys(s string) string {
	const begin, end, kind = "-----BEGIN ", "-----END ", "PRIVATE KEY-----"
	if !strings.Contains(s, kind) {
		return s
	}
	r := redaction{src: s}
	for i := 0; ; {
		at := strings.Index(s[i:], begin)
		if at < 0 {
			return r.String()
		}
		i += at + len(begin)
		label := strings.Index(s[i:min(len(s), i+64)], "-----")
		if label < 0 || !strings.HasSuffix(s[i:i+label+5], kind) {
			continue
		}
		i += label + 5
		stop := strings.IndexByte(s[i:], '"')
		if stop < 0 {
			stop = len(s) - i
		}
		for stop > 0 && s[i+stop-1] == '\\' {
			stop--
		}
		if at := strings.Index(s[i:i+stop], end); at >= 0 {
			stop = at
		}
		if stop > 0 && s[i:i+stop] != mask {
			r.hide(i, i+stop)
		}
		i += stop
	}
}

// secretNames are names of fields, parameters, headers and options with a secret as their value, in lower case and
// without - and _. The first may stand at the end of a longer name (newPassword), the second are the whole name.
var (
	secretEndings = []string{ //nolint:gochecknoglobals // a constant table
		"password", "passwd", "passphrase", "secretaccesskey", "secretkey", "sessiontoken", "securitytoken", "accesstoken",
		"refreshtoken", "idtoken", "authtoken", "apikey", "apitoken", "clientsecret", "privatekey", "secretstring",
		"secretbinary", "amzsignature", "vaulttoken", "csrftoken", "sessid", "authorization",
	}
	secretWhole = []string{ //nolint:gochecknoglobals // a constant table
		"token", "secret", "pwd", "pass", "sig", "signature", "cookie", "setcookie", "jsessionid", "bearer",
	}
)

const maxName = 24 // how much of the end of a name is looked at

// secretName returns the name, folded, if it is one of a secret.
func secretName(name string) (string, bool) {
	var buf [maxName]byte
	n, whole := maxName, true
	for i := len(name) - 1; i >= 0; i-- {
		c := name[i]
		if c == '-' || c == '_' {
			continue
		}
		if n == 0 {
			whole = false
			break
		}
		n--
		buf[n] = lower(c)
	}
	folded := string(buf[n:])
	if whole && slices.Contains(secretWhole, folded) {
		return folded, true
	}
	for _, e := range secretEndings {
		if strings.HasSuffix(folded, e) {
			return e, true
		}
	}
	return "", false
}

// redactNamed masks the values of secret names, in the forms "name": "value" (at any depth of escaping), name=value,
// name: value, --name value, {"name": "name", "value": "value"}, and Bearer value.
func redactNamed(s string) string {
	r := redaction{src: s}
	isJSON := len(s) > 0 && (s[0] == '{' || s[0] == '[')
	for i := 0; i < len(s); {
		if !isNameByte(s[i]) {
			i++
			continue
		}
		from := i
		for i < len(s) && isNameByte(s[i]) {
			i++
		}
		name, ok := secretName(s[from:i])
		if !ok {
			continue
		}
		at, ok := valueAfter(s, from, i, name)
		if !ok {
			continue
		}
		if at < len(s) && s[at] == '[' {
			i = hideList(&r, at+1)
			continue
		}
		depth, quote := quoteAt(s, i) // of the name
		if isJSON && quote == 0 && at < len(s) && s[at] == '"' {
			continue // the name is the end of a string, and this mark closes it
		}
		start, end := valueAt(s, at, name)
		if start >= end || !isSecret(name, s[start:end]) {
			continue
		}
		marks := ""
		if start == at && quote != 0 {
			marks = s[i : i+depth+1] // a bare number in JSON: the mask needs the quotes that its name has
		}
		r.replace(start, end, marks+mask+marks)
		i = end
	}
	return r.String()
}

// hideList masks the strings of a list that begins at i, and returns where it stopped.
func hideList(r *redaction, i int) int {
	for s := r.src; ; {
		i = skipSpace(s, i)
		depth, quote := quoteAt(s, i)
		if quote == 0 {
			return i
		}
		start := i + depth + 1
		i = closing(s, start, depth, quote)
		if i > start {
			r.hide(start, i)
		}
		if depth, quote = quoteAt(s, i); quote != 0 {
			i += depth + 1
		}
		if i = skipSpace(s, i); i >= len(s) || s[i] != ',' {
			return i
		}
		i++
	}
}

// valueAfter returns where the value of the name s[from:i] begins.
func valueAfter(s string, from, i int, name string) (int, bool) {
	at, ok := separator(s, i)
	if ok {
		// pam_unix(passwd:chauthtok) names a PAM service and its step.
		return at, from == 0 || s[from-1] != '('
	}
	if name == "bearer" || strings.HasPrefix(s[from:i], "--") {
		at = skipSpace(s, i)
		return at, at > i && at < len(s) && s[at] != '-'
	}
	return 0, false
}

// valueAt returns the span of the value that begins at at, without its quotes.
func valueAt(s string, at int, name string) (start, end int) {
	if depth, quote := quoteAt(s, at); quote != 0 {
		start = at + depth + 1
		end = closing(s, start, depth, quote)
		if quote == '\'' && s[0] == '{' {
			end = start + endOfWord(s[start:end], 0) // an apostrophe in JSON may open nothing
		}
		return start, end
	}
	switch name {
	case "authorization":
		return credentials(s, at)
	case "cookie", "setcookie":
		return at, endOfHeader(s, at)
	}
	return at, endOfWord(s, at)
}

// separator passes over what stands between a name that ends at i and its value.
func separator(s string, i int) (int, bool) {
	if depth, quote := quoteAt(s, i); quote != 0 {
		i += depth + 1
		if j, ok := valueMember(s, i); ok {
			return j, true
		}
	}
	i = skipSpace(s, i)
	switch {
	case i >= len(s):
		return i, false
	case s[i] == '=' || s[i] == ':':
		i++
		if i < len(s) && s[i] == '>' {
			i++
		}
	case strings.HasPrefix(s[i:], "%3D"), strings.HasPrefix(s[i:], "%3d"):
		i += 3
	default:
		return i, false
	}
	return skipSpace(s, i), true
}

// valueMember passes over `, "value":`, for {"name": "Cookie", "value": "…"} as AWS WAF logs headers.
func valueMember(s string, i int) (int, bool) {
	i = skipSpace(s, i)
	if i >= len(s) || s[i] != ',' {
		return i, false
	}
	i = skipSpace(s, i+1)
	depth, quote := quoteAt(s, i)
	if quote == 0 {
		return i, false
	}
	i += depth + 1
	if i+5 > len(s) || !strings.EqualFold(s[i:i+5], "value") {
		return i, false
	}
	i += 5
	if depth, quote = quoteAt(s, i); quote == 0 {
		return i, false
	}
	i = skipSpace(s, i+depth+1)
	if i >= len(s) || s[i] != ':' {
		return i, false
	}
	return skipSpace(s, i+1), true
}

// credentials returns where the secret of an unquoted Authorization header stands: behind the scheme (RFC 9110, 11.6.2).
// The parameters of an AWS signature name the key that signed and stay, all but the signature, which has its own name.
func credentials(s string, at int) (start, end int) {
	if isSignature(s[at:]) {
		return at, at
	}
	end = endOfHeader(s, at)
	word := at
	for word < end && s[word] != ' ' {
		word++
	}
	if word == end {
		return at, end
	}
	return skipSpace(s, word), end
}

// isSecret tells values that are none apart: words for nothing, access key ids, and a working directory called PWD.
func isSecret(name, value string) bool {
	switch strings.ToLower(value) {
	case "null", "true", "false", "-", "none", "nil", "{", "[", "":
		return false
	}
	if value[0] == '{' || value[0] == '[' || isAccessKeyID(value) {
		return false
	}
	switch name {
	case "pwd":
		return value[0] != '/' && value[0] != '~'
	case "signature":
		return len(value) >= 24 && !strings.Contains(value, " ")
	case "bearer":
		return len(value) >= 12 && strings.ContainsAny(value, "0123456789")
	case "authorization":
		return !isSignature(value)
	}
	return true
}

// isSignature knows the Authorization header of AWS Signature Version 4.
func isSignature(s string) bool { return strings.HasPrefix(s, "AWS4-") }

// isAccessKeyID knows the unique identifiers of AWS keys (IAM user guide, "Unique identifiers").
func isAccessKeyID(s string) bool {
	if len(s) < 16 || len(s) > 128 || !strings.HasPrefix(s, "AKIA") && !strings.HasPrefix(s, "ASIA") {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// redactURLs masks the password in scheme://user:password@host (RFC 3986, 3.2.1).
func redactURLs(s string) string {
	r := redaction{src: s}
	for i := 0; ; {
		at := strings.Index(s[i:], "://")
		if at < 0 {
			return r.String()
		}
		i += at + 3
		colon, sign, j := -1, -1, i
	scan:
		for ; j < len(s) && j < i+1024; j++ {
			switch s[j] {
			case ':':
				if colon < 0 {
					colon = j
				}
			case '@':
				sign = j
			case '/', '?', '#', '"', '\'', '\\', '<', '>', ' ', '\t', '\n', ',':
				break scan
			}
		}
		if colon >= 0 && colon+1 < sign && s[colon+1:sign] != mask {
			r.hide(colon+1, sign)
		}
		i = j
	}
}
