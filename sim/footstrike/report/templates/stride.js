"use strict";
// A stride of a run at any phase: where bodies, muscles, discs and forces are, between the frames that the page holds.

class Stride {
  constructor(run) {
    this.run = run;
    this.poses = unpacked(run.poses); this.bent = unpacked(run.bent);
    this.activation = unpacked(run.activation); this.points = unpacked(run.muscles.points);
    this.loads = unpacked(run.loads); this.force = unpacked(run.force);
    this.levels = run.loads.shape[1] ? run.levels : [];
    this.radius = run.muscles.strength.map(f => Math.min(.024, .45 * Math.sqrt(f / 3e5 / Math.PI)));
  }

  between(values, width, phase) {  // a row of a periodic series
    const [i, j, s] = around(values.length / width, phase);
    const out = new Float32Array(width);
    for (let k = 0; k < width; k++) out[k] = values[i * width + k] * (1 - s) + values[j * width + k] * s;
    return out;
  }

  load(phase) { return this.between(this.loads, this.levels.length, phase); }

  bodies(phase) {
    const names = this.run.bodies, width = 7 * names.length, found = {};
    const [i, j, s] = around(this.poses.length / width, phase);
    names.forEach((name, b) => {
      const one = this.poses.subarray(i * width + 7 * b, i * width + 7 * b + 7), two = this.poses.subarray(j * width + 7 * b, j * width + 7 * b + 7);
      const sign = one[3] * two[3] + one[4] * two[4] + one[5] * two[5] + one[6] * two[6] < 0 ? -1 : 1;
      const v = Array.from(one, (value, k) => value * (1 - s) + (k < 3 ? 1 : sign) * two[k] * s);
      found[name] = placed(v.slice(0, 3), v.slice(3));
    });
    return found;
  }

  at(phase, shown, highest) {
    const {run} = this, bodies = this.bodies(phase), list = run.bodies.map(name => bodies[name]);
    const load = this.load(phase);
    return {
      run, bodies, moved: phase * run.period * run.speed,
      muscles: shown === "none" ? [] : this.muscles(phase, list, shown),
      discs: this.levels.map((l, k) => {
        const body = bodies[l.body];
        return {at: body.place(l.at), up: body.turned(l.up), share: load[k] / highest};
      }),
      forces: [0, 6].map(k => this.foot(k, phase)).filter(f => f.force[1] > .02),
    };
  }

  foot(k, phase) {  // no place is known in flight
    const {force} = this, [i, j] = around(force.length / 12, phase);
    const f = this.between(force, 12, phase), known = force[12 * i + k + 4] && force[12 * j + k + 4] ? f : force.subarray(12 * i, 12 * i + 12);
    return {from: Array.from(known.slice(k, k + 3)), force: Array.from(known.slice(k + 3, k + 6))};
  }

  muscles(phase, bodies, shown) {
    const {run} = this, {counts, names} = run.muscles, activation = this.between(this.activation, names.length, phase);
    const [, , corners] = run.bent.shape, width = run.bent.shape[1] * corners * 3, found = [];
    const bent = width ? this.between(this.bent, width, phase) : [];
    let point = 0, curve = 0;
    for (let m = 0; m < names.length; m++) {
      const start = point, first = curve;
      point += counts[m]; curve += counts[m] ? 0 : 3 * corners;
      if (shown !== "all" && (shown === "trunk") !== run.muscles.trunk[m]) continue;
      const line = spread(counts[m] ? this.fixed(start, counts[m], bodies) : threes(bent.subarray(first, first + 3 * corners)));
      found.push({index: m, line, radius: this.radius[m], activation: activation[m]});
    }
    return found;
  }

  fixed(start, count, bodies) {  // points of a straight muscle
    return [...Array(count).keys()].map(k => {
      const p = 3 * (start + k);
      return bodies[this.run.muscles.bodies[start + k]].place([this.points[p], this.points[p + 1], this.points[p + 2]]);
    });
  }
}

const threes = flat => [...Array(flat.length / 3).keys()].map(k => [flat[3 * k], flat[3 * k + 1], flat[3 * k + 2]]);

function around(frames, phase) {  // the frames before and after a phase, and how far it is between them
  const x = (phase % 1 + 1) % 1 * frames, i = Math.floor(x) % frames;
  return [i, (i + 1) % frames, x - Math.floor(x)];
}

function spread(corners) {  // points at equal distances along a chain
  const far = [0], out = new Float32Array(3 * SPREAD), count = corners.length;
  for (let k = 1; k < count; k++) far.push(far[k - 1] + Math.hypot(...add(corners[k], corners[k - 1], -1)));
  for (let i = 0, k = 1; i < SPREAD; i++) {
    const wanted = far[count - 1] * i / (SPREAD - 1);
    while (k < count - 1 && far[k] < wanted) k++;
    const s = (wanted - far[k - 1]) / (far[k] - far[k - 1] || 1);
    out.set(add(corners[k - 1], add(corners[k], corners[k - 1], -1), s), 3 * i);
  }
  return out;
}

function placed(p, q) {  // a body at p with the quaternion q
  const n = Math.hypot(...q), [x, y, z, w] = q.map(v => v / n);
  const m = [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w), 0, 2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w), 0,
    2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y), 0, ...p, 1];
  const turned = a => [m[0] * a[0] + m[4] * a[1] + m[8] * a[2], m[1] * a[0] + m[5] * a[1] + m[9] * a[2], m[2] * a[0] + m[6] * a[1] + m[10] * a[2]];
  return {matrix: new Float32Array(m), turned, place: a => add(p, turned(a))};
}
