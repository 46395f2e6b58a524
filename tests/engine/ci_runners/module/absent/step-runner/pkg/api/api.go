// Package api has the address of the server of CI steps.
package api

func DefaultSocketPath() string { return "" }
