"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const severities = ["informational", "low", "medium", "high", "critical"];
  const kinds = { source_ip: "Source address", principal: "Principal", account: "Account", region: "Region", resource: "Resource", host: "Host", dest_ip: "Destination", user_agent: "User agent" };
  const chunk = 150;
  const $ = (id) => document.getElementById(id);

  // el makes an element. Text is only ever set as text, never as markup.
  function el(tag, props, ...children) {
    const e = tag === "svg" || tag === "rect" ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [k, v] of Object.entries(props || {})) {
      if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
      else if (k.startsWith("aria-")) e.setAttribute(k, String(v));
      else if (v !== null && v !== undefined && v !== false) e.setAttribute(k, v === true ? "" : v);
    }
    e.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
    return e;
  }

  const number = (n) => n.toLocaleString("en-US");
  const plural = (n, one, many) => (n === 1 ? "1 " + one : number(n) + " " + (many || one + "s"));
  // Of names and ARNs the end tells most, so what is too long is cut in its middle.
  const middle = (s, most) => (s.length <= most ? s : s.slice(0, most / 3) + "…" + s.slice(s.length - (most * 2) / 3 + 1));
  const breakable = (s) => s.split(/(?<=\/)/).flatMap((w, i) => (i ? [el("wbr"), w] : [w]));
  const clock = (ms) => (ms === null ? "unknown" : new Date(ms).toISOString().slice(0, 19).replace("T", " "));
  const span = (a, z) => {
    if (a === null) return "time unknown";
    const from = clock(a), to = clock(z);
    return from === to ? from + " UTC" : from + " – " + (from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to) + " UTC";
  };

  const rules = data.rules, all = data.findings;
  for (const f of all) {
    f.rule = rules[f.r];
    f.hay = [f.rule.title, f.rule.id, f.rule.description, severities[f.s], f.format, ...f.key, ...f.entities.map((e) => e[1]),
      ...f.rule.techniques.flatMap((t) => [t.id, t.name]), ...f.rule.tactics.flatMap((t) => [t.id, t.name]), ...f.evidence.map((v) => v.file)].join("\n").toLowerCase();
  }

  // What is asked for. Each of these narrows; all must fit.
  const want = { severities: new Set(), tactic: null, technique: null, entity: null, from: null, to: null, terms: [] };
  let order = { by: "severity", down: true };
  let list = all, drawn = 0, current = -1, opened = null;

  const hasTerms = (f) => want.terms.every((t) => {
    if (f.hay.includes(t)) return true;
    f.raw ??= f.evidence.map((v) => v.raw).join("\n").toLowerCase();
    return f.raw.includes(t);
  });
  const hasTechnique = (f) => f.rule.places.some((p) => (want.tactic === null || p.tactic === want.tactic) && (want.technique === null || p.technique === want.technique));
  const hasEntity = (f) => f.entities.some((e) => e[0] === want.entity[0] && e[1] === want.entity[1]);
  function fits(f, except) {
    return (want.severities.size === 0 || except === "severity" || want.severities.has(f.s)) &&
      (want.from === null || (f.first !== null && f.first < want.to && f.last >= want.from)) &&
      (want.technique === null && want.tactic === null || except === "technique" || hasTechnique(f)) &&
      (want.entity === null || except === "entity" || hasEntity(f)) &&
      (want.terms.length === 0 || hasTerms(f));
  }

  const keysOf = {
    severity: (f) => f.s, title: (f) => f.rule.title.toLowerCase(), first: (f) => f.first ?? -Infinity, count: (f) => f.count,
    technique: (f) => (f.rule.techniques[0] || f.rule.tactics[0] || { id: "~" }).id,
  };
  function sort(fs) {
    const key = keysOf[order.by], sign = order.down ? -1 : 1;
    return fs.map((f, i) => [key(f), i, f]).sort((a, b) => (a[0] < b[0] ? -sign : a[0] > b[0] ? sign : a[1] - b[1])).map((x) => x[2]);
  }

  function refresh() {
    if (!$("findings")) return;
    list = sort(all.filter((f) => fits(f)));
    current = opened ? list.indexOf(opened) : -1;
    $("findings").tBodies[0].replaceChildren();
    drawn = 0;
    draw(chunk);
    $("findings").hidden = list.length === 0;
    $("none").hidden = list.length > 0;
    $("shown").textContent = list.length === all.length ? plural(all.length, "finding") : number(list.length) + " of " + plural(all.length, "finding");
    for (const th of $("findings").tHead.rows[0].cells) {
      const by = th.firstElementChild.dataset.sort;
      if (by === order.by) th.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    }
    drawChips(); drawChain(); drawMatrix(); drawEntities(); drawChart();
    for (const b of document.querySelectorAll("[data-severity]")) b.setAttribute("aria-pressed", want.severities.has(+b.dataset.severity));
  }

  // ---- the table

  function draw(n) {
    const rows = document.createDocumentFragment();
    const until = Math.min(list.length, drawn + n);
    for (; drawn < until; drawn++) rows.append(row(list[drawn], drawn));
    $("findings").tBodies[0].append(rows);
    $("more").hidden = drawn >= list.length;
    $("more").textContent = "Show more (" + number(list.length - drawn) + " left)";
  }

  function row(f, i) {
    const tech = f.rule.techniques[0] || f.rule.tactics[0];
    const more = f.rule.techniques.length - 1;
    return el("tr", { "data-i": i, "aria-selected": i === current },
      el("td", { class: "c-sev" }, el("span", { class: "sev " + severities[f.s] }, severities[f.s] === "informational" ? "info" : severities[f.s])),
      el("td", { class: "c-title" }, el("button", { type: "button", class: "title", tabindex: i === Math.max(current, 0) ? 0 : -1 }, f.rule.title), el("span", { class: "who" }, f.who),
        el("span", { class: "next" }, f.rule.next)),
      el("td", { class: "c-time" }, f.first === null ? "–" : clock(f.first)),
      el("td", { class: "c-count" }, number(f.count)),
      el("td", { class: "c-tech" }, tech ? tech.id + " " + tech.name + (more > 0 ? " +" + more : "") : ""));
  }

  function select(i, focus) {
    if (i < 0 || i >= list.length) return;
    while (drawn <= i) draw(chunk);
    const body = $("findings").tBodies[0];
    const before = body.rows[Math.max(current, 0)];
    if (before) { before.setAttribute("aria-selected", "false"); before.querySelector(".title").tabIndex = -1; }
    current = i;
    const tr = body.rows[i], title = tr.querySelector(".title");
    tr.setAttribute("aria-selected", "true");
    title.tabIndex = 0;
    if (focus) title.focus({ preventScroll: true });
    tr.scrollIntoView({ block: "nearest" });
    if (opened) open(list[i], false);
  }
