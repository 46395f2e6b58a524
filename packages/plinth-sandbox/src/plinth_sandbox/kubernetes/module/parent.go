package main

import (
	"io"
	"os"
	"syscall"
	"time"
)

const grace = 5 * time.Second

// endWithParent ends this process when its standard input ends. The parent holds the other end, so that a killed parent
// leaves no process behind.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
	time.Sleep(grace)
	os.Exit(1)
}
