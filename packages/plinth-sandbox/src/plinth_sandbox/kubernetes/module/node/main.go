// Command node starts a Kubernetes node. Its first argument names the part that the process runs.
//
// The node has namespaces of its own: processes, mounts, network and cgroups. The kernel ends all of it with the first
// process of the namespace of processes, so that a killed node leaves nothing behind.
package main

import (
	"errors"
	"fmt"
	"os"
)

const (
	partNode  = "node"
	partCheck = "check"
	partEnter = "enter"
	partInit  = "init"
)

// parts get the arguments after their names.
var parts = map[string]func(arguments []string) error{
	// The process outside the namespaces, which starts the node and connects it with this machine.
	partNode: runNode,
	// Starts a node without programs, to see whether this machine allows one.
	partCheck: checkMachine,
	// The first process in the namespaces, before and after it has the namespace of cgroups.
	partEnter: enter,
	partInit:  runInit,
}

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) < 2 {
		return errors.New("name a part of the node")
	}
	if part, found := parts[arguments[1]]; found {
		return part(arguments[2:])
	}
	return fmt.Errorf("%q is not a part of this program", arguments[1])
}
