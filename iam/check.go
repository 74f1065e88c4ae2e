package iam

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is what a policy is attached to.
type Kind uint8

// The kinds of policies.
const (
	Identity        Kind = iota // of a user, group or role, managed or inline
	Boundary                    // a permissions boundary
	Session                     // passed when a session begins
	Resource                    // of a bucket, queue, topic, key, function, secret, …
	Trust                       // of a role: who may assume it
	Endpoint                    // of a VPC endpoint
	ServiceControl              // of an organization, limiting principals
	ResourceControl             // of an organization, limiting resources
)

func (k Kind) String() string {
	return [...]string{
		"identity policy", "permissions boundary", "session policy", "resource policy", "trust policy", "endpoint policy",
		"service control policy", "resource control policy",
	}[k]
}

const (
	awsNoPrincipal  = "Policy document should not specify a principal."
	awsHasResource  = "Has prohibited field Resource"
	awsAssumeAction = "AssumeRole policy may only specify STS AssumeRole actions."
)

// Check says what a policy of some kind lacks or must not have, as IAM, the resource's service or Organizations would refuse it.
// The error is one or several *ParseError, joined.
func (p *Policy) Check(k Kind) error {
	var errs []error
	for i := range p.Statements {
		s := &p.Statements[i]
		refuse := func(at Position, aws, format string, args ...any) {
			errs = append(errs, &ParseError{at, fmt.Errorf("%s: "+format, append([]any{k}, args...)...), aws})
		}
		switch k {
		case Identity, Boundary, Session, ServiceControl:
			if s.Principal != nil {
				refuse(s.Principal.Pos, awsNoPrincipal, "a statement has a principal, which is whom the policy is attached to")
			}
			if s.Resource == nil {
				refuse(s.Pos, awsResources, "a statement has neither Resource nor NotResource")
			}
		case Resource, Endpoint:
			if s.Principal == nil {
				refuse(s.Pos, "Missing required field Principal", "a statement has neither Principal nor NotPrincipal")
			}
		case Trust:
			s.checkTrust(refuse)
		case ResourceControl:
			s.checkResourceControl(refuse)
		}
	}
	return errors.Join(errs...)
}

type refusal func(at Position, aws, format string, args ...any)

func (s *Statement) checkTrust(refuse refusal) {
	if s.Principal == nil {
		refuse(s.Pos, "Missing required field Principal", "a statement has neither Principal nor NotPrincipal")
	}
	if s.Resource != nil {
		refuse(s.Resource.Pos, awsHasResource, "a statement has a resource, which is the role itself")
	}
	for _, a := range s.Action.List {
		if !strings.HasPrefix(strings.ToLower(a), "sts:") {
			refuse(s.Action.Pos, awsAssumeAction, "the action %q is none of sts", a)
		}
	}
}

// checkResourceControl: Organizations User Guide, "RCP syntax".
func (s *Statement) checkResourceControl(refuse refusal) {
	switch {
	case s.Effect == Allow:
		refuse(s.Pos, "", "a statement allows; such a policy can only deny")
	case s.Principal == nil || s.Principal.Not || !s.Principal.everyone():
		refuse(s.Pos, "", `the principal is not "*"`)
	case s.Action.Not:
		refuse(s.Action.Pos, "", "NotAction is not supported")
	case s.Resource == nil:
		refuse(s.Pos, awsResources, "a statement has neither Resource nor NotResource")
	}
}

// everyone reports whether a principal is "*", as such or as the only one of kind AWS.
func (p *Principal) everyone() bool {
	return p.Everyone || len(p.AWS) == 1 && p.AWS[0] == "*" && len(p.Service)+len(p.Federated)+len(p.CanonicalUser) == 0
}
