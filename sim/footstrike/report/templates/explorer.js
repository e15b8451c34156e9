"use strict";
// The explorer: two settings of a sweep, what every metric is there, and the runner there.
(() => {
  const data = JSON.parse(document.getElementById("sweep").textContent), {axes, metrics, groups} = data;
  const $ = (name, from = document) => from.querySelector(name), $$ = (name, from = document) => [...from.querySelectorAll(name)];
  for (const group of groups) {
    group.fits = metrics.map((_, m) => group.surfaces[m] ? new Surface(group.surfaces[m]) : null);
    group.moving = group.cells.filter(cell => data.motions[cell.key]);
  }
  const habits = Object.fromEntries(data.habits.map(h => [h.key, h.values]));
  const strides = new Map(), made = key => {
    if (!strides.has(key)) { const motion = data.motions[key]; strides.set(key, new Stride({...data.drawings[motion.drawing], ...motion})); }
    return strides.get(key);
  };
  const middle = group => group.ranges.map(([a, b]) => (a + b) / 2), NAMES = ["A", "B"];
  const settings = [{group: 0, x: middle(groups[0]), habit: false}, {group: 0, x: middle(groups[0]), habit: true}];
  let runners, drawn = false;

  // What a setting is and what it gives.
  const of = s => groups[s.group];
  const round = (v, i, group) => { const [a, b] = group.ranges[i]; return Number(Math.min(b, Math.max(a, v)).toPrecision(6)); };
  const solved = s => { const near = nearest(s.x, of(s).cells, of(s).ranges); return near.far < 1e-6 ? near.cell : null; };
  const habitKey = s => nearest(s.x, of(s).cells, of(s).ranges).cell.habit;
  function found(s) {  // by metric: value, half of its band (0 where it is solved), or why there is none
    if (s.habit) return (habits[habitKey(s)] ?? []).map(value => ({value, half: 0}));
    const cell = solved(s);
    if (cell) return cell.values.map(value => ({value, half: 0}));
    return of(s).fits.map(fit => {
      if (!fit) return {value: null, half: 0};
      if (!fit.trusted) return {value: null, half: 0, lost: fit.band_sd * fit.error};
      const {value, half} = fit.at(s.x);
      return half > fit.effect ? {value: null, half: 0, lost: half} : {value, half};
    });
  }
  function habitual(s) {  // the habitual values that a setting departs from
    const {cells, ranges} = of(s), list = shares(s.x, cells, ranges), one = new Set(list.map(e => e.cell.habit));
    if (one.size === 1) return habits[[...one][0]] ?? [];
    return metrics.map((_, m) => list.reduce((sum, {cell, share}) => { const v = habits[cell.habit]?.[m]; return sum === null || v === null || v === undefined ? null : sum + share * v; }, 0));
  }
  const told = (x, i) => `${figures3(x)} ${axes[i].unit}`.trim();
  const words = x => axes.map((axis, i) => `${axis.label} ${told(x[i], i)}`).join(", ");
  function stride(s, k) {
    const group = of(s), title = `${NAMES[k]}: ${group.name}, ${s.habit ? "habitual" : words(s.x)}`;
    if (s.habit && data.motions[habitKey(s)]) return blended([{stride: made(habitKey(s)), share: 1}], title);
    if (!group.moving.length) return null;
    const list = shares(s.x, group.moving, group.ranges), drawing = data.motions[list[0].cell.key].drawing;
    const same = list.filter(one => data.motions[one.cell.key].drawing === drawing), sum = same.reduce((a, one) => a + one.share, 0);
    return blended(same.map(one => ({stride: made(one.cell.key), share: one.share / sum})), title + (same.length > 1 ? " (interpolated)" : ""));
  }

  // Settings: what is chosen, and what it says below.
  function build(k) {
    const box = $$(".setting")[k];
    $(".group", box).innerHTML = groups.map((g, i) => `<option value="${i}"></option>`).join("");
    $$("option", box).forEach((o, i) => { o.textContent = groups[i].name; });
    $(".sliders", box).innerHTML = axes.map((axis, i) => `<label>${axis.label} <output></output><input type="range" data-axis="${i}" step="any" aria-label="${NAMES[k]}: ${axis.label}, ${axis.unit}"></label>`).join("");
    $(".group", box).addEventListener("change", e => { settings[k].group = Number(e.target.value); settings[k].x = settings[k].x.map((v, i) => round(v, i, of(settings[k]))); changed(); });
    $$("input", box).forEach((input, i) => input.addEventListener("input", () => { settings[k].habit = false; settings[k].x[i] = round(Number(input.value), i, of(settings[k])); changed(); }));
    $(".habit", box).addEventListener("click", () => { settings[k].habit = true; changed(); });
    $(".least", box).addEventListener("click", () => { const best = least(settings[k]); if (best) { settings[k].x = best; settings[k].habit = false; changed(); } });
    $(".near", box).addEventListener("click", () => { const s = settings[k]; s.x = [...nearest(s.x, of(s).cells, of(s).ranges).cell.x]; s.habit = false; changed(); });
  }
  function say(k) {
    const s = settings[k], box = $$(".setting")[k], group = of(s), near = nearest(s.x, group.cells, group.ranges).cell;
    $(".group", box).value = s.group;
    $$("input", box).forEach((input, i) => {
      [input.min, input.max] = group.ranges[i]; input.value = s.x[i];
      input.parentNode.querySelector("output").textContent = s.habit ? "habit" : told(s.x[i], i);
    });
    const count = shares(s.x, group.moving.length ? group.moving : group.cells, group.ranges).length;
    $(".state", box).textContent = s.habit ? "The habitual gait, solved." : solved(s) ? "A solved gait." : `Between solved gaits: numbers are those of surfaces with a 95 % band, the runner is interpolated between ${count} of them.`;
    $(".near", box).textContent = `nearest solved gait: ${words(near.x)}`;
    $(".near", box).disabled = !s.habit && Boolean(solved(s));
  }

  // Numbers.
  const body = $("#numbers tbody"), rows = metrics.map(metric => {
    const row = body.insertRow(), name = document.createElement("th");
    name.scope = "row"; name.textContent = metric.label; row.append(name);
    const cells = [...Array(6).keys()].map(() => { const cell = row.insertCell(); cell.className = "n"; return cell; });
    cells[0].className = ""; cells[0].textContent = metric.unit === "1" ? "" : metric.unit;
    return {row, cells, text: `${metric.label} ${metric.name} ${metric.topic}`.toLowerCase()};
  });
  const signed = v => v === null ? "–" : `${v > 0 ? "+" : ""}${figures3(v)}`;
  const shown = one => one.value !== null && one.value !== undefined ? figures3(one.value) + (one.half ? ` ± ${Number(one.half.toPrecision(2))}` : "") : one.lost ? `unresolved (± ${Number(one.lost.toPrecision(2))})` : "–";
  function change(one, from) {
    if (one.value === null || one.value === undefined || from === null || from === undefined) return "–";
    const share = from ? ` (${signed(Number((100 * (one.value - from) / Math.abs(from)).toPrecision(2)))} %)` : "";
    return signed(one.value - from) + share;
  }
  function numbers() {
    const [a, b] = settings.map(found), [ha, hb] = settings.map(habitual);
    rows.forEach(({cells}, m) => {
      const texts = [shown(a[m]), change(a[m], ha[m]), shown(b[m]), change(b[m], hb[m]), change(b[m], a[m].value)];
      texts.forEach((text, i) => { if (cells[i + 1].textContent !== text) cells[i + 1].textContent = text; });
      cells[1].classList.toggle("lost", Boolean(a[m].lost)); cells[3].classList.toggle("lost", Boolean(b[m].lost));
    });
  }
  function filter() {
    const wanted = $("#wanted").value.trim().toLowerCase(), all = $("#all").checked;
    rows.forEach(({row, text}, m) => { row.hidden = wanted ? !text.includes(wanted) : !all && !metrics[m].main; });
  }

  // The map.
  const canvas = $("#map canvas"), chart = new Chart(canvas), over = [$("#over-x"), $("#over-y")], metric = $("#metric");
  const current = () => Number($("#moved").value), plane = () => axes.length > 1 ? over.map(o => Number(o.value)) : [0];
  function least(s) {  // where the chosen metric's surface is least within its band; among solved gaits where there is no surface
    const group = of(s), m = Number(metric.value), fit = group.fits[m], value = x => { const {value: v, half} = fit.at(x); return half > fit.effect ? Infinity : v; };
    if (!fit || !fit.trusted) return group.cells.reduce((best, c) => c.values[m] !== null && (!best || c.values[m] < best.values[m]) ? c : best, null)?.x.slice();
    const key = JSON.stringify([s.group, m]);
    if (least.known?.key === key) return [...least.known.x];
    const count = axes.length > 2 ? 9 : 33, total = count ** axes.length;
    let best = null, lowest = Infinity;
    for (let n = 0; n < total; n++) {
      const x = group.ranges.map(([a, b], i) => a + (b - a) * (Math.floor(n / count ** i) % count) / (count - 1)), v = value(x);
      if (v < lowest) { lowest = v; best = x; }
    }
    for (let step = 1 / (count - 1); best && step > 1e-3; step /= 2) for (let i = 0; i < axes.length; i++) for (const way of [-1, 1]) {
      const [a, b] = group.ranges[i], x = best.map((v, j) => j === i ? Math.min(b, Math.max(a, v + way * step * (b - a))) : v), v = value(x);
      if (v < lowest) { lowest = v; best = x; }
    }
    if (best) least.known = {key, x: best};
    return best && [...best];
  }
  function map() {
    drawn = true;
    const s = settings[current()], group = of(s), m = Number(metric.value), fit = group.fits[m], on = plane(), flat = on.length > 1;
    const where = (x, y) => s.x.map((v, i) => i === on[0] ? x : i === on[1] ? y : v), best = least(s), at = x => ({x: x[on[0]], y: flat ? x[on[1]] : undefined});
    const inside = x => x && x.every((v, i) => v !== null && v >= group.ranges[i][0] - 1e-9 && v <= group.ranges[i][1] + 1e-9);
    const trusted = fit && fit.trusted, aside = x => axes.every((_, i) => on.includes(i) || Math.abs(x[i] - s.x[i]) < 1e-6 + .26 * (group.ranges[i][1] - group.ranges[i][0]));
    const marks = [...group.habitual.filter(x => inside(x) && aside(x)).map(x => ({...at(x), sign: "◆"})), ...best ? [{...at(best), sign: "★"}] : []];
    settings.forEach((t, k) => { if (t.group === s.group && !t.habit) marks.push({...at(t.x), sign: NAMES[k]}); });
    chart.draw({
      axes: on.map(i => [`${axes[i].label}${axes[i].unit ? `, ${axes[i].unit}` : ""}`, ...group.ranges[i]]), label: metrics[m].label,
      value: trusted ? (x, y) => { const v = fit.at(where(x, y)); return v.half > fit.effect ? null : v.value; } : null,
      band: trusted ? x => fit.at(where(x)) : null,
      cells: group.cells.filter(c => aside(c.x)).map(c => ({...at(c.x), value: c.values[m]})), failed: group.failed.filter(c => aside(c.x)).map(c => at(c.x)), marks,
    });
    $("#map .tones").hidden = !flat;
    $("#lowest").textContent = figures3(chart.low); $("#highest").textContent = figures3(chart.high);
    $("#of").textContent = `${metrics[m].label}${metrics[m].unit === "1" ? "" : `, ${metrics[m].unit}`}; ${group.name}`;
    $("#trust").textContent = !fit ? "Too few solved gaits define this metric." : trusted
      ? `Surface through ${fit.fit.n ?? fit.fit.points.length} solved gaits: leave-one-out error ${figures3(fit.error)}, effect ${figures3(fit.effect)}. ★ least on the surface${best ? `: ${words(best)}` : ""}; not confirmed by a solve.`
      : `No surface is drawn: its leave-one-out error, ${figures3(fit.error)} (± ${figures3(fit.band_sd * fit.error)} at 95 %), exceeds the effect, ${figures3(fit.effect)}. ★ least of the solved gaits.`;
    canvas.setAttribute("aria-label", `Map of ${$("#of").textContent} over ${on.map(i => axes[i].label).join(" and ")}. Arrow keys move setting ${NAMES[current()]}.`);
  }
  function move(x) {  // the current setting goes to a place of the map
    const s = settings[current()];
    plane().forEach((i, n) => { s.x[i] = round(x[n], i, of(s)); });
    s.habit = false; changed();
  }
  function steer() {
    let held = false;
    const to = e => { const r = canvas.getBoundingClientRect(); move(chart.setting(e.clientX - r.left, e.clientY - r.top)); };
    canvas.addEventListener("pointerdown", e => { held = true; canvas.setPointerCapture(e.pointerId); to(e); });
    canvas.addEventListener("pointermove", e => { if (held) to(e); });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { held = false; });
    canvas.addEventListener("keydown", e => {
      const way = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1]}[e.key], on = plane(), s = settings[current()];
      if (!way || way[0] >= on.length) return;
      e.preventDefault();
      move(on.map((i, n) => s.x[i] + (n === way[0] ? way[1] : 0) * (of(s).ranges[i][1] - of(s).ranges[i][0]) / 40));
    });
  }

  // What leaves the page: a link that keeps the settings, and a table.
  const written = s => [s.habit ? "habit" : "at", s.group, ...s.x].join(",");
  function link() {
    const kept = new URLSearchParams({a: written(settings[0]), b: written(settings[1]), m: metrics[metric.value].name, over: plane().join(","), map: NAMES[current()]});
    clearTimeout(link.later);
    link.later = setTimeout(() => { try { history.replaceState(null, "", `#${kept}`); } catch { location.hash = kept; } }, 150);
  }
  function read(hash) {
    const kept = new URLSearchParams(hash.slice(1));
    ["a", "b"].forEach((name, k) => {
      const [how, group, ...x] = (kept.get(name) ?? "").split(","), values = x.map(Number), g = groups[Number(group)];
      if (group === undefined || !g || values.length !== axes.length || !values.every(isFinite)) return;
      settings[k] = {group: Number(group), habit: how === "habit", x: values.map((v, i) => round(v, i, g))};
    });
    const m = metrics.findIndex(one => one.name === kept.get("m"));
    if (m >= 0) metric.value = m;
    if (kept.get("map") === "B") $("#moved").value = 1;
    const on = (kept.get("over") ?? "").split(",").map(Number);
    if (axes.length > 1 && on.length === 2 && on[0] !== on[1] && on.every(i => axes[i])) over.forEach((o, n) => { o.value = on[n]; });
  }
  function table() {
    const quoted = v => /[",\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v, raw = v => v === null || v === undefined || !isFinite(v) ? "" : String(Number(v.toPrecision(6)));
    const [a, b] = settings.map(found), [ha, hb] = settings.map(habitual), kind = s => s.habit ? "habitual" : solved(s) ? "solved" : "surface";
    const lines = [["setting", "group", "kind", ...axes.map(x => `${x.label} ${x.unit}`.trim())], ...settings.map((s, k) => [NAMES[k], of(s).name, kind(s), ...s.x.map(v => s.habit ? "" : raw(v))]), [],
      ["metric", "label", "unit", ...NAMES.flatMap(n => [n, `${n} band low`, `${n} band high`, `${n} habit`, `${n} note`])]];
    metrics.forEach((one, m) => {
      if (rows[m].row.hidden) return;
      const part = (v, h) => [raw(v.value), raw(v.value === null ? null : v.value - v.half), raw(v.value === null ? null : v.value + v.half), raw(h), v.lost ? `unresolved: error ${raw(v.lost)} exceeds the effect` : ""];
      lines.push([one.name, one.label, one.unit, ...part(a[m], ha[m]), ...part(b[m], hb[m])]);
    });
    return lines.map(line => line.map(quoted).join(",")).join("\n") + "\n";
  }
  function save() {
    const a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([table()], {type: "text/csv"})); a.download = `${data.name}.csv`; a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 1000);
  }

  function changed() {  // numbers at once; pictures with the next frame
    numbers(); settings.forEach((_, k) => say(k)); link();
    if (drawn) { drawn = false; requestAnimationFrame(() => { map(); show(); }); }
  }
  function show() {
    const list = settings.map(stride);
    if (list.some(one => one === null)) return;
    if (runners === undefined) runners = player($("#runner"), list); else runners?.set(list);
  }

  metric.innerHTML = metrics.map((_, m) => `<option value="${m}"></option>`).join("");
  metrics.forEach((one, m) => { metric.options[m].textContent = one.label; });
  over.forEach((o, n) => { o.innerHTML = axes.map((axis, i) => `<option value="${i}">${axis.label}</option>`).join(""); o.value = n; o.parentNode.hidden = axes.length < 3; });
  over.forEach((o, n) => o.addEventListener("change", () => { if (over[0].value === over[1].value) over[1 - n].value = [...axes.keys()].find(i => i !== Number(o.value)); changed(); }));
  [0, 1].forEach(build);
  read(location.hash); filter(); steer();
  for (const one of [metric, $("#moved")]) one.addEventListener("change", changed);
  $("#wanted").addEventListener("input", filter); $("#all").addEventListener("change", filter);
  $("#save").addEventListener("click", save);
  $("#swap").addEventListener("click", () => { settings.reverse(); changed(); });
  $("#link").addEventListener("click", async () => { link(); await new Promise(go => setTimeout(go, 200)); try { await navigator.clipboard.writeText(location.href); $("#link").textContent = "link copied"; } catch { $("#link").textContent = "the address bar has the link"; } });
  addEventListener("hashchange", e => { read(new URL(e.newURL).hash); changed(); });
  addEventListener("resize", map);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", map);
  drawn = true; changed();
})();
