// Command control-plane is a Kubernetes control plane in one program. Its first argument names the component that the
// process runs. Each component has its own process, as in a real cluster, so that each can fail on its own.
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// components are Kubernetes' own commands with Kubernetes' own options, and etcd with the few that it needs here.
var components = map[string]func() *cobra.Command{
	"etcd":                    newEtcdCommand,
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": manager.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
}

func main() {
	component, err := chosen(os.Args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Args = os.Args[1:]
	go endWithParent()
	os.Exit(cli.Run(component()))
}

func chosen(arguments []string) (func() *cobra.Command, error) {
	names := make([]string, 0, len(components))
	for name := range components {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(arguments) < 2 {
		return nil, errors.New(fmt.Sprint("name a component: ", names))
	}
	component, found := components[arguments[1]]
	if !found {
		return nil, fmt.Errorf("%q is not a component of this program: %v", arguments[1], names)
	}
	return component, nil
}
