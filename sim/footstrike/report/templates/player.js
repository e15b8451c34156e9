"use strict";
// Moving runners: figures in step, the load's curve with a cursor, and all that steers them.

function player(root, list) {  // shows strides, one a panel; the answer's `set` shows others; null where nothing can be drawn
  const $ = name => root.querySelector(name), $$ = name => [...root.querySelectorAll(name)];
  const panels = $$(".panel"), play = $("#play"), slider = $("#phase"), rate = $("#rate"), clock = $("#clock");
  const aspect = $("#view"), muscles = $("#muscles"), level = $("#level"), curve = $("#curve svg");
  const still = matchMedia("(prefers-reduced-motion: reduce)"), dark = matchMedia("(prefers-color-scheme: dark)");
  const VIEWS = {side: [0, .06], oblique: [-.6, .15], front: [-Math.PI / 2, .06], back: [Math.PI / 2, .06]};
  const WHOLE = 1.86, SPINE = .46;
  const state = {phase: 0, laps: 0, playing: false, turn: 0, rise: 0, zoom: 1, spine: false, seen: true};
  let figures, last = null, asked = false, look;

  const rgb = hex => [1, 3, 5].map(k => parseInt(hex.slice(k, k + 2), 16) / 255);
  const mixed = (a, b, s) => a.map((v, k) => v + (b[k] - v) * s);
  const ACTIVE = {light: ["#d9cfc8", "#f0a58f", "#d6604d", "#a50f26", "#4a0013"], dark: ["#584e52", "#8f3a4a", "#d4553f", "#f59a3d", "#fdf3a6"]};
  const LOADED = {light: ["#c6dbef", "#08306b"], dark: ["#1f4e79", "#c9e6ff"]};

  function colours() {
    const theme = dark.matches && !matchMedia("print").matches ? "dark" : "light", [low, high] = LOADED[theme].map(rgb);
    root.style.setProperty("--active", `linear-gradient(to right, ${ACTIVE[theme]})`);
    root.style.setProperty("--loaded", `linear-gradient(to right, ${LOADED[theme]})`);
    look = {scale: ACTIVE[theme].map(rgb), load: s => mixed(low, high, Math.min(1, s)),
      bone: [...rgb(theme === "dark" ? "#d8cdb4" : "#efe5cf"), 1], outline: [...rgb(theme === "dark" ? "#d8cdb4" : "#b9a988"), .2],
      arrow: [...rgb(theme === "dark" ? "#7bdcb5" : "#00694f"), 1], ink: rgb(theme === "dark" ? "#a3acb4" : "#59626b")};
  }

  const highest = () => Math.max(.1, ...list.flatMap(s => s.levels.length ? [Math.max(...s.loads)] : []));
  const hue = k => k && list[0].run.strike === list[1].run.strike ? "var(--other)" : `var(--${list[k].run.strike})`;

  function view(pose) {
    const discs = pose.discs.map(d => d.at), middle = k => discs.reduce((a, p) => a + p[k], 0) / discs.length;
    const near = state.spine && discs.length;
    return {near, turn: state.turn, rise: state.rise, size: (near ? SPINE : WHOLE) / state.zoom, at: near ? [middle(0), middle(1), middle(2)] : [0, .86, 0]};
  }

  function set(others) {  // other strides, or other colours
    list = others;
    const top = highest();
    colours();
    list.forEach((stride, k) => {
      if (figures[k].shown !== stride.run.shapes) figures[k].show(stride.run);
      panels[k].style.setProperty("--own", hue(k));
      panels[k].querySelector(".name").textContent = stride.run.title;
      panels[k].querySelector(".bars").innerHTML = stride.levels.map(l => `<dt>${l.label}</dt><dd><i></i><b></b></dd>`).reverse().join("");
    });
    $("#most").textContent = top.toFixed(1);
    $("#curve").hidden = $("#discs").hidden = !list.some(s => s.levels.length);
    line(); show();
  }

  function line() {  // the curve of the chosen level
    const k = Number(level.value), top = Math.ceil(1.05 * Math.max(.1, ...list.map(s => s.levels.length ? most(s, k) : 0)));
    const width = Math.round(Math.min(800, curve.parentNode.clientWidth || 800)), span = width - 46;
    const x = at => 32 + span / 100 * at, y = bw => 150 - 140 * bw / top;
    const ticks = [0, 20, 40, 60, 80, 100].map(v => `<text x="${x(v)}" y="168" text-anchor="middle">${v}</text>`);
    const step = top > 8 ? 2 : 1;
    for (let v = 0; v <= top; v += step) ticks.push(`<path class="rule" d="M32 ${y(v)}H${x(100)}"/><text x="26" y="${y(v) + 4}" text-anchor="end">${v}</text>`);
    const paths = list.map((s, i) => s.levels.length ? `<path class="load" style="stroke:${hue(i)}" ${i ? 'stroke-dasharray="7 4"' : ""} d="M${[...Array(201).keys()].map(n => `${x(n / 2).toFixed(1)} ${y(s.load(n / 200)[k]).toFixed(1)}`).join("L")}"/>` : "");
    const dots = list.map((s, i) => `<circle r="4.5" style="fill:${hue(i)}"/>`);
    curve.innerHTML = `${ticks.join("")}<text x="${x(50)}" y="184" text-anchor="middle">% of the stride</text>${paths.join("")}<path id="cursor" d="M0 6V150"/>${dots.join("")}`;
    curve.setAttribute("aria-label", `Compression at ${list[0].run.levels[k]?.label} over the stride, body weights`);
    curve.setAttribute("viewBox", `0 0 ${width} 190`);
    Object.assign(line, {x, y, phase: share => (share * width - 32) / span});
  }
  const most = (stride, k) => { let found = 0; for (let i = k; i < stride.loads.length; i += stride.levels.length) found = Math.max(found, stride.loads[i]); return found; };

  function show() {
    asked = false;
    const top = highest(), k = Number(level.value), told = [];
    list.forEach((stride, i) => {
      const pose = stride.at(state.laps + state.phase, muscles.value, top), load = stride.load(state.phase);
      figures[i].draw(pose, view(pose), look); figures[i].pose = pose;
      panels[i].querySelectorAll(".bars dd").forEach((row, j) => {
        const value = load[stride.levels.length - 1 - j], share = value / top;
        row.firstChild.style.cssText = `width:${(75 * share).toFixed(1)}%;background:rgb(${look.load(share).map(v => Math.round(255 * v))})`;
        row.lastChild.textContent = value.toFixed(1);
      });
      const dot = curve.querySelectorAll("circle")[i];
      if (!stride.levels.length) { dot.setAttribute("visibility", "hidden"); return; }
      dot.setAttribute("cx", line.x(100 * state.phase)); dot.setAttribute("cy", line.y(load[k]));
      told.push(`${stride.run.title}: ${load[k].toFixed(2)}`);
    });
    curve.querySelector("#cursor").setAttribute("transform", `translate(${line.x(100 * state.phase)})`);
    $("#told").textContent = told.join("; ");
    slider.value = Math.round(1000 * state.phase);
    clock.textContent = `${Math.round(100 * state.phase)} % of the stride`;
    play.textContent = state.playing ? "Pause" : "Play";
    play.setAttribute("aria-pressed", String(state.playing));
  }

  const soon = () => { if (!asked && !state.playing) { asked = true; requestAnimationFrame(show); } };
  function tick(now) {
    if (!state.playing) return;
    if (last !== null) {
      const phase = state.phase + (now - last) / 1000 * Number(rate.value) / list[0].run.period;
      state.laps += Math.floor(phase); state.phase = phase % 1;
    }
    last = now;
    if (state.seen) show();
    requestAnimationFrame(tick);
  }
  const run = playing => {
    const starts = playing && !state.playing;
    state.playing = playing; last = null;
    if (starts) requestAnimationFrame(tick);
    show();
  };
  const go = phase => { state.phase = Math.min(Math.max(phase, 0), .9999); run(false); };
  const turned = (turn, rise) => { state.turn += turn; state.rise = Math.min(1.4, Math.max(-1.2, state.rise + rise)); soon(); };
  const zoomed = by => { state.zoom = Math.min(6, Math.max(.6, state.zoom * by)); soon(); };
  function aim() {
    state.spine = aspect.value.startsWith("spine"); state.zoom = 1;
    [state.turn, state.rise] = VIEWS[aspect.value.replace("spine ", "")];
    soon();
  }

  function steer(panel, k) {
    const canvas = panel.querySelector("canvas"), told = panel.querySelector(".muscle");
    let held = null, moved = 0;
    canvas.addEventListener("pointerdown", e => { held = [e.clientX, e.clientY]; moved = 0; canvas.setPointerCapture(e.pointerId); });
    canvas.addEventListener("pointermove", e => {
      if (!held) { told.textContent = named(k, e); return; }
      const [x, y] = held;
      moved += Math.abs(e.clientX - x) + Math.abs(e.clientY - y);
      turned((x - e.clientX) * .009, e.pointerType === "touch" ? 0 : (e.clientY - y) * .006);
      held = [e.clientX, e.clientY];
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, e => { if (held && moved < 5) told.textContent = named(k, e); held = null; });
    canvas.addEventListener("pointerleave", () => { told.textContent = ""; });
    canvas.addEventListener("wheel", e => { if (e.ctrlKey || document.activeElement === canvas) { e.preventDefault(); zoomed(Math.exp(-e.deltaY * .0015)); } }, {passive: false});
    canvas.addEventListener("keydown", e => {
      const keys = {ArrowLeft: () => turned(-.12, 0), ArrowRight: () => turned(.12, 0), ArrowUp: () => turned(0, .08), ArrowDown: () => turned(0, -.08),
        "+": () => zoomed(1.15), "=": () => zoomed(1.15), "-": () => zoomed(1 / 1.15), Home: aim, " ": () => run(!state.playing),
        ",": () => go((state.phase + .99) % 1), ".": () => go((state.phase + .01) % 1)};
      if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
    });
  }

  function named(k, e) {  // the muscle under the pointer
    const box = panels[k].querySelector("canvas").getBoundingClientRect(), {run: of, muscles: list} = figures[k].pose;
    let best = null, nearest = 9;
    for (const m of list) for (let i = 1; i < SPREAD - 1; i++) {
      const [x, y] = figures[k].onScreen([m.line[3 * i], m.line[3 * i + 1], m.line[3 * i + 2]]);
      const away = Math.hypot(x - e.clientX + box.left, y - e.clientY + box.top);
      if (away < nearest) { nearest = away; best = m; }
    }
    return best ? `${of.muscles.groups[best.index] || "muscle"} (${of.muscles.names[best.index]}): activation ${best.activation.toFixed(2)}` : "";
  }

  function scrub() {
    const box = $("#curve .frame");
    const to = e => { const r = curve.getBoundingClientRect(); go(line.phase((e.clientX - r.left) / r.width)); };
    let held = false;
    box.addEventListener("pointerdown", e => { held = true; box.setPointerCapture(e.pointerId); to(e); });
    box.addEventListener("pointermove", e => { if (held) to(e); });
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => { held = false; });
    box.addEventListener("keydown", e => {
      const step = {ArrowLeft: -.01, ArrowRight: .01, PageDown: -.1, PageUp: .1}[e.key];
      if (step) { e.preventDefault(); go((state.phase + step + 1) % 1); }
    });
  }

  colours();
  try { figures = panels.map(panel => new Figure(panel.querySelector("canvas"))); } catch { return null; }
  root.classList.add("live");
  [state.turn, state.rise] = VIEWS[aspect.value];
  panels.forEach(steer);
  scrub();
  play.addEventListener("click", () => run(!state.playing));
  slider.addEventListener("input", () => go(slider.value / 1000));
  aspect.addEventListener("change", aim);
  muscles.addEventListener("change", soon);
  level.addEventListener("change", () => { line(); soon(); });
  $("#nearer").addEventListener("click", () => zoomed(1.25));
  $("#farther").addEventListener("click", () => zoomed(.8));
  addEventListener("resize", () => { line(); soon(); });
  const again = () => set(list);
  dark.addEventListener("change", again);
  for (const when of ["beforeprint", "afterprint"]) addEventListener(when, again);
  new IntersectionObserver(([entry]) => { state.seen = entry.isIntersecting; }).observe(root);
  for (const figure of figures) figure.canvas.addEventListener("webglcontextlost", () => { state.playing = false; root.classList.remove("live"); });
  set(list);
  run(!still.matches);
  return {set};
}
