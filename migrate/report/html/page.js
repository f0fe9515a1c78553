"use strict";
// Everything here improves a page that is whole without it: one state in the address, text set as text only.
const core = {
  // The model of migrate/effort/estimate.py: findings a, project costs b, reserve, tuning, one log-normal total.
  triple: (t) => { const m = (t[0] + 4 * t[1] + t[2]) / 6; return [m, (m - t[0]) * (t[2] - m) / 7]; },
  product: (m, v, f, fv) => [m * f, (v + m * m) * (fv + f * f) - (m * f) * (m * f)],
  compute(e, w, x) {
    // Kernels by way [number, mean, variance]: of those told to go to operators the assumption's share does, the others are written anew.
    const told = (k) => e.ways[k] ? e.ways[k][0] : 0, there = told("operator") + told("composed");
    const number = { operator: told("operator") * x.operators, composed: told("composed") * x.operators, write: told("write") + there * (1 - x.operators), risk: told("risk") };
    const moving = { operator: 0, composed: 0, write: 0, risk: 0 };
    let a = e.a[0], va = e.a[1];
    for (const [k, [, mean, variance]] of Object.entries(e.ways)) { moving[k] = number[k] * mean; a += moving[k]; va += number[k] * number[k] * variance; }
    const tune = core.triple(w.tuning);
    const res = core.triple(w.reserve[1] ? w.reserve.map((v) => x.reserve * v / w.reserve[1]) : w.reserve);
    const [ea, eva] = core.product(a, va, 1 + x.tuning * tune[0], x.tuning * x.tuning * tune[1]);
    const mult = x.team * x.tests * x.hardware * x.ai;
    let [hours, variance] = core.product(ea + e.b[0], eva + e.b[1], 1 + res[0], res[1]);
    hours *= mult; variance *= mult * mult;
    const spread = hours ? Math.log1p(variance / (hours * hours)) : 0;
    const sigma = Math.sqrt(spread + e.sigma * e.sigma), median = Math.exp(-spread / 2);
    const p50 = e.factor * hours * median / e.hours_per_day, wide = Math.exp(w.z90 * sigma);
    return { p10: p50 / wide, p50, p90: p50 * wide, share: e.factor * mult * median / e.hours_per_day,
      moving: { ...moving, tuning: ea - a, reserve: (ea + e.b[0]) * res[0] } };
  },
  two(v) { if (!v || !isFinite(v)) return v; const d = 1 - Math.floor(Math.log10(Math.abs(v))), s = 10 ** Math.abs(d);
    return Number((d > 0 ? Math.floor(v * s + 0.5) / s : Math.floor(v / s + 0.5) * s).toPrecision(10)); },
  thousands: (v, d) => { const [i, f] = v.toFixed(d).split("."); return i.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (f ? "." + f : ""); },
  number(v) { const r = core.two(v); if (!r) return "0"; return core.thousands(r, Math.max(0, 1 - Math.floor(Math.log10(Math.abs(r))))); },
};
if (typeof module !== "undefined") module.exports = core;
if (typeof document !== "undefined") (function () {
  const $ = (s, n) => (n || document).querySelector(s), $$ = (s, n) => [...(n || document).querySelectorAll(s)];
  const words = JSON.parse($("#words").textContent), model = JSON.parse($("#estimates").textContent);
  const ORDER = ["auto", "check", "adapt", "rewrite", "unsupported", "unknown"];
  const root = document.documentElement, projects = $$(".project");
  const views = $$(".view", projects[0]).map((n) => n.dataset.view);
  const fresh = () => ({ view: views[0], project: 0, target: "", library: "", folder: "", rule: "", text: "", path: "", sort: "hours", off: ["auto"] });
  let state = fresh(), assume = { ...model.start };
  const opened = new Map(), loaded = [];
  root.classList.add("on");
  const lang = () => $("#lang-zh").checked ? "zh-CN" : "en";
  function t(id, values) {
    let s = words[lang()][id] || id;
    const forms = s.split(" | ");
    s = forms.length > 1 && values && values.n !== 1 ? forms[1] : forms[0];
    return s.replace(/\{(\w+)\}/g, (m, k) => values && k in values ? (typeof values[k] === "number" ? core.thousands(values[k], 0) : values[k]) : m);
  }
  function el(tag, attrs, ...kids) {
    const n = document.createElement(tag);
    for (const [k, v] of Object.entries(attrs || {})) if (k === "on") n.addEventListener("click", v); else n.setAttribute(k, v);
    n.append(...kids);
    return n;
  }
  // A path breaks at its folders, which stand back behind the file's name.
  function path(p, line) {
    const at = p.lastIndexOf("/") + 1, name = p.slice(at) + (line ? ":" + line : "");
    if (!at) return [name];
    const dir = el("span", { class: "dir" });
    for (const part of p.slice(0, at - 1).split("/")) dir.append(part + "/", el("wbr"));
    return [dir, name];
  }
  const article = () => projects[state.project];
  const here = (s) => $$(s, article());

  // -- numbers -------------------------------------------------------------------------------------------------
  const axis = (() => {
    const r = model.estimates.filter((e) => !e.old).map((e) => e.range).filter((v) => v[1] > 0);
    const low = Math.min(...r.map((v) => v[0]), Infinity) / 1.3, high = Math.max(...r.map((v) => v[2]), 0) * 1.3;
    const a = Math.log(Math.max(low, 0.02)), b = Math.log(Math.max(high, low * 10));
    return (d) => 46 + Math.min(Math.max((Math.log(Math.max(d, 1e-9)) - a) / (b - a), 0), 1) * 268;
  })();
  let results = [];
  function days(formula) {
    const [n, sum] = formula.split("|"), r = results[n];
    return sum.split("+").reduce((s, p) => s + (p in r.moving ? r.moving[p] : Number(p)), 0) * r.share;
  }
  function recompute() {
    results = model.estimates.map((e) => core.compute(e, model, assume));
    for (const n of $$("[data-p]")) { const [e, k, one] = n.dataset.p.split(":"), v = results[e][k]; n.textContent = one ? core.thousands(v, 1) : core.number(v); }
    for (const n of $$("[data-d]")) n.textContent = core.thousands(days(n.dataset.d), Number(n.dataset.digits || 1));
    for (const n of $$("[data-left]")) { const [e, k, part] = n.dataset.left.split(":"); n.textContent = core.number(results[e][k] * part); }
    const years = new Map();
    for (const n of $$("[data-year]")) { const v = results[n.dataset.year].p50 + 12 * model.estimates[n.dataset.year].upkeep; n.textContent = core.number(v); years.set(n, v); }
    for (const body of $$(".ways tbody")) { const all = $$("[data-year]", body), best = Math.min(...all.map((n) => years.get(n)));
      for (const n of all) n.previousElementSibling.hidden = years.get(n) !== best; }
    for (const n of $$("[data-range]")) {
      const r = results[n.dataset.range], [a, b, c] = [axis(r.p10), axis(r.p50), axis(r.p90)];
      const set = (s, k, v) => $(s, n).setAttribute(k, v.toFixed(1));
      set(".body", "x", a); set(".body", "width", c - a); set(".mark", "x", b - 2); set(".low", "x", a - 6); set(".mid", "x", b); set(".high", "x", c + 6);
      $(".low", n).textContent = core.number(r.p10); $(".mid", n).textContent = core.number(r.p50); $(".high", n).textContent = core.number(r.p90);
      n.setAttribute("aria-label", `P10 ${core.number(r.p10)}, P50 ${core.number(r.p50)}, P90 ${core.number(r.p90)}`);
    }
    for (const body of $$("[data-bars]")) {
      const rows = $$("tr", body).map((r) => [$("rect", r), days($("[data-d]", r).dataset.d)]), most = Math.max(...rows.map((r) => r[1]), 1e-9);
      for (const [rect, v] of rows) rect.setAttribute("width", (100 * v / most).toFixed(1));
    }
    for (const svg of $$("[data-waves]")) lay($$("rect", svg), $$("[data-d]", svg.nextElementSibling), 3);
    for (const fall of $$("[data-fall]")) lay($$(".frow2:not(.sum) > summary > svg:last-of-type rect", fall), $$(".frow2 > summary > .r > [data-d]", fall), 0);
    const changed = Object.keys(assume).filter((k) => Math.abs(assume[k] - model.start[k]) > 1e-9);
    for (const n of $$("[data-changed]")) n.textContent = changed.length ? t("page.changed", { n: changed.length }) : t("page.changed-none");
    for (const n of $$("[data-value]")) { const k = n.dataset.value; n.textContent = said(k, assume[k]); n.classList.toggle("moved", changed.includes(k));
      if (changed.includes(k)) n.append(el("small", {}, t("page.factor-one", { start: said(k, model.start[k]) }))); }
    for (const n of $$("[data-assume]")) { if (Number(n.value) !== assume[n.dataset.assume]) n.value = assume[n.dataset.assume]; n.setAttribute("aria-valuetext", said(n.dataset.assume, assume[n.dataset.assume])); }
  }
  const said = (k, v) => ["reserve", "operators", "tuning"].includes(k) ? (k === "tuning" && !v ? t("page.assume-tuning-low") : Math.round(100 * v) + "%") : String(Number(v.toFixed(2))).replace(/^(\d+)$/, "$1.0");
  function lay(rects, nodes, gap) {
    const values = nodes.map((n) => days(n.dataset.d)), sum = values.reduce((a, b) => a + b, 0) || 1;
    let x = 0;
    rects.forEach((r, i) => { const w = 1000 * values[i] / sum; r.setAttribute("x", x.toFixed(1)); r.setAttribute("width", Math.max(w - gap, 0).toFixed(1)); x += w; });
  }

  // -- the address -----------------------------------------------------------------------------------------------
  function taken(q) {
    const s = fresh();
    for (const k of ["view", "target", "library", "folder", "rule", "text", "path", "sort"]) if (q.has(k)) s[k] = q.get(k);
    if (!views.includes(s.view)) s.view = views[0];
    if (q.has("off")) s.off = q.get("off").split(",").filter((c) => ORDER.includes(c));
    return s;
  }
  function read() {
    const q = new URLSearchParams(location.hash.slice(1)), s = taken(q);
    if (views.includes(location.hash.slice(1))) s.view = location.hash.slice(1);
    s.project = Math.min(Math.max(parseInt(q.get("project"), 10) || 0, 0), projects.length - 1);
    if (q.has("lang")) (q.get("lang") === "zh" ? $("#lang-zh") : $("#lang-en")).checked = true;
    assume = { ...model.start };
    for (const [k, [, low, high]] of Object.entries(model.assumptions)) { const v = parseFloat(q.get("a." + k)); if (isFinite(v)) assume[k] = Math.min(Math.max(v, low), high); }
    state = s;
  }
  function write() {
    const q = new URLSearchParams(), d = fresh();
    for (const [k, v] of Object.entries(state)) if (String(v) !== String(d[k])) q.set(k, String(v));
    for (const k of Object.keys(assume)) if (assume[k] !== model.start[k]) q.set("a." + k, String(assume[k]));
    q.set("lang", lang() === "en" ? "en" : "zh");
    history.replaceState(null, "", "#" + q.toString());
  }

  // -- places ------------------------------------------------------------------------------------------------------
  async function places(p) {
    if (loaded[p]) return loaded[p];
    if (typeof DecompressionStream === "undefined") return null;
    const raw = Uint8Array.from(atob($(`[data-places-of="${p}"]`).textContent), (c) => c.charCodeAt(0));
    const json = await new Response(new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
    json.folderOf = json.files.map((f) => f.includes("/") ? f.slice(0, f.lastIndexOf("/")) : ".");
    return (loaded[p] = json);
  }
  let data = null;
  const bar = (counts, most) => {
    const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg");
    svg.setAttribute("class", "share"); svg.setAttribute("viewBox", "0 0 400 9"); svg.setAttribute("preserveAspectRatio", "none"); svg.setAttribute("aria-hidden", "true");
    // As `Figures.bars`: a part that is there is wide enough to be seen, and the whole is no longer for it.
    const shown = ORDER.filter((c) => counts[c]), whole = sum(counts) || 1, space = Math.max(400 * whole / most - 2 * (shown.length - 1), 0);
    const small = shown.filter((c) => space * counts[c] / whole < 5), rest = Math.max(space - 5 * small.length, 0), large = whole - small.reduce((n, c) => n + counts[c], 0) || 1;
    let x = 0;
    for (const c of shown) { const r = document.createElementNS(ns, "rect"), w = small.includes(c) ? 5 : Math.max(rest * counts[c] / large, 1);
      for (const [k, v] of Object.entries({ class: "f-" + c, x, y: 0.5, width: w, height: 8 })) r.setAttribute(k, v);
      svg.append(r); x += w + 2; }
    return svg;
  };
  function scan() {
    const tt = data.targets[state.target], exact = /^".+"$/s.test(state.text) ? state.text.slice(1, -1) : "", text = exact ? "" : state.text.toLowerCase(), off = new Set(state.off);
    const keyOk = data.names.map((n, k) => {
      const a = tt.answers[k]; if (a < 0) return 0;
      const row = tt.table[a];
      if (state.library && (n[1] || "-") !== state.library) return 0;
      if (state.rule && row[0] !== state.rule) return 0;
      if (exact) return n[0] === exact ? 2 : 0;
      const hit = !text || n[0].toLowerCase().includes(text) || row[0].toLowerCase().includes(text) || row[2].toLowerCase().includes(text) || row[6].toLowerCase().includes(text) || row[7].includes(text);
      return hit ? 2 : 1;
    });
    const rules = new Map(), folders = new Map(), files = new Map(), classes = {}, of = []; let shown = 0, all = 0;
    // Rules by number of the answer, and one list a file: a place costs no look-up.
    const ruleOf = (a) => { const key = tt.table[a][0] + "|" + tt.table[a][1]; let r = rules.get(key); if (!r) rules.set(key, r = { places: 0, files: new Map(), at: -1, list: null }); return (of[a] = r); };
    for (let f = 0; f < data.files.length; f++) {
      const path = data.files[f], folder = data.folderOf[f], inPath = text && path.toLowerCase().includes(text);
      const inFolder = (!state.folder || folder === state.folder || folder.startsWith(state.folder + "/")) && (!state.path || path === state.path);
      const row = data.uses[f]; let line = 0, number = 0, counts = folders.get(folder);
      for (let i = 0; i < row.length; i += 2) {
        line += row[i + 1]; const k = row[i], a = tt.answers[k]; if (a < 0) continue;
        all++;
        if (!inFolder) continue;
        const ok = keyOk[k]; if (!ok || (ok === 1 && !inPath)) continue;
        const cls = tt.table[a][1]; classes[cls] = (classes[cls] || 0) + 1;
        if (off.has(cls)) continue;
        number++;
        const r = of[a] || ruleOf(a);
        r.places++; if (r.at !== f) { r.at = f; r.files.set(f, r.list = []); } r.list.push(line, k);
        if (!counts) folders.set(folder, counts = {}); counts[cls] = (counts[cls] || 0) + 1;
      }
      if (number) files.set(f, number);
      shown += number;
    }
    return { rules, folders, files, classes, shown, all };
  }
  const sum = (o) => Object.values(o).reduce((a, b) => a + b, 0);
  let found = null;
  function filter() {
    const block = here(".block.now")[0]; if (!block || !data || !data.targets[state.target]) return;
    found = scan();
    const nodes = $$("[data-rules] > details", block); let seen = 0, hours = 0, hiddenPlaces = 0;
    for (const n of nodes) {
      const r = found.rules.get(n.dataset.rule); n.hidden = !r;
      if (r) { seen++; hours += Number(n.dataset.hours); $("[data-n=places]", n).textContent = core.thousands(r.places, 0); $("[data-n=files]", n).textContent = core.thousands(r.files.size, 0); if (n.open) fill(n); }
    }
    const value = { hours: (n) => -n.dataset.hours, places: (n) => -(found.rules.get(n.dataset.rule) || { places: 0 }).places, files: (n) => -(found.rules.get(n.dataset.rule) || { files: new Map() }).files.size, id: (n) => n.dataset.rule }[state.sort] || ((n) => -n.dataset.hours);
    const sorted = nodes.map((n) => [value(n), n]).sort((a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1].dataset.rule < b[1].dataset.rule ? -1 : 1).map(([, n]) => n);
    if (sorted.some((n, i) => n !== nodes[i])) nodes[0].parentNode.append(...sorted);
    for (const n of $$("[data-sort]", block)) n.setAttribute("aria-pressed", String(n.dataset.sort === state.sort));
    const hidden = $("[data-hidden]", block); hidden.replaceChildren();
    const gone = nodes.length - seen;
    if (!seen) hidden.append(empty());
    else if (gone) hidden.append(t("page.rule-hidden", { n: gone, places: found.all - found.shown }), " ", el("button", { class: "morebtn", type: "button", on: clear }, t("page.clear")));
    for (const c of ORDER) for (const n of here(`[data-count=${c}]`)) n.textContent = core.thousands(found.classes[c] || 0, 0);
    for (const n of here("[data-shown]")) n.textContent = t("page.in-view", { shown: found.shown, all: found.all, rules: seen, every: nodes.length });
    spots(block);
  }
  function empty() {
    const box = el("div", { class: "empty" }, el("p", {}, t("page.none-here"))), list = el("ul");
    const tries = [["library", ""], ["folder", ""], ["path", ""], ["rule", ""], ["text", ""], ["off", []]];
    for (const [k, none] of tries) {
      if (!String(state[k])) continue;
      const keep = state[k]; state[k] = none; const n = scan().shown; state[k] = keep;
      if (n) { const what = k === "off" ? state.off.map((c) => t("page.class-" + c)).join(", ") : keep;
        list.append(el("li", {}, t("page.filter-hides", { filter: what, n }))); }
    }
    box.append(list, el("button", { class: "btn", type: "button", on: clear }, t("page.clear")));
    return box;
  }
  function clear() { Object.assign(state, { library: "", folder: "", rule: "", text: "", path: "", off: [] }); apply(); }
  function spots(block) {
    const list = (key, rows, more) => { const box = $(`[data-list=${key}]`, block), most = opened.get(key) ? rows.length : 12;
      box.replaceChildren(el("ul", { class: key === "folders" ? "spots" : "rows" }, ...rows.slice(0, most).map(more)));
      if (rows.length > most) box.append(el("button", { class: "morebtn", type: "button", on: () => { opened.set(key, true); spots(block); } }, t("page.show-all", { n: rows.length }))); };
    const folders = [...found.folders].map(([p, c]) => [p, c, sum(c)]).sort((a, b) => b[2] - a[2] || (a[0] < b[0] ? -1 : 1)), top = folders.length ? folders[0][2] : 1;
    list("folders", folders, ([p, c, n]) => el("li", {}, el("button", { type: "button", class: "path", "aria-pressed": String(state.folder === p), on: () => { state.folder = state.folder === p ? "" : p; apply(); } }, ...path(p)), el("span", { class: "r" }, core.thousands(n, 0)), bar(c, top)));
    const hours = data.targets[state.target].hours, files = [...found.files].map(([f, n]) => [f, hours[f] || 0, n]).sort((a, b) => b[1] - a[1] || b[2] - a[2] || a[0] - b[0]);
    list("files", files, ([f, h]) => el("li", {}, el("button", { type: "button", class: "path", "aria-pressed": String(state.path === data.files[f]), on: () => { state.path = state.path === data.files[f] ? "" : data.files[f]; apply(); } }, ...path(data.files[f])), el("span", { class: "r" }, core.thousands(h, 1))));
  }
  function code(f, line, name) {
    const lines = data.lines[f], rows = [];
    if (lines) for (let n = line - 2; n <= line + 2; n++) if (n in lines) rows.push([n, lines[n]]);
    if (!rows.some((r) => r[0] === line)) return null;
    const cut = Math.min(...rows.filter((r) => r[1].trim()).map((r) => r[1].length - r[1].trimStart().length));
    const pre = el("pre", { class: "code", tabindex: "0" }), bare = name.replace(/^[<]|[>]$|^asm /g, "");
    for (const [n, s] of rows) {
      const span = el("span", { class: n === line ? "l hit" : "l" }, el("i", {}, String(n))), text = s.slice(isFinite(cut) ? cut : 0), at = n === line ? text.indexOf(bare) : -1;
      if (at >= 0) span.append(text.slice(0, at), el("b", {}, bare), text.slice(at + bare.length)); else span.append(text);
      span.append("\n"); pre.append(span);
    }
    return pre;
  }
  function fill(node) {
    const box = $("[data-places]", node), r = found && found.rules.get(node.dataset.rule); box.replaceChildren();
    if (!r) return;
    const files = [...r.files].map(([f, l]) => [f, l, l.length / 2]).sort((a, b) => b[2] - a[2] || a[0] - b[0]);
    const cols = el("div", { class: "filecols" }), detail = el("div");
    const show = (f, list) => {
      detail.replaceChildren(el("p", { class: "mono" }, el("span", { class: "loc" }, ...path(data.files[f])), " ", el("span", { class: "dim sans" }, t("page.places-in", { n: list.length / 2 }))));
      let at = 0;
      const more = () => { const end = Math.min(at + 60, list.length), ul = el("ul", { class: "plist" });
        for (; at < end; at += 2) { const line = list[at], name = data.names[list[at + 1]][0], row = data.targets[state.target].table[data.targets[state.target].answers[list[at + 1]]];
          const li = el("li", {}, el("span", { class: "mono loc" }, data.files[f].split("/").pop() + ":" + line), " ", el("code", {}, name + (row[2] ? " → " + row[2] : ""))); const pre = code(f, line, name); if (pre) li.append(pre); ul.append(li); }
        detail.append(ul); if (at < list.length) { const b = el("button", { class: "morebtn", type: "button", on: () => { b.remove(); more(); } }, t("page.show-all", { n: list.length / 2 })); detail.append(b); } };
      more();
    };
    const most = node.dataset.all ? files.length : 12;
    for (const [f, list, n] of files.slice(0, most)) cols.append(el("button", { type: "button", class: "mono", on: () => show(f, list) }, el("span", {}, ...path(data.files[f])), el("span", {}, core.thousands(n, 0))));
    box.append(cols);
    if (files.length > most) box.append(el("button", { class: "morebtn", type: "button", on: () => { node.dataset.all = "1"; fill(node); } }, t("page.files-more", { n: files.length - most })));
    box.append(detail);
    show(files[0][0], files[0][1]);
  }
  function explain(node) {
    const box = $("[data-gloss]", node), from = box && $(`[data-x="${box.dataset.gloss}"]`, article());
    if (from && !box.dataset.done) { box.replaceChildren(...[...from.childNodes].map((n) => n.cloneNode(true))); box.dataset.done = "1"; }
  }
  function lines(box) {
    if (box.childNodes.length || !data) return;
    const key = box.dataset.lines, skip = Number(box.dataset.skip), e = results[estimateOf(state.target)];
    const rows = data.targets[state.target].lines.filter((l) => l[1] === key).sort((a, b) => b[3] - a[3]).slice(skip);
    for (const [id, , name, hours, parts, place, why] of rows) box.append(el("p", {}, el("code", {}, id + " ", el("a", { class: "in", href: "#" + id, "data-x": "" }, name)), " ", el("b", {}, core.thousands(hours * e.share, 2)), el("span", { class: "dim" }, " = " + (parts.map((p) => `${p[1]} × ${Number(core.triple(p.slice(2))[0].toPrecision(3))} h`).join(" + ") || "0 h") + ` × ${e.share.toFixed(4)}; ${place}: ${why}`)));
  }
  const estimateOf = (key) => Number(here(".block").find((n) => n.dataset.target === key).dataset.estimate);

  // -- state to page -----------------------------------------------------------------------------------------------
  function options(select, rows) { const first = select.options[0], keep = select.value; select.replaceChildren(first, ...rows.map(([v, s]) => el("option", { value: v }, s))); select.value = keep; }
  async function apply() {
    root.lang = lang();
    projects.forEach((n, i) => n.classList.toggle("now", i === state.project));
    for (const n of $$(".view")) n.classList.toggle("now", n.dataset.view === state.view);
    for (const n of $$("[data-view-to]")) if (n.dataset.viewTo === state.view) n.setAttribute("aria-current", "page"); else n.removeAttribute("aria-current");
    const keys = [...new Set(here("button[data-target-to]").map((n) => n.dataset.targetTo))];
    if (!keys.includes(state.target)) state.target = keys[0] || "";
    for (const n of $$("[data-target]")) n.classList.toggle("now", n.dataset.target === state.target);
    for (const n of $$("button[data-target-to]")) n.setAttribute("aria-pressed", String(n.dataset.targetTo === state.target));
    for (const n of $$("tr[data-row]")) n.classList.toggle("on", n.dataset.row === state.target);
    for (const n of $$("[data-label]")) n.setAttribute("aria-label", t(n.dataset.label));
    for (const n of $$("[data-hint]")) n.placeholder = t(n.dataset.hint);
    for (const n of $$("[data-t]")) n.textContent = t(n.dataset.t);
    for (const n of $$("[data-class]")) n.checked = !state.off.includes(n.dataset.class);
    recompute();
    write();
    if (state.view !== "engineer" || !keys.length) return;
    data = await places(state.project);
    if (!data) return;
    const tt = data.targets[state.target], libs = new Map(), folders = new Set(data.folderOf);
    data.names.forEach((n, k) => { if (tt.answers[k] >= 0) libs.set(n[1] || "-", n[1] || t("library.none")); });
    for (const f of [...folders]) for (let i = f.indexOf("/"); i > 0; i = f.indexOf("/", i + 1)) folders.add(f.slice(0, i));
    for (const n of here("[data-filter=library]")) options(n, [...libs].sort());
    for (const n of here("[data-filter=folder]")) options(n, [...folders].sort().slice(0, 2000).map((f) => [f, f]));
    for (const n of here("[data-filter=rule]")) options(n, [...new Set(tt.table.map((r) => r[0]))].sort().map((r) => [r, r]));
    for (const n of here("[data-filter]")) if (n.value !== state[n.dataset.filter]) n.value = state[n.dataset.filter];
    filter();
  }
  let wait = 0;
  document.addEventListener("input", (ev) => {
    const n = ev.target;
    if (n.dataset.assume) { assume[n.dataset.assume] = Number(n.value); recompute(); write(); }
    else if (n.dataset.filter === "text") { clearTimeout(wait); wait = setTimeout(() => { state.text = n.value; write(); filter(); }, 60); }
  });
  document.addEventListener("change", (ev) => {
    const n = ev.target;
    if (n.name === "lang") apply();
    else if (n.dataset.class) { state.off = ORDER.filter((c) => !$(`[data-class=${c}]`, article()).checked); write(); filter(); }
    else if (n.dataset.filter && n.dataset.filter !== "text") { state[n.dataset.filter] = n.value; write(); filter(); }
  });
  document.addEventListener("click", (ev) => {
    const n = ev.target.closest("[data-go],[data-x],[data-view-to],[data-target-to],[data-project-to],[data-do],[data-sort]"); if (!n) return;
    const d = n.dataset;
    if (d.go) { ev.preventDefault(); go(new URLSearchParams(d.go), n.getAttribute("href").slice(1)); }
    else if ("x" in d) { ev.preventDefault(); const id = n.getAttribute("href").slice(1); go(named(id.split("-")[3] || id, n.textContent), id); }
    else if (d.viewTo) { ev.preventDefault(); state.view = d.viewTo; apply(); scrollTo(0, 0); }
    else if (d.targetTo) { ev.preventDefault(); state.target = d.targetTo; apply(); }
    else if (d.projectTo) { ev.preventDefault(); Object.assign(state, fresh(), { view: state.view, project: Number(d.projectTo) }); apply(); }
    else if (d.sort) { state.sort = d.sort; write(); filter(); }
    else if (d.do === "print") print();
    else if (d.do === "copy") copy(n, location.href, "page.copy-link");
    else if (d.do === "request") copy(n, request(), "page.copy-request");
  });
  const named = (rule, name) => new URLSearchParams({ view: "engineer", target: state.target, rule, off: "", text: `"${name}"` });
  // Shows what a figure is made of: the places it counts, or its row of the audit.
  async function go(q, id) {
    history.pushState(null, "", location.href);
    state = { ...taken(q), project: state.project };
    await apply();
    let n = document.getElementById(id);
    if (q.get("rule")) n = here(".block.now .rule").find((r) => r.dataset.rule.startsWith(q.get("rule") + "|") && !r.hidden && (!n || r === n)) || here(".block.now .rule").find((r) => !r.hidden) || n;
    else if (q.has("off")) n = here(".block.now .rules")[0];
    if (!n) return;
    if (n.tagName === "DETAILS") { n.open = true; $("summary", n).focus({ preventScroll: true }); }
    n.scrollIntoView({ block: "start" });
  }
  function request() {
    const tt = data && data.targets[state.target]; if (!tt) return "";
    const rows = data.names.map((n, k) => tt.answers[k] >= 0 && tt.table[tt.answers[k]][1] === "unknown" ? n[0] : "").filter(Boolean);
    return `migrate: names in no table, target ${state.target}\n` + [...new Set(rows)].sort().join("\n") + "\n";
  }
  function copy(button, text, label) {
    const done = () => { button.textContent = t("page.copied"); setTimeout(() => { button.textContent = t(label); }, 1500); };
    const plain = () => { const a = el("textarea", {}, text); document.body.append(a); a.select(); document.execCommand("copy"); a.remove(); done(); };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, plain); else plain();
  }
  document.addEventListener("toggle", (ev) => {
    const n = ev.target; if (!n.open) return;
    if (n.classList.contains("rule")) { explain(n); fill(n); }
    if (n.classList.contains("frow2")) for (const box of $$("[data-lines]", n)) lines(box);
  }, true);
  document.addEventListener("keydown", (ev) => {
    if (ev.key === "/" && state.view === "engineer" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) { const n = here("[data-filter=text]")[0]; if (n) { ev.preventDefault(); n.focus(); } }
  });
  addEventListener("hashchange", () => { if (/^#(main|manager|engineer)$/.test(location.hash) && location.hash === "#main") return; read(); apply(); });
  read();
  window.migrateReport = { core, results: () => results, filter: () => { const a = performance.now(); filter(); return performance.now() - a; }, found: () => found, state: () => state, ready: 0 };
  apply().then(() => { window.migrateReport.ready = performance.now(); root.classList.add("ready"); });
})();
