
  // ---- one finding

  const isWeb = (u) => /^https?:\/\/[^\s]+$/i.test(u);
  const link = (url, text) => (isWeb(url) ? el("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, text) : text);
  const techniqueURL = (id) => (/^T\d{4}(\.\d{3})?$/.test(id) ? "https://attack.mitre.org/techniques/" + id.replace(".", "/") + "/" : /^TA\d{4}$/.test(id) ? "https://attack.mitre.org/tactics/" + id + "/" : "");

  // The clipboard is not there for pages that were opened as files in every browser, so the old way is tried as well.
  async function copy(text, what) {
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      const box = el("textarea", { class: "unseen" });
      box.value = text;
      document.body.append(box);
      box.select();
      done = document.execCommand("copy");
      box.remove();
    }
    $("said").textContent = done ? what + " copied" : "This browser did not allow copying";
  }
  const copyButton = (text, what, label) => el("button", { type: "button", class: "copy", "aria-label": "Copy " + what, onclick: (e) => {
    copy(text, what);
    e.target.textContent = "Copied";
    setTimeout(() => { e.target.textContent = label; }, 1500);
  } }, label);

  // pretty lays out JSON with its parts told apart; any other text stays as it is.
  function pretty(raw) {
    let value;
    try { value = JSON.parse(raw); } catch { return [raw]; }
    if (value === null || typeof value !== "object") return [raw];
    // Numbers are shown as they were logged, which JSON.parse loses of long ones: the text is laid out, not the value.
    const out = [], tokens = raw.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) || [];
    let depth = 0;
    const line = () => "\n" + "  ".repeat(depth);
    tokens.forEach((t, i) => {
      const next = tokens[i + 1];
      if (t === "{" || t === "[") {
        if (next === "}" || next === "]") out.push(t);
        else { depth++; out.push(t + line()); }
      } else if (t === "}" || t === "]") {
        const before = tokens[i - 1];
        if (before === "{" || before === "[") out.push(t);
        else { depth--; out.push(line() + t); }
      } else if (t === ",") out.push("," + line());
      else if (t === ":") out.push(": ");
      else out.push(el("span", { class: t[0] !== '"' ? "n" : next === ":" ? "k" : "s" }, t));
    });
    return out;
  }

  function evidence(v) {
    const place = v.file + (v.line ? ":" + v.line : "");
    return el("article", { class: "evidence" },
      el("header", {},
        el("span", { class: "place" }, v.file, v.line ? el("mark", {}, ":" + v.line) : ""),
        el("time", {}, v.time === null ? "no time" : clock(v.time)),
        v.rule ? el("span", { class: "by" }, v.rule) : "",
        copyButton(v.raw, "event", "Copy"), copyButton(place, "place", "Copy place")),
      el("pre", { tabindex: "0" }, ...pretty(v.raw), v.cut ? " … (cut off)" : ""));
  }

  const part = (head, ...body) => (body.length ? [el("h3", {}, head), ...body] : []);
  const bullets = (items) => (items.length ? [el("ul", {}, ...items.map((i) => el("li", {}, i)))] : []);

  const stepButton = (label, sign, by) => el("button", { type: "button", class: "quiet", "aria-label": label, disabled: !list[list.indexOf(opened) + by],
    onclick: () => { select(list.indexOf(opened) + by, false); $("detail").focus(); } }, sign);

  function open(f, focus) {
    const box = $("detail"), r = f.rule, sev = severities[f.s];
    opened = f;
    const attack = [...r.tactics, ...r.techniques].map((t) => link(techniqueURL(t.id), t.id + " " + t.name));
    const others = f.count - f.evidence.length;
    box.className = "detail " + sev;
    box.replaceChildren(
      el("div", { class: "bar" }, el("span", { class: "sev " + sev }, sev), copyButton(f.fingerprint, "fingerprint", "Copy fingerprint"),
        stepButton("Previous finding", "‹", -1), stepButton("Next finding", "›", 1),
        el("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, "✕")),
      el("h2", { id: "d-title" }, r.title),
      el("p", { class: "hint" }, plural(f.count, "event") + " · " + span(f.first, f.last) + (f.format ? " · " + f.format : "")),
      r.description ? el("p", {}, r.description) : "",
      ...part("What to do next", ...(r.next ? [el("p", { class: "callout" }, r.next)] : [])),
      ...part("Notes", ...bullets(f.notes)),
      ...part("Who and where", ...(f.entities.length ? [el("table", {}, el("tbody", {}, ...f.entities.map(([kind, value, n]) => el("tr", {},
        el("td", {}, kinds[kind] || kind),
        el("td", {}, el("button", { type: "button", title: "Show findings about this", onclick: () => toggle(() => { want.entity = [kind, value]; }) }, value)),
        el("td", {}, plural(n, "event"))))))] : [])),
      ...part("ATT&CK", ...bullets(attack)),
      ...part("Known false positives", ...bullets(r.falsePositives)),
      ...part(others > 0 ? "Events, " + number(f.evidence.length) + " of " + number(f.count) : "Events", ...f.evidence.map(evidence)),
      ...part("References", ...bullets(r.references.map((u) => link(u, u)))),
      ...part("Rule", el("p", { class: "mono" }, [r.id, r.correlation, r.file].filter(Boolean).join(" · "))));
    box.hidden = false;
    box.scrollTop = 0;
    document.body.classList.add("open");
    history.replaceState(null, "", "#" + encodeURIComponent(f.fingerprint));
    if (focus) box.focus();
  }

  function close() {
    if (!opened) return;
    $("detail").hidden = true;
    document.body.classList.remove("open");
    history.replaceState(null, "", "#");
    const at = list.indexOf(opened);
    opened = null;
    if (at >= 0) select(at, true);
  }

  // ---- keys and clicks

  const findings = $("findings");
  if (findings) {
    findings.tBodies[0].addEventListener("click", (e) => {
      const tr = e.target.closest("tr");
      if (!tr || String(getSelection())) return;
      opened = null;
      select(+tr.dataset.i, false);
      open(list[+tr.dataset.i], true);
    });
    findings.tHead.addEventListener("click", (e) => {
      const by = e.target.dataset.sort;
      if (!by) return;
      order = { by, down: order.by === by ? !order.down : by === "severity" || by === "count" };
      refresh();
    });
    let wait;
    $("search").addEventListener("input", (e) => {
      clearTimeout(wait);
      wait = setTimeout(() => toggle(() => { want.terms = e.target.value.toLowerCase().split(/\s+/).filter(Boolean); }), 60);
    });
    $("more").addEventListener("click", () => draw(chunk));
    new IntersectionObserver((seen) => { if (seen.some((s) => s.isIntersecting)) draw(chunk); }, { rootMargin: "400px" }).observe($("more"));
    $("clear").addEventListener("click", () => {
      Object.assign(want, { tactic: null, technique: null, entity: null, from: null, to: null, terms: [] });
      want.severities.clear();
      $("search").value = "";
      refresh();
    });
    for (const b of document.querySelectorAll("[data-severity]")) {
      b.addEventListener("click", () => toggle(() => {
        const s = +b.dataset.severity;
        if (!want.severities.delete(s)) want.severities.add(s);
      }));
    }
    addEventListener("beforeprint", () => draw(list.length));
  }

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !findings) return;
    const typing = e.target.matches("input, textarea");
    if (e.key === "Escape") {
      if (opened) close();
      else if (typing) e.target.blur();
      else return;
    } else if (typing) {
      if (e.key !== "Enter" && e.key !== "ArrowDown") return;
      select(0, true);
    } else if (e.key === "/") {
      $("search").focus();
      $("search").select();
    } else if (e.key === "j" || e.key === "k" || (e.target.closest("#findings tbody") && (e.key === "ArrowDown" || e.key === "ArrowUp"))) {
      select(Math.max(0, Math.min(list.length - 1, current + (e.key === "j" || e.key === "ArrowDown" ? 1 : -1))), !opened);
    } else if (e.key === "Enter" && current >= 0 && e.target === document.body) {
      open(list[current], true);
    } else return;
    e.preventDefault();
  });

  $("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("gatehouse-theme", root.dataset.theme); } catch { /* a page opened as a file may keep nothing */ }
  });
  try {
    const kept = localStorage.getItem("gatehouse-theme");
    if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  } catch { /* likewise */ }

  // Beside the table the facets are always open; above it, on a narrow screen, they are when they are asked for.
  if ($("facets")) {
    const wide = matchMedia("(min-width: 1001px)");
    const fold = () => { $("facets").open = wide.matches; };
    wide.addEventListener("change", fold);
    fold();
  }
  refresh();
  document.body.classList.add("drawn");
  let linked = "";
  try { linked = decodeURIComponent(location.hash.slice(1)); } catch { /* no link of this page */ }
  const first = linked ? list.findIndex((f) => f.fingerprint === linked) : -1;
  if (first >= 0) { select(first, false); open(list[first], false); }
})();
