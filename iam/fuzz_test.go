package iam_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/gatehouse-sec/gatehouse/iam"
)

// FuzzParse: what is taken is JSON and comes out the same when it is written and read again; what is not says where.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true}}}]}`))
	f.Add([]byte("{\"Statement\":\n{\"Effect\":\"Deny\",\"NotPrincipal\":\"*\",\"NotAction\":[],\"NotResource\":[\"\\u00e4\"]}}"))
	f.Fuzz(func(t *testing.T, document []byte) {
		p, err := iam.Parse(document)
		if err != nil {
			var pe *iam.ParseError
			if !errors.As(err, &pe) || pe.Pos.Line < 1 || pe.Pos.Column < 1 || pe.Pos.Line > len(document)+1 {
				t.Fatalf("error %v", err)
			}
			return
		}
		if !json.Valid(document) {
			t.Fatalf("%q is no JSON", document)
		}
		for k := iam.Identity; k <= iam.ResourceControl; k++ {
			_ = p.Check(k)
		}
		roundTrip(t, "it", p)
	})
}
