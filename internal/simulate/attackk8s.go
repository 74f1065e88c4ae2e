package simulate

import (
	"strings"
	"time"
)

// clusterAttacks are made with a developer's stolen token, and by somebody with none.
func clusterAttacks(v *vocabulary) []*attack {
	c := cluster{v: v}
	developer := binds(v, "username", "leo.fischer@kestrel.example", "groups", `["developers","system:authenticated"]`, "ip", "203.0.113.160",
		"agent", "kubectl/v1.29.3 (linux/amd64) kubernetes/6813625", "namespace", "payments", "pod", "payments-6d5f7c9b8-x2x7q")
	stranger := binds(v, "username", "system:anonymous", "groups", `["system:unauthenticated"]`, "ip", "203.0.113.161", "agent", "curl/8.5.0")
	do := func(bind map[slot]template, l *line, times int, gap time.Duration) step {
		return step{bind: bind, text: l.good, times: times, gap: gap}
	}
	label := func(name, technique, rule string, entities ...Entity) Label {
		return Label{Name: name, Techniques: []string{technique}, Entities: entities, Rules: []string{rule}}
	}
	stolen := []Entity{by("leo.fischer@kestrel.example"), from("203.0.113.160")}
	return []*attack{{
		start: 15*time.Hour + 2*time.Minute,
		label: label("Command in a pod", "T1609", "c5846699-fb80-4971-ae8a-820b154eed30", stolen...),
		steps: []step{
			do(developer, c.asked(ask{"list", "", "pods", "", "payments", "", "?limit=500"}, 200, ""), 1, 20*time.Second),
			do(developer, c.asked(ask{"create", "", "pods", "exec", "payments", "<pod>", "?command=%2Fbin%2Fsh&container=payments&stdin=true&stdout=true&tty=true"}, 101, ""), 2, 40*time.Second),
		},
	}, {
		start: 15*time.Hour + 9*time.Minute,
		label: label("Secrets of a cluster listed", "T1552.007", "847dbf8a-775e-4528-8d55-4af298725bd1", stolen...),
		steps: []step{do(developer, c.asked(ask{"list", "", "secrets", "", "payments", "", "?limit=500"}, 200, ""), 3, 10*time.Second)},
	}, {
		start: 15*time.Hour + 21*time.Minute,
		label: label("Privileged pod", "T1611", "8517de95-2949-4671-8c7b-f7edea754595", stolen...),
		steps: []step{do(developer, atRequest(c.asked(ask{"create", "", "pods", "", "payments", "", "?fieldManager=kubectl-run"}, 201, requested)), 1, 0)},
	}, {
		start: 2*time.Hour + 31*time.Minute,
		label: label("Anonymous access to the cluster", "T1190", "76a7840d-c95a-45fb-9ac2-037cdc22bce9", from("203.0.113.161")),
		steps: []step{
			do(stranger, c.event("/version", "get", "", 200, ""), 1, 2*time.Second),
			do(stranger, c.asked(ask{"list", "", "secrets", "", "", "", ""}, 403, ""), 1, 2*time.Second),
			do(stranger, c.asked(ask{"list", "", "configmaps", "", "", "", ""}, 200, ""), 4, 2*time.Second),
		},
	}}
}

// requested is a pod that has its node.
const requested = `"requestObject":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"debug","namespace":"payments"},"spec":{"containers":[{"name":"debug",` +
	`"image":"alpine:3.20","command":["nsenter","-t","1","-m","-u","-i","-n","sh"],"stdin":true,"tty":true,"securityContext":{"privileged":true}}],` +
	`"volumes":[{"name":"host","hostPath":{"path":"/"}}],"hostPID":true,"nodeName":"<node>"}},`

// atRequest is an event at the level at which the request is logged.
func atRequest(l *line) *line {
	for i := range l.good {
		l.good[i].text = strings.Replace(l.good[i].text, `"level":"Metadata"`, `"level":"Request"`, 1)
	}
	return l
}
