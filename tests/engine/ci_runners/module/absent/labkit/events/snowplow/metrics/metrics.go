// Package metrics has the options of the metrics of billing events.
package metrics

type CollectorOption func()

func WithCollectorNamespace(string) CollectorOption                       { return nil }
func WithCollectorBatchDeliveryDurationBuckets([]float64) CollectorOption { return nil }
