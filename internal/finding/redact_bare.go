package finding

import "strings"

// tokenForms are the beginnings of secrets that are known by their form, with the fewest bytes that must follow. Session
// tokens of AWS are base64 of a structure whose first bytes hardly change.
var tokenForms = []struct { //nolint:gochecknoglobals // a constant table
	prefix string
	least  int
}{
	{"FwoGZXIvYXdz", 80},
	{"FQoGZXIvYXdz", 80},
	{"IQoJb3JpZ2lu", 80},
	{"AQoDYXdz", 80},
	{"ghp_", 30},
	{"gho_", 30},
	{"ghu_", 30},
	{"ghs_", 30},
	{"ghr_", 30},
	{"github_pat_", 30},
	{"glpat-", 20},
	{"xoxb-", 20},
	{"xoxp-", 20},
	{"xoxa-", 20},
	{"xoxr-", 20},
	{"xoxs-", 20},
	{"sk_live_", 20},
	{"rk_live_", 20},
	{"AIza", 35},
	{"npm_", 36},
}

// redactBare masks secrets that no name announces.
func redactBare(s string) string {
	r := redaction{src: s}
	for i := 0; i < len(s); {
		if !isTokenByte(s[i]) {
			i++
			continue
		}
		from := i
		for i < len(s) && isTokenByte(s[i]) {
			i++
		}
		if i-from < 24 {
			continue
		}
		redactRun(&r, from, i)
	}
	return r.String()
}

// redactRun looks for one secret in the run s[from:to] of bytes that tokens are made of.
func redactRun(r *redaction, from, to int) {
	run := r.src[from:to]
	for at := 0; at < len(run); at++ {
		if at > 0 && isAlnum(run[at-1]) {
			continue
		}
		rest := run[at:]
		if isJWT(rest) {
			r.hide(from+at, to)
			return
		}
		for _, f := range tokenForms {
			if len(rest) >= len(f.prefix)+f.least && strings.HasPrefix(rest, f.prefix) {
				r.hide(from+at, to)
				return
			}
		}
	}
	// A secret access key is 40 bytes of base64 that stand by themselves: behind nothing, or behind a "=".
	for start := 0; start < len(run); {
		end := start
		for end < len(run) && isBase64(run[end]) {
			end++
		}
		if end-start == 40 && looksRandom(run[start:end]) {
			r.hide(from+start, from+end)
		}
		start = end + 1
	}
}

const maxHead = 1024 // the most bytes of a token's first part

// isJWT knows the three parts of a signed token (RFC 7519), the first of which is base64 of `{"`.
func isJWT(s string) bool {
	if !strings.HasPrefix(s, "eyJ") {
		return false
	}
	head := strings.IndexByte(s[:min(len(s), maxHead)], '.')
	if head < 10 {
		return false
	}
	rest := s[head+1:]
	body := strings.IndexByte(rest, '.')
	return body >= 10 || body < 0 && len(rest) >= 64 // what follows may have been cut off
}

// looksRandom tells forty random letters and digits apart from a path or a name in mixed case, in which letters of one
// kind stand together, and from hexadecimal, which has no second kind of letter.
func looksRandom(s string) bool {
	var kinds [4]int
	changes, before := 0, -1
	for i := range len(s) {
		k := 3
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z':
			k = 0
		case 'a' <= c && c <= 'z':
			k = 1
		case '0' <= c && c <= '9':
			k = 2
		}
		kinds[k]++
		if k != before && before >= 0 {
			changes++
		}
		before = k
	}
	return kinds[0] >= 5 && kinds[1] >= 5 && kinds[2] >= 1 && kinds[3] <= 6 && changes >= 15
}

// quoteAt returns the kind of a quotation mark at i and how many backslashes stand before it; 0 if there is none.
func quoteAt(s string, i int) (depth int, quote byte) {
	for i+depth < len(s) && s[i+depth] == '\\' && depth < 16 {
		depth++
	}
	if i+depth < len(s) && isQuote(s[i+depth]) {
		return depth, s[i+depth]
	}
	return 0, 0
}

// closing returns where a value ends that began behind a quotation mark with depth backslashes: before the next mark with
// no more of them.
func closing(s string, i, depth int, quote byte) int {
	slashes := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			slashes++
			continue
		case quote:
			if slashes <= depth {
				return i - slashes
			}
		case '\n':
			if quote == '\'' {
				return i
			}
		}
		slashes = 0
	}
	return i
}

// endOfWord returns where an unquoted value ends.
func endOfWord(s string, i int) int {
	for i < len(s) && !strings.ContainsRune("& \t\r\n\"'`;,<>(){}[]|\\", rune(s[i])) {
		i++
	}
	return i
}

// endOfHeader returns where an unquoted header ends: at the line's end, or at the mark that closes what it stands in.
func endOfHeader(s string, i int) int {
	for i < len(s) && !strings.ContainsRune("\r\n\"'\\", rune(s[i])) {
		i++
	}
	return i
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isNameByte(c byte) bool  { return isAlnum(c) || c == '_' || c == '-' }
func isTokenByte(c byte) bool { return isNameByte(c) || c == '.' || c == '/' || c == '+' || c == '=' }
func isBase64(c byte) bool    { return isAlnum(c) || c == '/' || c == '+' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
