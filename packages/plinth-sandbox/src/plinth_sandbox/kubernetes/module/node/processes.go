package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	restartPause = time.Second
	socketPause  = 20 * time.Millisecond
)

// processes are the programs of a node. One that ends by itself starts again.
type processes struct {
	configured *configuration
	lock       sync.Mutex
	ended      map[int]chan syscall.WaitStatus
}

func newProcesses(configured *configuration) *processes {
	return &processes{configured: configured, ended: map[int]chan syscall.WaitStatus{}}
}

// start starts all of them in order, the runtime before those that use it.
func (running *processes) start() {
	go running.keep(running.configured.Runtime)
	for {
		connection, err := net.Dial("unix", running.configured.RuntimeSocket)
		if err == nil {
			_ = connection.Close()
			break
		}
		time.Sleep(socketPause)
	}
	for _, one := range running.configured.Prepare {
		for running.run(one) != 0 {
			time.Sleep(restartPause)
		}
	}
	for _, one := range running.configured.Processes {
		go running.keep(one)
	}
}

// keep runs a program again whenever it ends.
func (running *processes) keep(one process) {
	for {
		status := running.run(one)
		fmt.Fprintf(os.Stderr, "%s ended with %d; see %s\n", one.Name, status, one.Log)
		time.Sleep(restartPause)
	}
}

// run runs a program until it ends, and returns its exit status.
func (running *processes) run(one process) int {
	output, err := os.OpenFile(one.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return -1
	}
	defer func() { _ = output.Close() }()
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return -1
	}
	defer func() { _ = nothing.Close() }()
	attributes := &os.ProcAttr{
		Dir: "/", Env: running.configured.Environment, Files: []*os.File{nothing, output, output},
		Sys: &syscall.SysProcAttr{Setsid: true},
	}
	ended := make(chan syscall.WaitStatus, 1)
	// The lock keeps the end of the process from being seen before its number is known.
	running.lock.Lock()
	started, err := os.StartProcess(one.Command[0], append([]string{filepath.Base(one.Command[0])}, one.Command[1:]...), attributes)
	if err == nil {
		running.ended[started.Pid] = ended
	}
	running.lock.Unlock()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s does not start: %s\n", one.Name, err)
		return -1
	}
	_ = started.Release()
	return (<-ended).ExitStatus()
}

// reap collects every process that ends. The first process of a namespace inherits those whose parents have ended.
func (running *processes) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch err {
		case nil:
			running.lock.Lock()
			ended, known := running.ended[pid]
			delete(running.ended, pid)
			running.lock.Unlock()
			if known {
				ended <- status
			}
		case syscall.ECHILD:
			time.Sleep(socketPause)
		}
	}
}
