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
    drawChips(); drawMatrix(); drawEntities(); drawChart();
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

  // ---- the views that filter

  const toggle = (change) => { change(); refresh(); };

  function drawChips() {
    const chips = [];
    const chip = (text, drop) => chips.push(el("button", { type: "button", class: "chip", "aria-label": "Remove filter " + text, onclick: () => toggle(drop) }, text));
    for (const s of want.severities) chip(severities[s], () => want.severities.delete(s));
    if (want.from !== null) chip(clock(want.from).slice(0, 16) + " – " + clock(want.to).slice(0, 16), () => { want.from = want.to = null; });
    if (want.technique !== null || want.tactic !== null) chip(want.technique ?? want.tactic, () => { want.technique = want.tactic = null; });
    if (want.entity !== null) chip((kinds[want.entity[0]] || want.entity[0]) + ": " + middle(want.entity[1], 60), () => { want.entity = null; });
    $("chips").replaceChildren(...chips);
  }

  function drawMatrix() {
    const cells = new Map();
    for (const f of all) {
      const ok = fits(f, "technique");
      for (const p of f.rule.places) {
        const id = p.tactic + "\n" + p.technique;
        let c = cells.get(id);
        if (!c) cells.set(id, (c = { ...p, n: 0, worst: 0 }));
        if (ok) c.n++;
        c.worst = Math.max(c.worst, f.s);
      }
    }
    const columns = [], absent = [];
    for (const t of data.tactics) {
      const here = [...cells.values()].filter((c) => c.tactic === t.id).sort((a, b) => b.n - a.n || b.worst - a.worst || (a.technique < b.technique ? -1 : 1));
      if (here.length === 0) { if (t.id.startsWith("TA")) absent.push(t.name); continue; }
      columns.push(el("div", { class: "tactic" }, el("h3", {}, t.name), ...here.map((c) => {
        const on = want.tactic === c.tactic && want.technique === c.technique;
        return el("button", { type: "button", class: "cell " + severities[c.worst] + (c.n ? "" : " zero"), "aria-pressed": on, onclick: () => toggle(() => { want.tactic = on ? null : c.tactic; want.technique = on ? null : c.technique; }) },
          el("span", {}, ...breakable(c.name || "no technique named")), el("i", {}, c.technique), el("b", {}, number(c.n)));
      })));
    }
    const box = $("matrix");
    box.replaceChildren(...columns);
    box.nextElementSibling?.remove();
    if (absent.length && columns.length) box.after(el("p", { class: "hint empty" }, "Nothing under " + absent.join(", ") + "."));
  }

  function drawEntities() {
    const by = new Map(Object.keys(kinds).map((k) => [k, new Map()]));
    for (const f of all) {
      if (!fits(f, "entity")) continue;
      for (const [kind, value] of f.entities) {
        const m = by.get(kind);
        if (m) m.set(value, (m.get(value) || 0) + 1);
      }
    }
    const boxes = [];
    for (const [kind, counts] of by) {
      const top = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 6);
      if (top.length === 0) continue;
      boxes.push(el("div", {}, el("h3", {}, kinds[kind] + (counts.size > top.length ? ", top " + top.length + " of " + number(counts.size) : "")), ...top.map(([value, n]) => {
        const on = want.entity !== null && want.entity[0] === kind && want.entity[1] === value;
        return el("button", { type: "button", class: "entity", title: value, "aria-pressed": on, onclick: () => toggle(() => { want.entity = on ? null : [kind, value]; }) },
          el("svg", { viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" }, el("rect", { width: (100 * n) / top[0][1], height: 1 })),
          el("span", {}, middle(value, 30)), el("b", {}, number(n)));
      })));
    }
    $("entities").replaceChildren(...boxes);
  }

  // ---- the chart

  const chart = $("chart"), bars = data.histogram;
  let cursor = 0, anchor = 0;
  function drawChart(a, b) {
    if (!chart) return;
    const brush = $("brush");
    if (a === undefined && want.from !== null) {
      a = bars.findIndex((x) => x.t + x.w > want.from);
      b = bars.findLastIndex((x) => x.t < want.to);
    }
    const on = a !== undefined;
    brush.setAttribute("x", on ? a : 0);
    brush.setAttribute("width", on ? b - a + 1 : 0);
    chart.classList.toggle("cut", on);
    for (const r of chart.querySelectorAll("svg rect:not(.brush)")) {
      const x = +r.getAttribute("x");
      r.classList.toggle("in", on && x >= a && x < b + 1);
      r.classList.toggle("off", want.severities.size > 0 && !want.severities.has(severities.indexOf(r.classList[0])));
    }
  }
  function tell(a, b) {
    const sum = [0, 0, 0, 0, 0];
    for (let i = a; i <= b; i++) bars[i].c.forEach((n, s) => (sum[s] += n));
    const parts = sum.map((n, s) => [n, severities[s]]).filter((x) => x[0] > 0).reverse().map((x) => number(x[0]) + " " + x[1]);
    $("chart-now").textContent = clock(bars[a].t).slice(0, 16) + " – " + clock(bars[b].t + bars[b].w).slice(0, 16) + " UTC: " + (parts.length ? parts.join(", ") : "nothing");
  }
  function narrow(a, b) {
    want.from = bars[a].t;
    want.to = bars[b].t + bars[b].w;
    refresh();
  }
  if (chart && bars.length) {
    const at = (e) => {
      const r = chart.getBoundingClientRect();
      return Math.max(0, Math.min(bars.length - 1, Math.floor(((e.clientX - r.left) / r.width) * bars.length)));
    };
    let dragging = false;
    chart.addEventListener("pointerdown", (e) => {
      if (e.button !== 0) return;
      dragging = true; anchor = cursor = at(e);
      chart.setPointerCapture(e.pointerId);
    });
    chart.addEventListener("pointermove", (e) => {
      const i = at(e);
      if (dragging) { cursor = i; drawChart(Math.min(anchor, i), Math.max(anchor, i)); tell(Math.min(anchor, i), Math.max(anchor, i)); } else tell(i, i);
    });
    chart.addEventListener("pointerup", () => {
      if (!dragging) return;
      dragging = false;
      const a = Math.min(anchor, cursor), b = Math.max(anchor, cursor);
      if (want.from === bars[a].t && want.to === bars[b].t + bars[b].w) toggle(() => { want.from = want.to = null; });
      else narrow(a, b);
    });
    chart.addEventListener("pointercancel", () => { dragging = false; drawChart(); });
    chart.addEventListener("pointerleave", () => { if (!dragging) $("chart-now").textContent = "\u00a0"; });
    chart.addEventListener("keydown", (e) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -bars.length, End: bars.length }[e.key];
      if (step) {
        cursor = Math.max(0, Math.min(bars.length - 1, cursor + step));
        if (!e.shiftKey) anchor = cursor;
      } else if (e.key === "Enter") narrow(Math.min(anchor, cursor), Math.max(anchor, cursor));
      else if (e.key === "Escape" && want.from !== null) toggle(() => { want.from = want.to = null; });
      else return;
      e.preventDefault(); e.stopPropagation();
      if (e.key === "Escape") return;
      drawChart(Math.min(anchor, cursor), Math.max(anchor, cursor));
      tell(Math.min(anchor, cursor), Math.max(anchor, cursor));
    });
  }
