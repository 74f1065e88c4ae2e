package sigma

import (
	"unicode"
	"unicode/utf8"
)

// Case is ignored by simple folding (Unicode, "Default Case Folding", status C and S), as strings.EqualFold does it: every
// letter is replaced by one that stands for all its forms.

// fold appends the folded text to dst.
func fold[T []byte | string](dst []byte, text T) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			continue
		}
		r, n := utf8.DecodeRune([]byte(text[i:min(i+utf8.UTFMax, len(text))]))
		if r == utf8.RuneError && n <= 1 {
			dst = append(dst, c)
			continue
		}
		dst = utf8.AppendRune(dst, foldRune(r))
		i += n - 1
	}
	return dst
}

func foldString(s string) string { return string(fold(nil, s)) }

func foldRune(r rune) rune {
	least := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		least = min(least, o)
	}
	if least >= 'A' && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

// ascii reports whether the text has only ASCII bytes.
func ascii(b []byte) bool {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if (uint64(b[i])|uint64(b[i+1])|uint64(b[i+2])|uint64(b[i+3])|uint64(b[i+4])|uint64(b[i+5])|uint64(b[i+6])|uint64(b[i+7]))&0x80 != 0 {
			return false
		}
	}
	for ; i < len(b); i++ {
		if b[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
