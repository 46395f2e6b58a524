package main

import (
	"encoding/json"
	"os"
)

// configuration is what a node is started with.
type configuration struct {
	// Name of the node's cgroups, unique on this machine.
	Name string `json:"name"`
	// Directory of what the node keeps, and where its files are.
	Directory string `json:"directory"`
	// Bound are further directories of this machine that the node sees under their own paths.
	Bound []string `json:"bound"`
	// Address of the node.
	Address string `json:"address"`
	// NameServer is a second address of the node, at which its pods ask for names.
	NameServer string `json:"nameServer"`
	// Routed are ranges of addresses that the node translates, such as that of services.
	Routed []string `json:"routed"`
	// Gateway is the socket at which the API server asks for connections into the node, relative to the working
	// directory, because paths of sockets are short.
	Gateway string `json:"gateway"`
	// Forwards are servers of this machine that the node and its pods reach.
	Forwards []forward `json:"forwards"`
	// Ports is a pattern of files with one port each: of servers on the loopback interface of this machine, which pods
	// reach under the same address.
	Ports string `json:"ports"`
	// FixedPorts are ports of further such servers.
	FixedPorts []int `json:"fixedPorts"`
	// Variables that every container gets.
	Variables []string `json:"variables"`
	// Environment of all processes of the node.
	Environment []string `json:"environment"`
	// Runtime is containerd, which starts before the others.
	Runtime process `json:"runtime"`
	// RuntimeSocket is where it listens.
	RuntimeSocket string `json:"runtimeSocket"`
	// Prepare are commands that end before the processes start.
	Prepare []process `json:"prepare"`
	// Processes of the node.
	Processes []process `json:"processes"`
}

// forward leads connections to an address of the node to a server of this machine.
type forward struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
	To      string `json:"to"`
}

// process is a program with its arguments. Its output goes to a file.
type process struct {
	Name    string   `json:"name"`
	Command []string `json:"command"`
	Log     string   `json:"log"`
}

func readConfiguration(path string) (*configuration, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	read := &configuration{}
	return read, json.Unmarshal(content, read)
}
