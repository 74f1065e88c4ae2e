package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// peak follows the most memory that a process has had resident (VmHWM, proc(5)) until done is closed, and returns it in bytes;
// 0 where there is no /proc. ru_maxrss would not do: a process inherits it from the one that started it.
func peak(pid int, done <-chan struct{}) int64 {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	most := int64(0)
	for {
		most = max(most, residentPeak(pid))
		select {
		case <-done:
			return most
		case <-tick.C:
		}
	}
}

func residentPeak(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte(" kB"))
	kB, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	if err != nil {
		return 0 // it has ended
	}
	return kB << 10
}
