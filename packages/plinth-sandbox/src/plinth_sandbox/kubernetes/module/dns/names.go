package main

import (
	"net/netip"
	"strings"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
)

const (
	// domain of the names of services (Kubernetes DNS-Based Service Discovery, 2.1).
	domain = ".svc.cluster.local."
	// lifetimeSeconds is short, because pods behind a name come and go.
	lifetimeSeconds = 5
	// mostAddresses fit into an answer over UDP.
	mostAddresses = 20
)

// names are the services of a cluster.
type names struct {
	services corelisters.ServiceLister
	slices   discoverylisters.EndpointSliceLister
}

// find returns the addresses of a name, and whether the name exists: a service, one of its pods with a host name, or a
// name above services.
func (known *names) find(name string) ([]netip.Addr, bool) {
	rest, inside := strings.CutSuffix(strings.ToLower(name), domain)
	if !inside {
		return nil, strings.HasSuffix(domain, "."+strings.ToLower(name))
	}
	parts := strings.Split(rest, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return nil, false
	}
	host, service, namespace := "", parts[len(parts)-2], parts[len(parts)-1]
	if len(parts) == 3 {
		host = parts[0]
	}
	found, err := known.services.Services(namespace).Get(service)
	if err != nil {
		return nil, false
	}
	if found.Spec.ClusterIP != core.ClusterIPNone {
		address, err := netip.ParseAddr(found.Spec.ClusterIP)
		if err != nil || host != "" {
			return nil, host == ""
		}
		return []netip.Addr{address}, true
	}
	addresses := known.pods(namespace, found, host)
	return addresses, host == "" || len(addresses) > 0
}

// pods returns the addresses of the pods behind a headless service, or of the one with a host name.
func (known *names) pods(namespace string, service *core.Service, host string) []netip.Addr {
	selector := labels.SelectorFromSet(labels.Set{discovery.LabelServiceName: service.Name})
	slices, err := known.slices.EndpointSlices(namespace).List(selector)
	if err != nil {
		return nil
	}
	var found []netip.Addr
	for _, slice := range slices {
		for _, endpoint := range slice.Endpoints {
			ready := endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready
			named := host == "" || (endpoint.Hostname != nil && *endpoint.Hostname == host)
			if !named || !(ready || service.Spec.PublishNotReadyAddresses) {
				continue
			}
			for _, text := range endpoint.Addresses {
				if address, err := netip.ParseAddr(text); err == nil && address.Is4() && len(found) < mostAddresses {
					found = append(found, address)
				}
			}
		}
	}
	return found
}
