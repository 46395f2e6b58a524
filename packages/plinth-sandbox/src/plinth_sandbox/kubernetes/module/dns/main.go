// Command dns answers the names of services to the pods of a node, as the cluster DNS of EKS Auto Mode does on each node.
// It knows no other names, because nothing else is reachable.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	// largestQuery is the size of a query over UDP (RFC 1035, 2.3.4).
	largestQuery = 512
	restartPause = 200 * time.Millisecond
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file with the API server and the credentials")
	address := flag.String("address", "", "address to listen at")
	flag.Parse()
	if err := serve(*kubeconfig, *address); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(kubeconfig, address string) error {
	configuration, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(configuration)
	if err != nil {
		return err
	}
	shared := informers.NewSharedInformerFactory(client, 0)
	known := &names{
		services: shared.Core().V1().Services().Lister(),
		slices:   shared.Discovery().V1().EndpointSlices().Lister(),
	}
	// Listers are filled by informers that exist when the factory starts.
	shared.Core().V1().Services().Informer()
	shared.Discovery().V1().EndpointSlices().Informer()
	shared.Start(context.Background().Done())
	shared.WaitForCacheSync(context.Background().Done())
	connection, err := net.ListenPacket("udp", net.JoinHostPort(address, "53"))
	if err != nil {
		return err
	}
	for {
		query := make([]byte, largestQuery)
		count, from, err := connection.ReadFrom(query)
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err != nil {
			time.Sleep(restartPause)
			continue
		}
		go func() {
			if answer, err := known.answer(query[:count]); err == nil {
				_, _ = connection.WriteTo(answer, from)
			}
		}()
	}
}

// answer returns the message that answers a query.
func (known *names) answer(query []byte) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	found, exists := known.find(question.Name.String())
	code := dnsmessage.RCodeNameError
	if exists {
		code = dnsmessage.RCodeSuccess
	}
	builder := dnsmessage.NewBuilder(nil, dnsmessage.Header{
		ID: header.ID, Response: true, Authoritative: true, RecursionDesired: header.RecursionDesired,
		RecursionAvailable: true, RCode: code,
	})
	builder.EnableCompression()
	if err := builder.StartQuestions(); err != nil {
		return nil, err
	}
	if err := builder.Question(question); err != nil {
		return nil, err
	}
	if err := builder.StartAnswers(); err != nil {
		return nil, err
	}
	if question.Type == dnsmessage.TypeA {
		head := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: lifetimeSeconds}
		for _, one := range found {
			if err := builder.AResource(head, dnsmessage.AResource{A: one.As4()}); err != nil {
				return nil, err
			}
		}
	}
	return builder.Finish()
}
