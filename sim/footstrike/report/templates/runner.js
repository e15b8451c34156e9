"use strict";
(() => {
  const runs = JSON.parse(document.getElementById("motion").textContent);
  const root = document.getElementById("runner");
  if (!root || !runs.length) return;
  const frames = runs[0].points.length;
  const play = root.querySelector("button"), slider = root.querySelector("input[type=range]");
  const rate = root.querySelector("#rate"), view = root.querySelector("#view"), clock = root.querySelector("output");
  const canvases = [...root.querySelectorAll("canvas")];
  let phase = 0, last = null, playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const between = (a, b, s) => a.map((v, k) => v + (b[k] - v) * s);

  function pose(run, at) {
    const x = at * frames, i = Math.floor(x) % frames, j = (i + 1) % frames, s = x - Math.floor(x);
    return run.points[i].map((p, k) => between(p, run.points[j][k], s));
  }

  function bounds(run, side) {
    let low = Infinity, high = -Infinity, top = 0;
    for (const frame of run.points) for (const p of frame) {
      const h = side ? p[0] : -p[2];
      low = Math.min(low, h); high = Math.max(high, h); top = Math.max(top, p[1]);
    }
    return [low, high, top];
  }

  function draw(canvas, run) {
    const side = view.value === "side";
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = Math.round(width * 1.02);
    canvas.width = width * ratio; canvas.height = height * ratio; canvas.style.height = height + "px";
    const g = canvas.getContext("2d");
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [low, high, top] = bounds(run, side);
    const scale = Math.min((height - 46) / (top + 180), (width - 30) / (high - low + 500));
    const middle = (low + high) / 2, ground = height - 26;
    const place = p => [width / 2 + ((side ? p[0] : -p[2]) - middle) * scale, ground - p[1] * scale];
    const line = (points, stroke, thick, alpha) => {
      g.globalAlpha = alpha; g.strokeStyle = stroke; g.lineWidth = thick; g.lineCap = g.lineJoin = "round";
      g.beginPath(); points.forEach((p, k) => k ? g.lineTo(...p) : g.moveTo(...p)); g.stroke(); g.globalAlpha = 1;
    };
    const ink = colour("--ink"), faint = colour("--soft"), own = colour("--" + run.strike);
    line([[8, ground], [width - 8, ground]], faint, 1, .8);
    if (side) {
      const gap = 500 * scale, moved = (phase * run.period * run.speed * 1000 * scale) % gap;
      for (let x = 8 + gap - moved; x < width - 8; x += gap) line([[x, ground], [x - 5, ground + 6]], faint, 1, .8);
    }
    const p = pose(run, phase), thick = Math.max(3, width / 95);
    for (const which of ["l", "m", "r"]) for (const [a, b, s] of run.bones) if (s === which)
      line([place(p[a]), place(p[b])], s === "m" ? ink : own, thick, s === "l" ? .38 : 1);
    const head = run.names.indexOf("head");
    if (head >= 0) {
      const [x, y] = place(p[head]);
      g.fillStyle = ink; g.beginPath(); g.arc(x, y, 85 * scale, 0, 7); g.fill();
    }
    const forces = run.force[Math.floor(phase * frames) % frames];
    for (const f of forces) if (f) {
      const from = place([f[0], 0, f[1]]), across = side ? f[2] : -f[4];
      const to = [from[0] + across * .36 * scale, from[1] - f[3] * .36 * scale];
      const turn = Math.atan2(to[1] - from[1], to[0] - from[0]);
      line([from, to], ink, 2, .9);
      line([[to[0] - 9 * Math.cos(turn - .4), to[1] - 9 * Math.sin(turn - .4)], to,
            [to[0] - 9 * Math.cos(turn + .4), to[1] - 9 * Math.sin(turn + .4)]], ink, 2, .9);
    }
  }

  function show() {
    canvases.forEach((canvas, i) => draw(canvas, runs[i]));
    slider.value = Math.round(phase * 1000);
    clock.textContent = Math.round(phase * 100) + " % of the stride";
    play.textContent = playing ? "Pause" : "Play";
    play.setAttribute("aria-pressed", String(playing));
  }

  function tick(now) {
    if (playing && last !== null)
      phase = (phase + (now - last) / 1000 * Number(rate.value) / runs[0].period) % 1;
    last = now;
    if (playing) { show(); requestAnimationFrame(tick); }
  }

  const go = () => { last = null; show(); if (playing) requestAnimationFrame(tick); };
  play.addEventListener("click", () => { playing = !playing; go(); });
  slider.addEventListener("input", () => { playing = false; phase = slider.value / 1000 % 1; go(); });
  view.addEventListener("change", show);
  window.addEventListener("resize", show);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  go();
})();
