package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/protobuf/types/known/emptypb"
)

// The executor's exit code for "failed, and the user has been told why".
const exitedAfterTellingTheUser = 32

// How long a program that was told to stop may take before it is killed.
const stopGrace = 3 * time.Second

type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	executor      string
	engineAddress string
	stopping      context.Context
}

func (host *languageHost) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	host.engineAddress = request.GetEngineAddress()
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (host *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// GetRequiredPlugins names none: each registration says which plugin and version it needs, and where
// this host is used nothing could be downloaded ahead of that.
func (host *languageHost) GetRequiredPlugins(
	context.Context, *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

// GetRequiredPackages names none, for the reason given at GetRequiredPlugins.
func (host *languageHost) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Run runs the program to its end, its output going where the host's own goes: to the engine.
func (host *languageHost) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	tools, err := toolchainOf(request.GetInfo())
	if err != nil {
		return nil, err
	}
	if err := tools.ValidateVenv(ctx); err != nil {
		return nil, err
	}
	environment, err := configuration(request)
	if err != nil {
		return nil, err
	}
	// A program ends with its request, or when the host is told to stop.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(host.stopping, cancel)()
	command, err := tools.Command(ctx, host.arguments(request)...)
	if err != nil {
		return nil, err
	}
	if command.Env == nil {
		command.Env = os.Environ()
	}
	command.Env = append(command.Env, environment...)
	command.Dir = request.GetPwd()
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	stopGently(command)
	return outcome(ctx, command.Run())
}

// stopGently keeps an interrupt at the terminal from reaching the program as KeyboardInterrupt, whose
// traceback would bury the engine's own message: the host ends it with SIGTERM instead.
func stopGently(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = stopGrace
}

func outcome(ctx context.Context, err error) (*pulumirpc.RunResponse, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case ctx.Err() != nil:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case !errors.As(err, &exit):
		return nil, fmt.Errorf("cannot run the program: %w", err)
	case exit.ExitCode() == exitedAfterTellingTheUser:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended with %s", exit)}, nil
	}
}

// arguments are those of the SDK's executor; "-u" so that output appears when it is printed.
func (host *languageHost) arguments(request *pulumirpc.RunRequest) []string {
	arguments := []string{"-u", host.executor}
	add := func(name, value string) {
		if value != "" {
			arguments = append(arguments, "--"+name, value)
		}
	}
	add("monitor", request.GetMonitorAddress())
	add("engine", host.engineAddress)
	add("project", request.GetProject())
	add("stack", request.GetStack())
	add("organization", request.GetOrganization())
	add("root_directory", request.GetInfo().GetRootDirectory())
	add("pwd", request.GetPwd())
	add("dry_run", strconv.FormatBool(request.GetDryRun()))
	add("parallel", strconv.Itoa(int(request.GetParallel())))
	program := request.GetInfo().GetEntryPoint()
	if program == "" {
		program = "."
	}
	return append(append(arguments, program), request.GetArgs()...)
}

// configuration is what the executor reads from its environment. A nil map or slice, as gRPC gives for
// an empty one, would reach it as JSON's null, which it does not read.
func configuration(request *pulumirpc.RunRequest) ([]string, error) {
	given := map[string]string{}
	maps.Copy(given, request.GetConfig())
	values, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	secretKeys, err := json.Marshal(append([]string{}, request.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(values), "PULUMI_CONFIG_SECRET_KEYS=" + string(secretKeys)}, nil
}

// About answers `pulumi about` and, at the start, every operation: which Python runs the program. It asks
// that Python once; the toolchain's own answer starts three processes, pip among them.
func (host *languageHost) About(
	ctx context.Context, request *pulumirpc.AboutRequest,
) (*pulumirpc.AboutResponse, error) {
	tools, err := toolchainOf(request.GetInfo())
	if err != nil {
		return nil, err
	}
	const question = "import platform, sys; print(sys.executable); print(platform.python_version())"
	command, err := tools.Command(ctx, "-I", "-S", "-c", question)
	if err != nil {
		return nil, err
	}
	answer, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot run the program's Python: %w", err)
	}
	executable, version, _ := strings.Cut(strings.TrimSpace(string(answer)), "\n")
	return &pulumirpc.AboutResponse{Executable: executable, Version: version}, nil
}

// GetProgramDependencies answers `pulumi about`: which distributions the program's Python has.
func (host *languageHost) GetProgramDependencies(
	ctx context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	tools, err := toolchainOf(request.GetInfo())
	if err != nil {
		return nil, err
	}
	packages, err := tools.ListPackages(ctx, request.GetTransitiveDependencies())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, installed := range packages {
		response.Dependencies = append(response.Dependencies,
			&pulumirpc.DependencyInfo{Name: installed.Name, Version: installed.Version})
	}
	return response, nil
}

// toolchainOf finds the program's Python from `runtime.options.virtualenv` of its Pulumi.yaml.
func toolchainOf(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	return toolchain.ResolveToolchain(toolchain.PythonOptions{
		Root:       info.GetRootDirectory(),
		ProgramDir: info.GetProgramDirectory(),
		Virtualenv: info.GetOptions().GetFields()["virtualenv"].GetStringValue(),
	})
}
