package simulate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// every is how much time one delivered file holds. CloudTrail delivers about every five minutes.
const every = 5 * time.Minute

// Deliver writes whole records until size bytes of JSON are written, as CloudTrail delivers them to a bucket: files
// {"Records":[…]} compressed with gzip, one for each account, region and five minutes, in folders
// AWSLogs/ACCOUNT/CloudTrail/REGION/yyyy/mm/dd
// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html).
func (st *Stream) Deliver(dir string, size int64) error {
	if st.account < 0 {
		return errors.New("simulate: only CloudTrail is delivered as files")
	}
	return st.deliver(dir, func(written int64, _ time.Time) bool { return written < size })
}

// deliver goes on while the bytes written and the time of the next record are within bounds.
func (st *Stream) deliver(dir string, within func(written int64, next time.Time) bool) error {
	d := delivery{dir: dir, records: map[string][]byte{}}
	var record []byte
	for written := int64(0); within(written, st.queue[0].at); {
		var at time.Time
		record, at = st.Next(record[:0])
		written += int64(len(record))
		if !at.Before(d.until) {
			if err := d.flush(); err != nil {
				return err
			}
			d.until = at.Truncate(every).Add(every)
		}
		key := string(st.scope.value(st.account)) + "/" + string(st.scope.value(st.region))
		d.records[key] = append(append(d.records[key], record[:len(record)-1]...), ',')
	}
	return d.flush()
}

// delivery is the records of the five minutes up to a time, by account and region.
type delivery struct {
	dir     string
	until   time.Time
	records map[string][]byte
}

// flush writes a file for each account and region that has records.
func (d *delivery) flush() error {
	keys := make([]string, 0, len(d.records))
	for key := range d.records {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if err := d.write(key, d.records[key]); err != nil {
			return fmt.Errorf("deliver CloudTrail: %w", err)
		}
	}
	clear(d.records)
	return nil
}

func (d *delivery) write(key string, records []byte) (err error) {
	account, region, _ := strings.Cut(key, "/")
	folder := filepath.Join(d.dir, "AWSLogs", account, "CloudTrail", region, d.until.Format("2006"), d.until.Format("01"), d.until.Format("02"))
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	name := account + "_CloudTrail_" + region + "_" + d.until.Format("20060102T1504Z")
	f, err := os.Create(filepath.Join(folder, name+"_"+stable(name, 16)+".json.gz"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z := gzip.NewWriter(f)
	for _, part := range [][]byte{[]byte(`{"Records":[`), records[:len(records)-1], []byte("]}")} {
		if _, err := z.Write(part); err != nil {
			return err
		}
	}
	return z.Close()
}

// ParseSize reads a number of bytes: 4096, 500MB, 2GB, by powers of ten.
func ParseSize(text string) (int64, error) {
	number, unit := text, int64(1)
	for _, u := range []struct {
		suffix string
		bytes  int64
	}{{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}} {
		if n, ok := strings.CutSuffix(strings.ToUpper(text), u.suffix); ok {
			number, unit = n, u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n <= 0 || n > (1<<62)/unit {
		return 0, errors.New("not a size; write it like 500MB")
	}
	return n * unit, nil
}
