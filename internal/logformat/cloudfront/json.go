package cloudfront

import "github.com/gatehouse-sec/gatehouse/internal/webjson"

// jsonConfig reads the JSON form, whose keys are the names of the text form and whose values are all strings.
//
//nolint:gochecknoglobals // constant data
var jsonConfig = webjson.Config{
	Keys: map[string][]string{
		"cs-host":        {"cs(Host)", "cs-host"},
		"cs-referer":     {"cs(Referer)", "cs-referer"},
		"cs-user-agent":  {"cs(User-Agent)", "cs-user-agent"},
		"cs-cookie":      {"cs(Cookie)", "cs-cookie"},
		"cs-version":     {"cs-protocol-version"},
		"timestamp":      {"timestamp", "timestamp(ms)"},
		"distributionid": {"DistributionId", "distributionid"},
	},
	Target:  []string{"cs-uri-stem"},
	Query:   []string{"cs-uri-query"},
	Escaped: escaped,
	Times:   times,
	Time:    readTime,
}
