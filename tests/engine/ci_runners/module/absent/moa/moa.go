// Package moa stands for the expression language of job inputs, which no job of the test has.
package moa

import (
	"errors"

	"gitlab.com/gitlab-org/moa/ast"
)

func ParseTemplate(string) (ast.Expr, error) { return nil, errors.New("expressions are not available") }

func EscapeTemplate(text string) string { return text }
