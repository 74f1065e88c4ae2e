package unpack

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// zip needs to seek, so that the archive is put aside within the Spool limit.
func (u *unpacker) zip(name string, r io.Reader, depth int) error {
	f, err := os.CreateTemp("", "gatehouse-zip-*")
	if err != nil {
		return fmt.Errorf("zip archive: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // a temporary file
	defer f.Close()           //nolint:errcheck // a temporary file
	n, readErr := io.Copy(f, io.LimitReader(r, u.limits.Spool+1))
	if n > u.limits.Spool {
		return fmt.Errorf("zip archive is larger than %d bytes: %w", u.limits.Spool, ErrBomb)
	}
	zr, err := zip.NewReader(f, n)
	if readErr != nil || err != nil {
		return u.salvageZip(name, f, depth, errors.Join(readErr, err))
	}
	for _, zf := range zr.File {
		if err := u.zipMember(name, zf, depth); err != nil {
			return err
		}
	}
	return nil
}

var errEncrypted = errors.New("encrypted; unpack it with its password first")

const encrypted = 1 // general purpose bit 0 (APPNOTE 4.4.4)

func (u *unpacker) zipMember(name string, zf *zip.File, depth int) error {
	if zf.FileInfo().IsDir() {
		return nil
	}
	member := join(name, zf.Name)
	if zf.Flags&encrypted != 0 {
		u.damaged(member, errEncrypted)
		return nil
	}
	rc, err := zf.Open()
	if err != nil {
		u.damaged(member, fmt.Errorf("zip archive: %w", err))
		return nil
	}
	defer rc.Close() //nolint:errcheck // a checksum error has been reported by Read
	return u.member(member, zf.Modified, &boundedReader{r: rc, u: u}, depth)
}

// salvageZip reads an archive whose directory, which stands at its end, is lost: member by member from the start, as far as
// they go. why is what is wrong with the archive.
func (u *unpacker) salvageZip(name string, f io.ReadSeeker, depth int, why error) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("zip archive: %w", err)
	}
	br := bufio.NewReader(f)
	for {
		h, err := readLocal(br)
		if err != nil {
			return fmt.Errorf("zip archive, read up to where it is damaged: %w", why)
		}
		body, err := h.body(br)
		if err != nil {
			return fmt.Errorf("zip archive, read up to member %s: %w: %w", h.name, err, why)
		}
		bounded := &boundedReader{r: body, u: u}
		if err := u.member(join(name, h.name), time.Time{}, bounded, depth); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, bounded); err != nil {
			return fmt.Errorf("zip archive, read up to member %s: %w", h.name, why)
		}
		if err := h.skipDescriptor(br); err != nil {
			return fmt.Errorf("zip archive, read up to member %s: %w", h.name, why)
		}
	}
}

// local is the header before a member's data (APPNOTE 4.3.7).
type local struct {
	flags, method uint16
	packed        uint32
	name          string
}

const (
	localMagic      = 0x04034b50
	descriptorLater = 8 // general purpose bit 3: sizes stand behind the data
)

var errNoHeader = errors.New("no member begins here")

func readLocal(r io.Reader) (local, error) {
	var fixed [30]byte
	if _, err := io.ReadFull(r, fixed[:]); err != nil {
		return local{}, err
	}
	le := binary.LittleEndian
	if le.Uint32(fixed[:]) != localMagic {
		return local{}, errNoHeader
	}
	h := local{flags: le.Uint16(fixed[6:]), method: le.Uint16(fixed[8:]), packed: le.Uint32(fixed[18:])}
	rest := make([]byte, int(le.Uint16(fixed[26:]))+int(le.Uint16(fixed[28:])))
	if _, err := io.ReadFull(r, rest); err != nil {
		return local{}, err
	}
	h.name = string(rest[:le.Uint16(fixed[26:])])
	return h, nil
}

// body reads a member's data. Deflated data says itself where it ends; of stored data the header must say it.
func (h local) body(br *bufio.Reader) (io.Reader, error) {
	switch {
	case h.flags&encrypted != 0:
		return nil, errEncrypted
	case h.method == zip.Deflate:
		return flate.NewReader(br), nil // reads no byte too many from an io.ByteReader
	case h.method == zip.Store && h.flags&descriptorLater == 0:
		return io.LimitReader(br, int64(h.packed)), nil
	}
	return nil, errors.New("its end can't be found without the archive's directory")
}

// skipDescriptor passes over the sizes behind the data, with or without their magic number and in 32 or 64 bits (APPNOTE
// 4.3.9): the next header shows which it is.
func (h local) skipDescriptor(br *bufio.Reader) error {
	if h.flags&descriptorLater == 0 {
		return nil
	}
	for _, size := range []int{16, 24, 12, 20} {
		head, err := br.Peek(size + 4)
		if err == nil && binary.LittleEndian.Uint32(head[size:]) == localMagic {
			_, err = br.Discard(size)
			return err
		}
	}
	_, err := br.Discard(16) // the last member
	return err
}
