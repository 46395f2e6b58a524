// Package oidc has the options of the identity of billing events.
package oidc

type (
	Option func()
	Source struct{}
)

func WithSkipIfUnsupportedCloud(bool) Option { return nil }
func NewSource(...Option) Source             { return Source{} }
