package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"plinth.example/control-plane/netns"
)

const (
	lookInterval = 200 * time.Millisecond
	// podNetworks is where the runtime keeps the namespaces of the networks of pods, as the node sees it.
	podNetworks = "run/netns"
	loopback    = "127.0.0.1"
)

// podServer is a server of this machine in the network of one pod.
type podServer struct {
	network string
	port    int
}

// leadLoopbacks lets pods reach servers on the loopback interface of this machine under the address that processes of
// this machine use: those of the fixed ports, and those whose port is in a file of the pattern. Pods and servers come and
// go, so it looks for both again and again. A port at which a pod itself listens stays the pod's. It returns what ends it.
func leadLoopbacks(pattern string, fixed []int, first int) func() {
	stop, ended := make(chan struct{}), make(chan struct{})
	networks := fmt.Sprintf("/proc/%d/root/%s/*", first, podNetworks)
	go func() {
		defer close(ended)
		open := map[podServer]net.Listener{}
		for {
			adjust(open, serversOf(pattern, fixed, networks))
			select {
			case <-stop:
				adjust(open, nil)
				return
			case <-time.After(lookInterval):
			}
		}
	}()
	return func() {
		close(stop)
		<-ended
	}
}

// serversOf returns each server in the network of each pod.
func serversOf(pattern string, fixed []int, networks string) map[podServer]bool {
	found := map[podServer]bool{}
	files, _ := filepath.Glob(pattern)
	pods, _ := filepath.Glob(networks)
	ports := append([]int{}, fixed...)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if port, err := strconv.Atoi(strings.TrimSpace(string(content))); err == nil {
			ports = append(ports, port)
		}
	}
	for _, port := range ports {
		for _, pod := range pods {
			found[podServer{network: pod, port: port}] = true
		}
	}
	return found
}

// adjust opens the listeners that are wanted and closes the others, because a listener keeps the network of its pod.
func adjust(open map[podServer]net.Listener, wanted map[podServer]bool) {
	for one, listener := range open {
		if !wanted[one] {
			_ = listener.Close()
			delete(open, one)
		}
	}
	for one := range wanted {
		if _, known := open[one]; known {
			continue
		}
		address := net.JoinHostPort(loopback, strconv.Itoa(one.port))
		listener, err := netns.Within(one.network, func() (net.Listener, error) { return net.Listen("tcp", address) })
		if err != nil {
			// The pod listens there, or its network is being made or removed.
			continue
		}
		open[one] = listener
		go accept(listener, func(connection net.Conn) { lead(connection, address) })
	}
}
