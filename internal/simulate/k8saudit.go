package simulate

import (
	"fmt"
	"strings"
	"time"
)

// k8saudit is the audit log of a cluster's API server, one event a line, at the level of metadata
// (https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/).
func k8saudit(r random) (*vocabulary, []*actor) {
	c := cluster{v: general(), random: r}
	v := c.v
	for _, name := range []string{"username", "groups", "ip", "agent"} {
		v.define(name, nil)
	}
	v.define("stamp", func(s *scope, dst []byte) []byte { return s.now.AppendFormat(dst, "2006-01-02T15:04:05.000000Z") })
	v.define("node", func(s *scope, dst []byte) []byte {
		n := s.IntN(9)
		return fmt.Appendf(dst, "ip-10-20-%d-%d.eu-central-1.compute.internal", 16+n%3, 40+n*17)
	})
	v.define("namespace", mostlyFirst(v, words(`shop payments search kube-system monitoring argocd jobs`)...))
	v.define("app", mostlyFirst(v, words(`web orders search payments stock mail admin reports`)...))
	v.define("pod", oneOf(v, "<app>-<hex8>-<hex4>"))
	c.system()
	c.controllers()
	c.people()
	return v, c.actors
}

// cluster is what the actors of the audit log are made with.
type cluster struct {
	v *vocabulary
	random
	actors []*actor
}

// ask is a request to the API server about a resource, which may be "pods/log"; name and namespace may be empty.
type ask struct{ verb, group, resource, sub, namespace, name, query string }

func (a *ask) uri() string {
	uri := "/api/v1"
	if a.group != "" {
		uri = "/apis/" + a.group + "/v1"
	}
	if a.namespace != "" {
		uri += "/namespaces/" + a.namespace
	}
	uri += "/" + a.resource
	if a.name != "" {
		uri += "/" + a.name
	}
	if a.sub != "" {
		uri += "/" + a.sub
	}
	return uri + a.query
}

