package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"plinth.example/control-plane/netns"
)

const (
	dialTimeout = 10 * time.Second
	// idleTimeout ends half of a connection whose other half has ended.
	headTimeout = 30 * time.Second
)

// connect opens the connections between the node, whose first process is given, and this machine: servers of this
// machine under the address of the node, and servers of the node for those who may open the gateway's socket. It returns
// what closes them.
func connect(configured *configuration, first int) (func(), error) {
	var open []io.Closer
	closing := func() {
		for _, one := range open {
			_ = one.Close()
		}
	}
	inside := fmt.Sprintf("/proc/%d/ns/net", first)
	for _, one := range configured.Forwards {
		address := net.JoinHostPort(one.Address, fmt.Sprint(one.Port))
		listener, err := netns.Within(inside, func() (net.Listener, error) { return net.Listen("tcp", address) })
		if err != nil {
			closing()
			return nil, err
		}
		open = append(open, listener)
		go accept(listener, func(connection net.Conn) { lead(connection, one.To) })
	}
	if err := os.Remove(configured.Gateway); err != nil && !errors.Is(err, os.ErrNotExist) {
		closing()
		return nil, err
	}
	gateway, err := net.Listen("unix", configured.Gateway)
	if err != nil {
		closing()
		return nil, err
	}
	open = append(open, gateway)
	go accept(gateway, func(connection net.Conn) { answer(connection, inside) })
	return closing, nil
}

func accept(listener net.Listener, serve func(net.Conn)) {
	for {
		connection, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go serve(connection)
	}
}

// lead connects a client with a server of this machine.
func lead(connection net.Conn, address string) {
	other, err := net.DialTimeout("tcp", address, dialTimeout)
	if err != nil {
		_ = connection.Close()
		return
	}
	relay(connection, connection, other)
}

// answer connects a client that asks for a server of the node with CONNECT, as an API server does.
func answer(connection net.Conn, inside string) {
	_ = connection.SetReadDeadline(time.Now().Add(headTimeout))
	reader := bufio.NewReader(connection)
	request, err := http.ReadRequest(reader)
	if err != nil || request.Method != http.MethodConnect {
		_, _ = io.WriteString(connection, "HTTP/1.1 405 Method Not Allowed\r\n\r\n")
		_ = connection.Close()
		return
	}
	_ = connection.SetReadDeadline(time.Time{})
	other, err := netns.Within(inside, func() (net.Conn, error) { return net.DialTimeout("tcp", request.Host, dialTimeout) })
	if err != nil {
		_, _ = fmt.Fprintf(connection, "HTTP/1.1 503 %s\r\n\r\n", err)
		_ = connection.Close()
		return
	}
	if _, err := io.WriteString(connection, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		_ = connection.Close()
		_ = other.Close()
		return
	}
	relay(connection, reader, other)
}

// relay copies both ways until both have ended.
func relay(connection net.Conn, from io.Reader, other net.Conn) {
	var both sync.WaitGroup
	for _, way := range []struct {
		to   net.Conn
		from io.Reader
	}{{other, from}, {connection, other}} {
		both.Go(func() {
			_, err := io.Copy(way.to, way.from)
			if half, can := way.to.(interface{ CloseWrite() error }); can && err == nil {
				_ = half.CloseWrite()
				return
			}
			_ = connection.Close()
			_ = other.Close()
		})
	}
	both.Wait()
	_ = connection.Close()
	_ = other.Close()
}
