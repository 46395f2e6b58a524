package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"

	"github.com/vishvananda/netlink"
)

// makeNetwork gives the node its address, and routes to what it translates. It has no route to this machine or beyond:
// all connections go through the process outside.
func makeNetwork(configured *configuration) error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(loopback); err != nil {
		return err
	}
	own := net.ParseIP(configured.Address)
	if own == nil {
		return fmt.Errorf("%q is not an address", configured.Address)
	}
	addresses := []string{configured.Address, configured.NameServer}
	for _, one := range configured.Forwards {
		addresses = append(addresses, one.Address)
	}
	slices.Sort(addresses)
	for _, address := range slices.Compact(addresses) {
		if address == "" {
			continue
		}
		whole := &net.IPNet{IP: net.ParseIP(address), Mask: net.CIDRMask(32, 32)}
		if err := netlink.AddrAdd(loopback, &netlink.Addr{IPNet: whole}); err != nil {
			return fmt.Errorf("address %s: %w", address, err)
		}
	}
	for _, one := range configured.Routed {
		_, destination, err := net.ParseCIDR(one)
		if err != nil {
			return err
		}
		route := &netlink.Route{LinkIndex: loopback.Attrs().Index, Dst: destination, Src: own, Scope: netlink.SCOPE_LINK}
		if err := netlink.RouteAdd(route); err != nil {
			return fmt.Errorf("route to %s: %w", one, err)
		}
	}
	for _, setting := range []string{"/proc/sys/net/ipv4/ip_forward"} {
		if err := os.WriteFile(setting, []byte("1"), 0o644); err != nil {
			return err
		}
	}
	return tryPair()
}

// tryPair creates and deletes a pair of interfaces as pods have them, to see that this machine allows it.
func tryPair() error {
	pair := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "try0"}, PeerName: "try1"}
	if err := netlink.LinkAdd(pair); err != nil {
		return fmt.Errorf("pair of interfaces: %w", err)
	}
	return errors.Join(netlink.LinkDel(pair))
}
