// Command runtime completes containers and calls runc. It is a program of its own, because it starts several times for
// each container.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"plinth.example/control-plane/netns"
)

const (
	// environmentFile is the file of an image that names the Python environment of this machine that stands for it.
	environmentFile = "etc/plinth-environment.json"
	// settingsFile is the file of the node with the settings of this program.
	settingsFile = "/etc/plinth-runtime.json"
	programName  = "runc"
	// patience is how long a container waits for servers of this machine in the network of its pod.
	patience = 3 * time.Second
)

// settings hold for all containers.
type settings struct {
	// HostRoot is where the node sees the file system of this machine.
	HostRoot string `json:"hostRoot"`
	// Variables that every container gets.
	Variables []string `json:"variables"`
	// Ports of servers of this machine that a container reaches at 127.0.0.1 from its first moment.
	Ports []int `json:"ports"`
}

// environment is what stands for the content of an image.
type environment struct {
	// Folders of this machine that the container sees under the same paths, and cannot change.
	Folders []string `json:"folders"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run completes a container and calls runc with the same arguments. Images contain no files of a Python environment: its
// folders are mounted, which costs neither time nor space.
func run(arguments []string) error {
	if err := complete(arguments); err != nil {
		return fmt.Errorf("the sandbox cannot complete the container: %w", err)
	}
	program, err := exec.LookPath(programName)
	if err != nil {
		return err
	}
	return syscall.Exec(program, append([]string{programName}, arguments...), os.Environ())
}

func complete(arguments []string) error {
	configured := &settings{}
	if err := readJSON(settingsFile, configured); err != nil {
		return err
	}
	switch {
	case slices.Contains(arguments, "create"):
		if bundle := value(arguments, "--bundle"); bundle != "" {
			return change(filepath.Join(bundle, "config.json"), func(specification map[string]any) error {
				return completeContainer(specification, bundle, configured)
			})
		}
	case slices.Contains(arguments, "exec"):
		if file := value(arguments, "--process"); file != "" {
			return change(file, func(process map[string]any) error { inject(process, configured); return nil })
		}
	}
	return nil
}

func value(arguments []string, name string) string {
	for number, one := range arguments {
		if one == name && number+1 < len(arguments) {
			return arguments[number+1]
		}
		if after, found := strings.CutPrefix(one, name+"="); found {
			return after
		}
	}
	return ""
}

// change rewrites a JSON file.
func change(file string, act func(map[string]any) error) error {
	values := map[string]any{}
	if err := readJSON(file, &values); err != nil {
		return err
	}
	if err := act(values); err != nil {
		return err
	}
	content, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o600)
}

func readJSON(file string, into any) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, into)
}

func completeContainer(specification map[string]any, bundle string, configured *settings) error {
	process, _ := specification["process"].(map[string]any)
	if annotation(specification, "io.kubernetes.cri.container-type") != "container" {
		return nil
	}
	if process != nil {
		inject(process, configured)
	}
	if network := networkOf(specification); network != "" {
		awaitServers(network, configured.Ports)
	}
	root, _ := specification["root"].(map[string]any)
	path, _ := root["path"].(string)
	if !filepath.IsAbs(path) {
		path = filepath.Join(bundle, path)
	}
	found, err := environmentOf(path)
	if err != nil || found == nil {
		return err
	}
	mounts, _ := specification["mounts"].([]any)
	for _, folder := range found.Folders {
		mounts = slices.Insert(mounts, positionOf(folder, mounts), mountOf(folder, configured))
	}
	specification["mounts"] = mounts
	return nil
}

// networkOf returns the namespace of the network of a container; empty if it has none of its own.
func networkOf(specification map[string]any) string {
	linux, _ := specification["linux"].(map[string]any)
	namespaces, _ := linux["namespaces"].([]any)
	for _, one := range namespaces {
		if namespace, _ := one.(map[string]any); namespace["type"] == "network" {
			path, _ := namespace["path"].(string)
			return path
		}
	}
	return ""
}

// awaitServers waits until the node has led servers of this machine into the network of a pod. A container whose pod
// keeps a port for itself, or whose node ends, waits in vain and starts.
func awaitServers(network string, ports []int) {
	_, _ = netns.Within(network, func() (bool, error) {
		for end := time.Now().Add(patience); time.Now().Before(end) && !allAnswer(ports); {
			time.Sleep(20 * time.Millisecond)
		}
		return true, nil
	})
}

func allAnswer(ports []int) bool {
	for _, port := range ports {
		connection, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
		if err != nil {
			return false
		}
		_ = connection.Close()
	}
	return true
}

// positionOf returns where the mount of a folder belongs: before the volumes of the pod, so that they lie above it, and
// after a volume that contains it, which would hide it.
func positionOf(folder string, mounts []any) int {
	position := standardMounts(mounts)
	for number, one := range mounts {
		mount, _ := one.(map[string]any)
		destination, _ := mount["destination"].(string)
		if number >= position && strings.HasPrefix(folder, strings.TrimSuffix(destination, "/")+"/") {
			position = number + 1
		}
	}
	return position
}

// standardMounts returns how many mounts come before those of the pod.
func standardMounts(mounts []any) int {
	for number, one := range mounts {
		if mount, _ := one.(map[string]any); mount["type"] == "bind" {
			return number
		}
	}
	return len(mounts)
}

func mountOf(folder string, configured *settings) any {
	return map[string]any{
		"destination": folder, "type": "bind", "source": filepath.Join(configured.HostRoot, folder),
		"options": []string{"rbind", "ro", "nosuid", "nodev", "rprivate"},
	}
}

func annotation(specification map[string]any, name string) string {
	all, _ := specification["annotations"].(map[string]any)
	found, _ := all[name].(string)
	return found
}

// environmentOf returns what stands for the content of an image. A container that has not started has only files of
// its image.
func environmentOf(root string) (*environment, error) {
	found := &environment{}
	err := readJSON(filepath.Join(root, environmentFile), found)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return found, err
}

// inject adds variables to a process that it does not have.
func inject(process map[string]any, configured *settings) {
	own, _ := process["env"].([]any)
	for _, one := range configured.Variables {
		name, _, _ := strings.Cut(one, "=")
		if !slices.ContainsFunc(own, func(given any) bool { return strings.HasPrefix(fmt.Sprint(given), name+"=") }) {
			own = append(own, one)
		}
	}
	process["env"] = own
}
