package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const namespaces = unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS

// runNode runs a node until it ends, until standard input ends, or until it is told to stop.
func runNode(arguments []string) error {
	if len(arguments) != 1 {
		return errors.New("name the file with the configuration")
	}
	configured, err := readConfiguration(arguments[0])
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	return start(configured, arguments[0], func(ended <-chan error) error {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop <- syscall.SIGTERM
		}()
		select {
		case <-stop:
			return nil
		case err := <-ended:
			return fmt.Errorf("the node ended: %w", err)
		}
	})
}

// checkMachine starts a node without processes in a directory, and ends it again.
func checkMachine(arguments []string) error {
	if len(arguments) != 1 {
		return errors.New("name a directory")
	}
	directory := arguments[0]
	configured := &configuration{
		Name: fmt.Sprintf("plinth-check-%d", os.Getpid()), Directory: directory, Address: "10.255.0.1",
		Routed: []string{"10.254.0.0/16"}, Gateway: filepath.Join(directory, "gateway.sock"),
	}
	content, err := json.Marshal(configured)
	if err != nil {
		return err
	}
	file := filepath.Join(directory, "check.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return err
	}
	return start(configured, file, func(<-chan error) error { return nil })
}

// start starts the first process of a node, connects it, and ends it when wait returns.
func start(configured *configuration, file string, wait func(ended <-chan error) error) (failure error) {
	// The first process ends with the thread that started it.
	runtime.LockOSThread()
	groups, err := makeControlGroups(configured.Name)
	if err != nil {
		return fmt.Errorf("control groups: %w", err)
	}
	defer func() { failure = errors.Join(failure, groups.remove()) }()
	first := exec.Command("/proc/self/exe", partEnter, file)
	first.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL}
	first.Stderr = os.Stderr
	// The first process waits on its standard input until it is in its cgroups, and ends when the pipe does.
	begin, err := first.StdinPipe()
	if err != nil {
		return err
	}
	said, err := first.StdoutPipe()
	if err != nil {
		return err
	}
	if err := first.Start(); err != nil {
		return fmt.Errorf("namespaces, which need CAP_SYS_ADMIN: %w", errors.Unwrap(err))
	}
	ended := make(chan error, 1)
	defer func() {
		_ = first.Process.Kill()
		<-ended
	}()
	ready := make(chan string, 1)
	go func() {
		line := make([]byte, 4096)
		count, _ := said.Read(line)
		ready <- strings.TrimSpace(string(line[:count]))
		_, _ = io.Copy(io.Discard, said)
		err := first.Wait()
		if err == nil {
			err = errors.New("its first process exited")
		}
		ended <- err
		close(ended)
	}()
	if err := groups.add(first.Process.Pid); err != nil {
		return fmt.Errorf("control groups: %w", err)
	}
	if _, err := io.WriteString(begin, "begin\n"); err != nil {
		return err
	}
	if answer := <-ready; answer != "ready" {
		return fmt.Errorf("the node does not start: %s", answer)
	}
	closing, err := connect(configured, first.Process.Pid)
	if err != nil {
		return fmt.Errorf("connections: %w", err)
	}
	defer closing()
	if configured.Ports != "" {
		defer leadLoopbacks(configured.Ports, configured.FixedPorts, first.Process.Pid)()
	}
	if _, err := io.WriteString(begin, "connected\n"); err != nil {
		return err
	}
	return wait(ended)
}
