// Package source is the contract of a place that logs come from.
package source

import (
	"context"
	"io"
	"iter"
	"time"
)

// Source yields the items to read, in an order that depends only on what is there.
type Source interface {
	// Items yields each item once. An error concerns one item, whose Name it comes with; the items after it still come.
	Items(ctx context.Context) iter.Seq2[Item, error]
}

// Item is one file, object or stream, as it is stored: perhaps compressed, perhaps an archive.
type Item struct {
	Name    string    // as a person would name it; "stdin" for standard input
	Size    int64     // bytes as stored; -1 if unknown
	ModTime time.Time // zero if unknown
	// Open starts to read the item. It may be called again to read the item a second time, unless Once is set.
	Open func() (io.ReadCloser, error)
	Once bool // the bytes can be read only one time
}
