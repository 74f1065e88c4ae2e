package web

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
)

// SetURL fills in a target from what a log says of a URL, in parts or whole: with scheme and host, or as path and query.
func (u URI) SetURL(rec *event.Record, path, query, whole, arena []byte) []byte {
	if len(path) == 0 && len(whole) > 0 {
		return u.Set(rec, withoutHost(whole), arena)
	}
	return u.SetParts(rec, path, bytes.TrimPrefix(query, []byte("?")), arena)
}

// withoutHost returns a URL from its path on.
func withoutHost(url []byte) []byte {
	i := bytes.Index(url, []byte("://"))
	if i < 0 || bytes.ContainsAny(url[:i], "/?") {
		return url
	}
	rest := url[i+len("://"):]
	if k := bytes.IndexAny(rest, "/?"); k >= 0 {
		return rest[k:]
	}
	return nil
}
