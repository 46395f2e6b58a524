// Package snowplow stands for billing events, which no configuration of the test has.
package snowplow

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"gitlab.com/gitlab-org/labkit/v2/events/snowplow/metrics"
	"gitlab.com/gitlab-org/labkit/v2/events/snowplow/oidc"
)

var errAbsent = errors.New("billing events are not available")

type (
	SendResult struct {
		EventCount int
		StatusCode int
		Err        error
	}
	SendCallback  func(successes []SendResult, failures []SendResult)
	EmitterOption func(*Emitter)
	Emitter       struct{}
	Tracker       struct{}

	BillingEventRequiredInput struct {
		Category, EventType, Realm, UnitOfMeasure string
		Quantity                                  float64
	}
	BillingEventOptionalInput struct {
		Subject, DeploymentType, InstanceID, UniqueInstanceID string
		Metadata                                              map[string]any
		ProjectID, NamespaceID, RootNamespaceID               int64
		OrganizationID                                        int64
	}
)

func WithCallback(SendCallback) EmitterOption                             { return nil }
func WithTokenSource(oidc.Source) EmitterOption                           { return nil }
func WithMetricsCollectorOptions(...metrics.CollectorOption) EmitterOption { return nil }
func NewEmitter(string, ...EmitterOption) (*Emitter, error)               { return nil, errAbsent }
func NewTracker(string, *Emitter) (*Tracker, error)                       { return nil, errAbsent }
func (*Emitter) Collector() prometheus.Collector                          { return nil }
func (*Tracker) Stop()                                                    {}
func (*Tracker) TrackBillingEventWithOptionalInput(BillingEventRequiredInput, BillingEventOptionalInput) error {
	return errAbsent
}
