// Package client has the types of the client of CI steps.
package client

import "time"

type (
	State     int
	ErrorKind int
	Status    struct {
		State     State
		ErrorKind ErrorKind
		Message   string
	}
	Variable struct {
		Key, Value   string
		File, Masked bool
	}
	RunRequest struct {
		Id, WorkDir, BuildDir, Steps string
		Timeout                      *time.Duration
		Env                          map[string]string
		Variables                    []Variable
	}
)

const (
	StateSuccess State = iota + 1
	StateCancelled
)

const (
	ErrorUnknown ErrorKind = iota + 1
	ErrorInternal
	ErrorStepFailure
	ErrorCancelled
	ErrorTimeout
)

func (s State) String() string { return "" }
