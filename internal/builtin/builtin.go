// Package builtin lists what is built into the program. A plugin that is not listed here does not exist; a test compares
// the lists with the folders.
package builtin

import (
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/access"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/alb"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/apacheerror"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/auditd"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/caddy"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/clb"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/cloudfront"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/cloudtrail"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/ecs"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/guardduty"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/iis"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/journald"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/jsonlines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/k8saudit"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/linuxauth"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logfmt"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/nginxerror"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/nginxjson"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/nlb"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/ocsf"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/route53"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/s3access"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/traefik"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/utmp"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/vpcflow"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/waf"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/winevent"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/rules"
)

// Formats returns the log formats, the most specific first: of two that are equally sure of a file the first wins.
func Formats() []logformat.Format {
	return []logformat.Format{
		ocsf.Format{},
		ecs.Format{},
		cloudtrail.Format{},
		guardduty.Format{},
		waf.Format{},
		route53.Format{},
		k8saudit.Format{},
		winevent.Format{},
		vpcflow.Format{},
		alb.Format{},
		nlb.Format{},
		clb.Format{},
		cloudfront.Format{},
		s3access.Format{},
		traefik.Format{},
		access.Format{},
		caddy.Format{},
		nginxjson.Format{},
		apacheerror.Format{},
		nginxerror.Format{},
		iis.Format{},
		auditd.Format{},
		journald.Format{},
		utmp.Format{},
		linuxauth.Format{},
		logfmt.Format{},
		jsonlines.Format{},
	}
}

// Rules returns the shipped rules.
func Rules() rulebook.Folder {
	return rulebook.Folder{FS: rules.FS, Name: "builtin:", Shipped: true}
}
