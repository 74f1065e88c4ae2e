// Package unpack turns stored bytes (gzip, zstd, bzip2, xz, tar, zip, and these within each other) into plain streams,
// within bounds that hostile input cannot pass.
package unpack

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// Limits bound what one stored item may unpack to. Zero fields take the defaults.
type Limits struct {
	// Bytes is the most that one item may unpack to in all, 1 TiB by default.
	Bytes int64
	// Ratio is the most bytes out per byte in, 400 by default; it counts once RatioFrom bytes (256 MiB by default) have
	// come out, since short runs of equal lines compress better than any log as a whole does.
	Ratio, RatioFrom int64
	// Depth is how many layers may lie within each other, 6 by default: logs.tar.gz has two.
	Depth int
	// Members is how many files an archive may hold, 1,000,000 by default.
	Members int
	// Spool is the most bytes of a zip within another layer that are put aside to be read, 2 GiB by default.
	Spool int64
}

func (l Limits) withDefaults() Limits {
	def := func(p *int64, v int64) {
		if *p == 0 {
			*p = v
		}
	}
	def(&l.Bytes, 1<<40)
	def(&l.Ratio, 400)
	def(&l.RatioFrom, 256<<20)
	def(&l.Spool, 2<<30)
	if l.Depth == 0 {
		l.Depth = 6
	}
	if l.Members == 0 {
		l.Members = 1_000_000
	}
	return l
}

var (
	// ErrBomb says that an item expands past its limits. What came out before stands.
	ErrBomb = errors.New("expands beyond any log's ratio or size, and is not read further (a decompression bomb?)")
	// ErrDepth says that archives lie within archives too deep.
	ErrDepth = errors.New("archives are nested too deep")
)

// Stream is one plain file out of an item.
type Stream struct {
	// Name is the member's path inside the archive, "a.tar!b.log" style for archives in archives; "" for an item that
	// is no archive.
	Name    string
	ModTime time.Time // of the archive member; zero if unknown
	Plain   bool      // the item's own bytes, neither compressed nor a member: offsets are offsets in the item
	io.Reader
}

// Each calls visit for every plain stream in the item that r reads. Errors of one member (damaged, too large) are given
// to visit's stream as read errors, or to damaged where no stream can be made; the other members are still visited. The
// error returned is one of visit's, or of the item as a whole.
func Each(r io.Reader, limits Limits, visit func(*Stream) error, damaged func(name string, err error)) error {
	limits = limits.withDefaults()
	u := &unpacker{limits: limits, visit: visit, damaged: damaged}
	u.in = &countingReader{r: r}
	return u.layer("", time.Time{}, u.in, 0)
}

type unpacker struct {
	limits  Limits
	visit   func(*Stream) error
	damaged func(string, error)
	in      *countingReader
	out     int64 // bytes that decompressors have given
	members int
}

// Of what reading a file takes most memory, it is taken over from the file before.
//
//nolint:gochecknoglobals // pools
var (
	buffers sync.Pool // of *bufio.Reader
	gunzips sync.Pool // of *gzip.Reader
)

const bufferSize = 64 << 10

func buffered(r io.Reader) *bufio.Reader {
	br, ok := buffers.Get().(*bufio.Reader)
	if !ok {
		return bufio.NewReaderSize(r, bufferSize)
	}
	br.Reset(r)
	return br
}

// gunzip goes back to its pool when it is closed.
type gunzip struct{ *gzip.Reader }

func (g gunzip) Close() error {
	err := g.Reader.Close()
	gunzips.Put(g.Reader)
	return err
}

func openGzip(r io.Reader) (io.Reader, error) {
	z, ok := gunzips.Get().(*gzip.Reader)
	if !ok {
		z = new(gzip.Reader)
	}
	return gunzip{z}, z.Reset(r)
}

