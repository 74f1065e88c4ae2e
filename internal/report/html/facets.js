
  // ---- the views that filter

  // The buttons are drawn anew, so the focus is given to the one that now stands where it was.
  function toggle(change, focus) {
    const key = focus || (document.activeElement && document.activeElement.dataset.key);
    change();
    refresh();
    if (key) [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === key)?.focus({ preventScroll: true });
  }

  function drawChips() {
    const chips = [];
    const chip = (text, drop) => chips.push(el("button", { type: "button", class: "chip", "aria-label": "Remove filter " + text, onclick: () => toggle(drop) }, text));
    for (const s of want.severities) chip(severities[s], () => want.severities.delete(s));
    if (want.from !== null) chip(clock(want.from).slice(0, 16) + " – " + clock(want.to).slice(0, 16), () => { want.from = want.to = null; });
    if (want.technique !== null || want.tactic !== null) chip(want.technique || tacticName(want.tactic), () => { want.technique = want.tactic = null; });
    if (want.entity !== null) chip((kinds[want.entity[0]] || want.entity[0]) + ": " + middle(want.entity[1], 40), () => { want.entity = null; });
    $("chips").replaceChildren(...chips);
  }

  const tacticName = (id) => (data.tactics.find((t) => t.id === id) || { name: id }).name;

  // The tactics in the order of an attack, each with how many findings are under it.
  function drawChain() {
    const under = new Map(data.tactics.map((t) => [t.id, { n: 0, all: 0, worst: 0 }]));
    for (const f of all) {
      const ok = fits(f, "technique");
      for (const id of new Set(f.rule.places.map((p) => p.tactic))) {
        const t = under.get(id);
        t.all++;
        if (ok) { t.n++; t.worst = Math.max(t.worst, f.s); }
      }
    }
    const box = $("chain");
    const absent = data.tactics.filter((t) => under.get(t.id).all === 0).map((t) => t.name);
    $("chain-absent").textContent = absent.length ? "Nothing under " + absent.join(", ") + "." : "";
    box.replaceChildren(...data.tactics.filter((t) => under.get(t.id).all > 0).map((t) => {
      const { n, worst } = under.get(t.id);
      const on = want.tactic === t.id && want.technique === null;
      return el("button", { type: "button", class: "link " + (n ? severities[worst] : "zero"), "data-key": "tactic " + t.id, "aria-pressed": on,
        "aria-label": t.name + ", " + plural(n, "finding"), onclick: () => toggle(() => { want.tactic = on ? null : t.id; want.technique = null; }) },
        el("b", {}, number(n)), el("span", {}, t.name));
    }));
  }

  // What does not fit into so many lines is shown when it is asked for.
  const lines = 5, unfolded = new Set();
  function folded(id, items) {
    if (items.length <= lines + 1 || unfolded.has(id)) return items;
    return [...items.slice(0, lines), el("button", { type: "button", class: "unfold", onclick: () => toggle(() => unfolded.add(id), items[lines].dataset.key) }, number(items.length - lines) + " more")];
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
    const boxes = [];
    for (const t of data.tactics) {
      const here = [...cells.values()].filter((c) => c.tactic === t.id).sort((a, b) => b.n - a.n || b.worst - a.worst || (a.technique < b.technique ? -1 : 1));
      if (here.length === 0) continue;
      boxes.push(el("div", { class: "tactic" }, el("h3", {}, t.name), ...folded(t.id, here.map((c) => {
        const on = want.tactic === c.tactic && want.technique === c.technique;
        return el("button", { type: "button", class: "cell " + severities[c.worst] + (c.n ? "" : " zero"), "data-key": "cell " + c.tactic + c.technique, "aria-pressed": on, onclick: () => toggle(() => { want.tactic = on ? null : c.tactic; want.technique = on ? null : c.technique; }) },
          el("span", {}, ...breakable(c.name || "no technique named"), el("i", {}, c.technique)), el("b", {}, number(c.n)));
      }))));
    }
    $("matrix").replaceChildren(...boxes);
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
      const top = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 30);
      if (top.length === 0) continue;
      boxes.push(el("div", {}, el("h3", {}, kinds[kind], counts.size > 1 ? el("small", {}, number(counts.size)) : ""), ...folded(kind, top.map(([value, n]) => {
        const on = want.entity !== null && want.entity[0] === kind && want.entity[1] === value;
        return el("button", { type: "button", class: "entity", title: value, "data-key": "entity " + kind + value, "aria-pressed": on, onclick: () => toggle(() => { want.entity = on ? null : [kind, value]; }) },
          el("svg", { viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" }, el("rect", { width: (100 * n) / top[0][1], height: 1 })),
          el("span", {}, middle(value, 34)), el("b", {}, number(n)));
      }))));
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
