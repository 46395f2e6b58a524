// Package netns calls functions in the namespace of another network.
package netns

import (
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// Within calls a function on a thread in the namespace of a network, which a file names. Sockets stay in the namespace
// in which they were made.
func Within[Result any](namespace string, act func() (Result, error)) (result Result, err error) {
	var done sync.WaitGroup
	done.Add(1)
	go func() {
		defer done.Done()
		// The thread is never unlocked, so it ends with this function.
		runtime.LockOSThread()
		file, failure := os.Open(namespace)
		if failure != nil {
			err = failure
			return
		}
		defer func() { _ = file.Close() }()
		if err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err == nil {
			result, err = act()
		}
	}()
	done.Wait()
	return result, err
}
