// The language host of Python programs: the engine starts it, asks it to run the program, and it
// starts the SDK's own executor with the Python of the project's virtual environment.
//
// Pulumi ships its host with the release only, not as a Go module; where the release cannot be had,
// this one takes its place. It is in Go, as the release's is, because every `pulumi` command starts
// it: measured 5 ms until it listens, against 80 ms for the same service in Python. And it needs no
// Python of its own, so that one engine serves every clone and every virtual environment.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

const executorName = "pulumi-language-python-exec"

// How often the host looks whether the engine that started it still lives.
const engineCheckInterval = 5 * time.Second

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

// serve prints the port it listens on, as the engine expects, and answers until it is told to stop.
func serve() error {
	flag.String("tracing", "", "accepted for the engine's sake; traces are not sent")
	flag.Parse()
	executor, err := executorBesideThisProgram()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	engineAddress := flag.Arg(0)
	if engineAddress != "" {
		if err := rpcutil.Healthcheck(ctx, engineAddress, engineCheckInterval, stop); err != nil {
			return fmt.Errorf("cannot reach the engine at %s: %w", engineAddress, err)
		}
	}
	cancelled := make(chan bool)
	go func() {
		<-ctx.Done()
		close(cancelled)
	}()
	host := &languageHost{executor: executor, engineAddress: engineAddress, stopping: ctx}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancelled,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	fmt.Println(handle.Port)
	return <-handle.Done
}

func executorBesideThisProgram() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	executor := filepath.Join(filepath.Dir(program), executorName)
	if _, err := os.Stat(executor); err != nil {
		return "", fmt.Errorf("%s is missing: %w", executor, err)
	}
	return executor, nil
}
