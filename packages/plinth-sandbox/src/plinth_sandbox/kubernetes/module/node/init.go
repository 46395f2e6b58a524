package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// enter waits until this process is in its cgroups, and becomes the first process of a namespace of cgroups that begins
// there.
func enter(arguments []string) error {
	if _, err := readLine(os.Stdin); err != nil {
		return err
	}
	// Only this thread has the new namespace, until it replaces the process.
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWCGROUP); err != nil {
		return say(fmt.Errorf("namespace of cgroups: %w", err))
	}
	return say(syscall.Exec("/proc/self/exe", append([]string{os.Args[0], partInit}, arguments...), os.Environ()))
}

// runInit sets up the node and runs its processes until standard input ends.
func runInit(arguments []string) error {
	// Containers create folders that their users enter. The directory of the node is closed to others.
	syscall.Umask(0o022)
	configured, err := readConfiguration(arguments[0])
	if err != nil {
		return say(err)
	}
	if err := setUp(configured); err != nil {
		return say(err)
	}
	fmt.Println("ready")
	if line, err := readLine(os.Stdin); err != nil || line != "connected" {
		return fmt.Errorf("not connected: %q, %w", line, err)
	}
	running := newProcesses(configured)
	go running.reap()
	if len(configured.Processes) > 0 {
		go running.start()
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func setUp(configured *configuration) error {
	if err := unix.Sethostname([]byte(configured.Name)); err != nil {
		return fmt.Errorf("host name: %w", err)
	}
	if err := makeRoot(configured); err != nil {
		return fmt.Errorf("file system: %w", err)
	}
	if err := mountControlGroups(); err != nil {
		return fmt.Errorf("control groups: %w", err)
	}
	if err := makeNetwork(configured); err != nil {
		return fmt.Errorf("network: %w", err)
	}
	return nil
}

// say tells the process outside why the node does not start.
func say(err error) error {
	fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
	return err
}

// readLine reads one line and nothing after it, because another program reads the rest.
func readLine(from io.Reader) (string, error) {
	var line strings.Builder
	for bytes := bufio.NewReaderSize(onlyOne{from}, 16); ; {
		one, err := bytes.ReadByte()
		if err != nil {
			return "", err
		}
		if one == '\n' {
			return line.String(), nil
		}
		line.WriteByte(one)
	}
}

// onlyOne reads one byte at a time.
type onlyOne struct{ io.Reader }

func (one onlyOne) Read(into []byte) (int, error) { return one.Reader.Read(into[:1]) }
