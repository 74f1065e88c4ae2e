package sigma

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// Texts are compared ignoring case by simple folding: two characters are equal if unicode.SimpleFold leads from one to
// the other, as in strings.EqualFold and in regular expressions with the flag i. Bytes that are no UTF-8 are equal to
// themselves only. A folded text has each character replaced by one that stands for all its equals.

// foldRune returns the character that stands for r and all its equals: the lower-case letter in ASCII, else the smallest.
func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

// appendFold appends the folded text to dst.
func appendFold(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, foldRune(r))
		}
		i += n
	}
	return dst
}

// fold returns the folded text.
func fold(text string) []byte { return appendFold(nil, []byte(text)) }

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// isASCII reports whether all bytes of text are below 0x80.
func isASCII(text []byte) bool {
	for len(text) >= 32 {
		b := text[:32]
		if (binary.LittleEndian.Uint64(b)|binary.LittleEndian.Uint64(b[8:])|binary.LittleEndian.Uint64(b[16:])|binary.LittleEndian.Uint64(b[24:]))&highs != 0 {
			return false
		}
		text = text[32:]
	}
	for len(text) >= 8 {
		if binary.LittleEndian.Uint64(text)&highs != 0 {
			return false
		}
		text = text[8:]
	}
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lower8 makes the ASCII upper-case letters among eight bytes lower-case.
func lower8(x uint64) uint64 {
	low := x &^ uint64(highs)
	fromA := low + (0x80-'A')*ones
	aboveZ := low + (0x7f-'Z')*ones
	upper := fromA &^ aboveZ &^ x & highs
	return x | upper>>2
}

// chunk returns up to the last eight bytes of a short or remaining text as a number, with ASCII letters in lower case.
func chunk(b []byte) uint64 {
	switch n := len(b); {
	case n >= 8:
		return lower8(binary.LittleEndian.Uint64(b))
	case n >= 4:
		lo, hi := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[n-4:])
		return lower8(uint64(hi)<<32 | uint64(lo))
	case n > 0:
		return lower8(uint64(b[0])<<16 | uint64(b[n/2])<<8 | uint64(b[n-1]))
	}
	return 0
}

// foldHash hashes a text without regard to the case of ASCII letters.
func foldHash(b []byte) uint64 {
	h := uint64(len(b)) * 0x9e3779b97f4a7c15
	for len(b) > 8 {
		h = mix(h ^ chunk(b))
		b = b[8:]
	}
	return mix(h ^ chunk(b))
}

func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0x2d358dccaa6c78a5, 0x8bb84b93962eacc9)
	return hi ^ lo
}

// equalLower reports whether text, its ASCII letters in lower case, is lower.
func equalLower(text, lower []byte) bool {
	if len(text) != len(lower) {
		return false
	}
	for len(text) >= 8 {
		if lower8(binary.LittleEndian.Uint64(text)) != binary.LittleEndian.Uint64(lower) {
			return false
		}
		text, lower = text[8:], lower[8:]
	}
	return chunk(text) == chunk(lower)
}