func (a *ask) object() string {
	var members []string
	for _, m := range [][2]string{
		{"resource", a.resource}, {"namespace", a.namespace}, {"name", a.name}, {"apiGroup", a.group}, {"apiVersion", "v1"}, {"subresource", a.sub},
	} {
		if m[1] != "" {
			members = append(members, `"`+m[0]+`":"`+m[1]+`"`)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// asked is the event of a request, with more members after the answer's status.
func (c *cluster) asked(a ask, code int, more string) *line {
	return c.event(a.uri(), a.verb, `"objectRef":`+a.object()+`,`, code, more)
}

func (c *cluster) event(uri, verb, object string, code int, more string) *line {
	decision := "allow"
	if code == 403 {
		decision = "forbid"
	}
	return &line{good: c.v.compile(fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"<uuid>","stage":"ResponseComplete",`+
		`"requestURI":"%s","verb":"%s","user":{"username":"<username>","groups":<groups>},"sourceIPs":["<ip>"],"userAgent":"<agent>",%s`+
		`"responseStatus":{"metadata":{},"code":%d},%s"requestReceivedTimestamp":"<stamp>","stageTimestamp":"<stamp>",`+
		`"annotations":{"authorization.k8s.io/decision":"%s","authorization.k8s.io/reason":""}}`, uri, verb, object, code, more, decision))}
}

const authenticated = `["system:serviceaccounts","system:authenticated"]`

// system is what the cluster does by itself.
func (c *cluster) system() {
	kubelet := &actor{
		bind: binds(c.v, "username", "system:node:<node>", "groups", `["system:nodes","system:authenticated"]`, "ip", "10.20.16.<byte>", "agent", "kubelet/v1.31.2 (linux/amd64) kubernetes/8d6b5f3"),
		hold: holds(c.v, "node", "ip"), bout: [2]int{3, 12}, gap: 400 * time.Millisecond, pause: 10 * time.Second,
	}
	kubelet.lines.add(6, c.asked(ask{"update", "coordination.k8s.io", "leases", "", "kube-node-lease", "<node>", "?timeout=10s"}, 200, ""))
	kubelet.lines.add(4, c.asked(ask{"patch", "", "nodes", "status", "", "<node>", "?timeout=10s"}, 200, ""))
	kubelet.lines.add(4, c.asked(ask{"get", "", "pods", "", "<namespace>", "<pod>", ""}, 200, ""))
	kubelet.lines.add(3, c.asked(ask{"patch", "", "pods", "status", "<namespace>", "<pod>", ""}, 200, ""))
	kubelet.lines.add(2, c.asked(ask{"get", "", "configmaps", "", "<namespace>", "<app>-config", ""}, 200, ""))
	kubelet.lines.add(1, c.asked(ask{"get", "", "secrets", "", "<namespace>", "<app>-tls", ""}, 200, ""))
	kubelet.lines.add(2, c.asked(ask{"create", "", "serviceaccounts", "token", "<namespace>", "<app>", ""}, 201, ""))
	health := &actor{
		bind: binds(c.v, "username", "system:anonymous", "groups", `["system:unauthenticated"]`, "ip", "10.20.2.91", "agent", "ELB-HealthChecker/2.0"),
		open: []*line{c.event("/readyz", "get", "", 200, "")}, pause: 20 * time.Second, even: true,
	}
	leader := &actor{
		bind: binds(c.v, "username", "system:kube-controller-manager", "groups", `["system:authenticated"]`, "ip", "10.20.16.5", "agent", "kube-controller-manager/v1.31.2 (linux/amd64) kubernetes/8d6b5f3/leader-election"),
		open: []*line{c.asked(ask{"update", "coordination.k8s.io", "leases", "", "kube-system", "kube-controller-manager", "?timeout=5s"}, 200, "")}, pause: 2 * time.Second, even: true,
	}
	c.actors = append(c.actors, kubelet, health, leader)
}

// controllers are programs in the cluster that watch and change it.
func (c *cluster) controllers() {
	for _, sa := range []struct {
		namespace, name, agent string
		asks                   []ask
		pause                  time.Duration
	}{
		{"kube-system", "replicaset-controller", "kube-controller-manager/v1.31.2", []ask{{"create", "", "pods", "", "<namespace>", "", ""}, {"update", "apps", "replicasets", "status", "<namespace>", "<app>-<hex8>", ""}}, 40 * time.Second},
		{"kube-system", "generic-garbage-collector", "kube-controller-manager/v1.31.2", []ask{{"get", "apps", "replicasets", "", "<namespace>", "<app>-<hex8>", ""}, {"delete", "", "pods", "", "<namespace>", "<pod>", ""}}, 60 * time.Second},
		{"argocd", "argocd-application-controller", "argocd-application-controller/v2.13.1", []ask{{"list", "apps", "deployments", "", "", "", "?limit=500"}, {"patch", "apps", "deployments", "", "<namespace>", "<app>", "?fieldManager=argocd-controller"}, {"watch", "", "services", "", "", "", "?watch=true"}, {"get", "", "secrets", "", "argocd", "argocd-secret", ""}, {"list", "", "secrets", "", "argocd", "", "?labelSelector=argocd.argoproj.io%2Fsecret-type%3Dcluster"}}, 20 * time.Second},
		{"monitoring", "prometheus", "Prometheus/3.0.1", []ask{{"watch", "", "pods", "", "", "", "?watch=true"}, {"list", "", "endpoints", "", "", "", "?limit=500"}, {"watch", "", "nodes", "", "", "", "?watch=true"}}, 30 * time.Second},
		{"kube-system", "cluster-autoscaler", "cluster-autoscaler/v1.31.1", []ask{{"list", "", "nodes", "", "", "", ""}, {"list", "policy", "poddisruptionbudgets", "", "", "", ""}, {"update", "", "configmaps", "", "kube-system", "cluster-autoscaler-status", ""}}, 15 * time.Second},
	} {
		a := &actor{
			bind: binds(c.v, "username", "system:serviceaccount:"+sa.namespace+":"+sa.name, "groups", authenticated, "ip", "10.20.17.<byte>", "agent", sa.agent+" (linux/amd64)"),
			bout: [2]int{1, 6}, gap: 300 * time.Millisecond, pause: sa.pause,
		}
		for _, q := range sa.asks {
			code := 200
			if q.verb == "create" {
				code = 201
			}
			a.lines.add(1, c.asked(q, code, "").or(c.asked(q, 409, ""), .01))
		}
		c.actors = append(c.actors, a)
	}
}

// people use kubectl.
func (c *cluster) people() {
	for _, name := range words(`ann.keller ben.moreau dev.patel felix.braun grace.okafor leo.fischer sven.dahl`) {
		a := &actor{
			bind: binds(c.v, "username", name+"@kestrel.example", "groups", `["developers","system:authenticated"]`, "ip", "<office>", "agent", "kubectl/v1.31.1 (darwin/arm64) kubernetes/948afe5"),
			hold: holds(c.v, "ip", "namespace", "pod", "app"), bout: [2]int{2, 20}, gap: 15 * time.Second, pause: 45 * time.Minute, rhythm: office(),
		}
		a.lines.add(8, c.asked(ask{"list", "", "pods", "", "<namespace>", "", "?limit=500"}, 200, ""))
		a.lines.add(5, c.asked(ask{"get", "", "pods", "log", "<namespace>", "<pod>", "?container=<app>&tailLines=200"}, 200, ""))
		a.lines.add(3, c.asked(ask{"get", "", "pods", "", "<namespace>", "<pod>", ""}, 200, "").or(c.asked(ask{"get", "", "pods", "", "<namespace>", "<pod>", ""}, 404, ""), .1))
		a.lines.add(2, c.asked(ask{"list", "apps", "deployments", "", "<namespace>", "", "?limit=500"}, 200, ""))
		a.lines.add(1, c.asked(ask{"list", "", "events", "", "<namespace>", "", "?limit=500"}, 200, ""))
		a.lines.add(.5, c.asked(ask{"patch", "apps", "deployments", "", "<namespace>", "<app>", "?fieldManager=kubectl-rollout"}, 200, "").or(c.asked(ask{"patch", "apps", "deployments", "", "<namespace>", "<app>", ""}, 403, ""), .2))
		a.lines.add(.1, c.asked(ask{"create", "", "pods", "exec", "<namespace>", "<pod>", "?command=sh&container=<app>&stdin=true&stdout=true&tty=true"}, 101, ""))
		c.actors = append(c.actors, a)
	}
}