// layer looks at the first bytes of r and unpacks accordingly.
func (u *unpacker) layer(name string, mod time.Time, r io.Reader, depth int) error {
	if depth > u.limits.Depth {
		return ErrDepth
	}
	br := buffered(r)
	defer func() {
		br.Reset(nil)
		buffers.Put(br)
	}()
	head, err := br.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return err
	}
	switch kindOf(head) {
	case kindGzip:
		return u.decompress(name, mod, br, depth, openGzip)
	case kindZstd:
		return u.decompress(name, mod, br, depth, func(r io.Reader) (io.Reader, error) {
			d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20), zstd.WithDecoderLowmem(true))
			if err != nil {
				return nil, err
			}
			return d.IOReadCloser(), nil
		})
	case kindBzip2:
		return u.decompress(name, mod, br, depth, func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil })
	case kindXZ:
		return u.decompress(name, mod, br, depth, func(r io.Reader) (io.Reader, error) {
			return xz.ReaderConfig{DictCap: 128 << 20}.NewReader(r)
		})
	case kindTar:
		return u.tar(name, br, depth)
	case kindZip:
		return u.zip(name, br, depth)
	default:
		return u.visit(&Stream{Name: name, ModTime: mod, Plain: depth == 0, Reader: br})
	}
}

func (u *unpacker) decompress(name string, mod time.Time, r io.Reader, depth int, open func(io.Reader) (io.Reader, error)) error {
	d, err := open(r)
	if err != nil {
		return fmt.Errorf("compressed data: %w", err)
	}
	if c, ok := d.(io.Closer); ok {
		defer c.Close() //nolint:errcheck // reading is over; a decompressor's Close has nothing to say
	}
	return u.layer(name, mod, &boundedReader{r: d, u: u}, depth+1)
}

func (u *unpacker) tar(name string, r io.Reader, depth int) error {
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			if _, err := io.Copy(io.Discard, r); err != nil { // up to the checksum of what the archive is compressed with
				return fmt.Errorf("behind the tar archive: %w", err)
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("tar archive: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := u.member(join(name, h.Name), h.ModTime, tr, depth); err != nil {
			return err
		}
	}
}

// member unpacks one file of an archive. Damage stays with the member.
func (u *unpacker) member(name string, mod time.Time, r io.Reader, depth int) error {
	if u.members++; u.members > u.limits.Members {
		return fmt.Errorf("archive holds more than %d files", u.limits.Members)
	}
	err := u.layer(name, mod, r, depth+1)
	var v *visitError
	if err == nil || errors.As(err, &v) {
		return err
	}
	u.damaged(name, err)
	return nil
}

func join(outer, member string) string {
	if outer == "" {
		return member
	}
	return outer + "!" + member
}

// visitError marks an error as the visitor's own, so that it ends the item and is not taken for damage.
type visitError struct{ err error }

func (e *visitError) Error() string { return e.err.Error() }
func (e *visitError) Unwrap() error { return e.err }

// Stop wraps an error of a visitor that is to end the whole item, not only the member being read.
func Stop(err error) error { return &visitError{err} }

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// boundedReader counts what a decompressor gives and stops it at the limits.
type boundedReader struct {
	r io.Reader
	u *unpacker
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	u := b.u
	u.out += int64(n)
	if u.out > u.limits.Bytes || u.out > u.limits.RatioFrom && u.out > u.in.n*u.limits.Ratio {
		return n, ErrBomb
	}
	return n, err
}

type kind uint8

const (
	kindPlain kind = iota
	kindGzip
	kindZstd
	kindBzip2
	kindXZ
	kindTar
	kindZip
)

// kindOf tells containers apart by their magic numbers: RFC 1952 2.3.1, RFC 8878 3.1.1, bzip2's "BZh" with block size and
// the first block's pi, the .xz format 2.1.1.1, POSIX ustar at 257, PKWARE APPNOTE 4.3.7.
func kindOf(head []byte) kind {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b, 8}):
		return kindGzip
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return kindZstd
	case len(head) >= 10 && bytes.HasPrefix(head, []byte("BZh")) && (string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90"):
		return kindBzip2
	case bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		return kindXZ
	case len(head) >= 262 && string(head[257:262]) == "ustar":
		return kindTar
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return kindZip
	}
	return kindPlain
}
