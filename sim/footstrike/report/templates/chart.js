"use strict";
// The map: one metric over two swept variables (or a curve over one), with solved and failed gaits, habit, optimum and settings.

const TONES = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];  // cividis
function tone(s) {
  const x = Math.min(.9999, Math.max(0, s)) * (TONES.length - 1), i = Math.floor(x), part = (hex, k) => parseInt(hex.slice(k, k + 2), 16);
  return `rgb(${[1, 3, 5].map(k => Math.round(part(TONES[i], k) + (part(TONES[i + 1], k) - part(TONES[i], k)) * (x - i)))})`;
}

function ticks(low, high, count = 5) {
  const raw = (high - low) / count, unit = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].map(k => k * unit).find(v => v >= raw);
  const found = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + 1e-9 * step; v += step) found.push(Math.round(v / step) * step);
  return found;
}

const figures3 = v => v === null || v === undefined || !isFinite(v) ? "–" : v === 0 ? "0" : Math.abs(v) >= 999.5 ? v.toFixed(0) : Number(v.toPrecision(3)).toString().replace("-", "−");

class Chart {
  constructor(canvas) { this.canvas = canvas; this.grid = 44; }

  // {axes: [[label, low, high], ...], value(x, y), known(x, y), cells: [{x, y, value}], failed, marks: [{x, y, sign, name}], label}
  draw(what) {
    const {canvas} = this, ratio = Math.min(devicePixelRatio || 1, 2), width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = width * ratio; canvas.height = height * ratio;
    const g = this.g = canvas.getContext("2d"), css = getComputedStyle(canvas);
    g.setTransform(ratio, 0, 0, ratio, 0, 0); g.clearRect(0, 0, width, height);
    this.ink = css.getPropertyValue("--ink").trim(); this.soft = css.getPropertyValue("--soft").trim(); this.card = css.getPropertyValue("--card").trim();
    g.font = `12px ${css.fontFamily}`;
    this.what = what; this.box = {left: 58, top: 10, width: width - 72, height: height - 52};
    if (what.axes.length > 1) this.surface(); else this.curve();
    this.frame();
    this.marks();
  }

  at(x, y) {
    const {box, what: {axes}} = this, share = (v, [, low, high]) => (v - low) / (high - low || 1);
    const [, low, high] = axes.length > 1 ? axes[1] : [0, this.low, this.high];
    return [box.left + box.width * share(x, axes[0]), box.top + box.height * (1 - (y - low) / (high - low || 1))];
  }

  setting(px, py) {  // values of the axes at a place of the canvas
    const {box, what: {axes}} = this, clip = v => Math.min(1, Math.max(0, v));
    const u = [clip((px - box.left) / box.width), clip(1 - (py - box.top) / box.height)];
    return axes.map(([, low, high], i) => low + (high - low) * u[i]);
  }

  surface() {
    const {g, box, what, grid} = this, [[, x0, x1], [, y0, y1]] = what.axes, values = [];
    for (let j = 0; j < grid; j++) for (let i = 0; i < grid; i++)
      values.push(what.value ? what.value(x0 + (x1 - x0) * (i + .5) / grid, y0 + (y1 - y0) * (j + .5) / grid) : null);
    const all = [...values, ...what.cells.map(c => c.value)].filter(v => v !== null);
    this.low = Math.min(...all); this.high = Math.max(...all);
    values.forEach((v, k) => {
      if (v === null) return;
      const i = k % grid, j = Math.floor(k / grid);
      g.fillStyle = this.tone(v);
      g.fillRect(box.left + box.width * i / grid, box.top + box.height * (1 - (j + 1) / grid), box.width / grid + .6, box.height / grid + .6);
    });
  }

  tone(v) { return tone((v - this.low) / (this.high - this.low || 1)); }

  curve() {
    const {g, what} = this, [[, x0, x1]] = what.axes, points = [];
    for (let i = 0; i <= 100; i++) { const x = x0 + (x1 - x0) * i / 100, found = what.band?.(x); if (found) points.push([x, found.value, found.half]); }
    const all = [...points.flatMap(p => [p[1] - p[2], p[1] + p[2]]), ...what.cells.map(c => c.value)].filter(v => v !== null);
    this.low = Math.min(...all); this.high = Math.max(...all);
    for (const mark of what.marks) mark.y ??= what.band?.(mark.x)?.value ?? this.low;
    if (!points.length) return;
    const path = list => { g.beginPath(); list.forEach((p, i) => g[i ? "lineTo" : "moveTo"](...this.at(...p))); };
    g.fillStyle = this.soft; g.globalAlpha = .2;
    path([...points.map(p => [p[0], p[1] - p[2]]), ...points.map(p => [p[0], p[1] + p[2]]).reverse()]); g.fill(); g.globalAlpha = 1;
    g.strokeStyle = this.ink; g.lineWidth = 2; path(points.map(p => [p[0], p[1]])); g.stroke();
  }

  frame() {
    const {g, box, what: {axes, label}} = this, flat = axes.length > 1, [, y0, y1] = flat ? axes[1] : [0, this.low, this.high];
    g.strokeStyle = this.soft; g.fillStyle = this.soft; g.lineWidth = 1; g.strokeRect(box.left, box.top, box.width, box.height);
    g.textAlign = "center";
    for (const v of ticks(axes[0][1], axes[0][2])) g.fillText(figures3(v), this.at(v, y0)[0], box.top + box.height + 16);
    g.fillText(axes[0][0], box.left + box.width / 2, box.top + box.height + 34);
    g.textAlign = "right";
    for (const v of ticks(y0, y1)) g.fillText(figures3(v), box.left - 11, this.at(axes[0][1], v)[1] + 4);
    g.save(); g.translate(12, box.top + box.height / 2); g.rotate(-Math.PI / 2); g.textAlign = "center"; g.fillText(flat ? axes[1][0] : label, 0, 0); g.restore();
  }

  marks() {
    const {g, what} = this, flat = what.axes.length > 1;
    for (const cell of what.cells) {
      const [x, y] = this.at(cell.x, flat ? cell.y : cell.value);
      g.beginPath(); g.arc(x, y, 6, 0, 7); g.fillStyle = flat && cell.value !== null ? this.tone(cell.value) : this.ink; g.fill();
      g.strokeStyle = "#111"; g.lineWidth = 4.5; g.stroke(); g.strokeStyle = "#fff"; g.lineWidth = 2.5; g.stroke(); g.fill();
    }
    for (const cell of what.failed) this.sign("×", ...this.at(cell.x, flat ? cell.y : this.low), 17);
    for (const {x, y, sign} of what.marks) this.sign(sign, ...this.at(x, y), sign.length === 1 && /[AB]/.test(sign) ? 15 : 19);
  }

  sign(text, x, y, size) {
    const {g} = this;
    g.save(); g.font = `bold ${size}px system-ui, sans-serif`; g.textAlign = "center"; g.textBaseline = "middle";
    if (/[AB]/.test(text)) { g.beginPath(); g.arc(x, y, 11, 0, 7); g.fillStyle = "#fff"; g.fill(); g.lineWidth = 2; g.strokeStyle = "#111"; g.stroke(); }
    else { g.lineWidth = 4; g.strokeStyle = "#fff"; g.strokeText(text, x, y); }
    g.fillStyle = "#111"; g.fillText(text, x, y + 1); g.restore();
  }
}
