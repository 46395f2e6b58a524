package main

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

const readyTimeout = 60 * time.Second

// newEtcdCommand returns etcd with a single member whose clients present a certificate of the given authority.
func newEtcdCommand() *cobra.Command {
	var dataDirectory, clientURL, peerURL, certificate, key, authority string
	command := &cobra.Command{
		Use:           "etcd",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(*cobra.Command, []string) error {
			client, err := url.Parse(clientURL)
			if err != nil {
				return err
			}
			peer, err := url.Parse(peerURL)
			if err != nil {
				return err
			}
			configuration := embed.NewConfig()
			configuration.Dir = dataDirectory
			configuration.ListenClientUrls, configuration.AdvertiseClientUrls = []url.URL{*client}, []url.URL{*client}
			configuration.ListenPeerUrls, configuration.AdvertisePeerUrls = []url.URL{*peer}, []url.URL{*peer}
			configuration.InitialCluster = configuration.InitialClusterFromName(configuration.Name)
			configuration.LogLevel = "warn"
			// The data of a sandbox outlives its processes, not the machine. On a disk that others use, a sync takes
			// seconds, and etcd answers no request meanwhile.
			configuration.UnsafeNoFsync = true
			for _, transport := range []struct{ certificate, key, authority *string }{
				{&configuration.ClientTLSInfo.CertFile, &configuration.ClientTLSInfo.KeyFile, &configuration.ClientTLSInfo.TrustedCAFile},
				{&configuration.PeerTLSInfo.CertFile, &configuration.PeerTLSInfo.KeyFile, &configuration.PeerTLSInfo.TrustedCAFile},
			} {
				*transport.certificate, *transport.key, *transport.authority = certificate, key, authority
			}
			configuration.ClientTLSInfo.ClientCertAuth = true
			configuration.PeerTLSInfo.ClientCertAuth = true
			return serve(configuration)
		},
	}
	flags := command.Flags()
	flags.StringVar(&dataDirectory, "data-dir", "", "directory of the data")
	flags.StringVar(&clientURL, "listen-client-url", "", "URL that clients connect to")
	flags.StringVar(&peerURL, "listen-peer-url", "", "URL that members connect to")
	flags.StringVar(&certificate, "cert-file", "", "certificate of the server")
	flags.StringVar(&key, "key-file", "", "private key of the certificate")
	flags.StringVar(&authority, "trusted-ca-file", "", "authority of the certificates of clients and members")
	return command
}

// serve runs etcd until it fails or the process is told to stop. It closes the data in order when it is told to.
func serve(configuration *embed.Config) error {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	server, err := embed.StartEtcd(configuration)
	if err != nil {
		return err
	}
	defer server.Close()
	select {
	case <-server.Server.ReadyNotify():
	case <-time.After(readyTimeout):
		return fmt.Errorf("etcd was not ready after %s", readyTimeout)
	}
	select {
	case <-stop:
		return nil
	case err := <-server.Err():
		return err
	}
}
