// Package addmask stands for masks that jobs add while they run, which no job of the test does.
package addmask

import (
	"errors"
	"io"
)

type AddMask struct{}

func New(any, ...io.Writer) (*AddMask, error) { return nil, errors.New("masks are not available") }

func (*AddMask) Get(int) io.WriteCloser { return nil }
func (*AddMask) Close() error           { return nil }
