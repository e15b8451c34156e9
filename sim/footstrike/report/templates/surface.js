"use strict";
// Surfaces through solved gaits, evaluated as footstrike.study.fits says; shares of solved gaits in a setting; strides in between.

class Surface {
  constructor(plain) { Object.assign(this, plain); }

  at(x) {  // value and the 95 % band of a solve there
    const z = x.map((v, i) => { const [a, b] = this.ends[i]; return (2 * v - a - b) / (b > a ? b - a : 1); });
    const [value, sd] = this.fit.kind === "polynomial" ? this.polynomial(z) : this.process(z);
    return {value, half: this.band_sd * sd};
  }

  polynomial(z) {
    const {exponents, coefficients, intercept, means, spread, scale, n} = this.fit;
    const terms = exponents.map(e => e.reduce((t, k, i) => t * z[i] ** k, 1)), away = terms.map((t, i) => t - means[i]);
    const leverage = 1 / n + away.reduce((sum, a, i) => sum + a * spread[i].reduce((s, v, j) => s + v * away[j], 0), 0);
    return [terms.reduce((sum, t, i) => sum + t * coefficients[i], intercept), scale * Math.sqrt(1 + leverage)];
  }

  covariance(a, b) {
    const {amplitude, lengths} = this.fit;
    let apart = 0;
    for (let i = 0; i < a.length; i++) apart += ((a[i] - b[i]) / lengths[i]) ** 2;
    return amplitude * Math.exp(-apart / 2);
  }

  factor() {  // lower Cholesky factor of the covariance of the points
    if (this.lower) return this.lower;
    const {points, noise} = this.fit, n = points.length, L = points.map(() => new Float64Array(n));
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) {
      let sum = this.covariance(points[i], points[j]) + (i === j ? noise : 0);
      for (let k = 0; k < j; k++) sum -= L[i][k] * L[j][k];
      L[i][j] = i === j ? Math.sqrt(sum) : sum / L[j][j];
    }
    return this.lower = L;
  }

  process(z) {
    const {points, weights, mean, amplitude, noise, scale} = this.fit, L = this.factor(), v = new Float64Array(points.length);
    let value = mean, left = amplitude + noise;
    points.forEach((p, i) => {
      const k = this.covariance(z, p);
      value += k * weights[i];
      let sum = k;
      for (let j = 0; j < i; j++) sum -= L[i][j] * v[j];
      v[i] = sum / L[i][i];
      left -= v[i] * v[i];
    });
    return [value, scale * Math.sqrt(Math.max(0, left))];
  }
}

function apart(x, y, ranges) {  // distance in ranges
  return Math.hypot(...x.map((v, i) => (v - y[i]) / (ranges[i][1] > ranges[i][0] ? ranges[i][1] - ranges[i][0] : 1)));
}

function nearest(x, cells, ranges) {
  return cells.reduce((best, cell) => {
    const far = apart(x, cell.x, ranges);
    return best && best.far <= far ? best : {cell, far};
  }, null);
}

function shares(x, cells, ranges) {  // of the nearest gaits, by inverse distance up to the first that has none (modified Shepard)
  const count = 2 ** x.length + 1, near = cells.map(cell => ({cell, far: apart(x, cell.x, ranges)})).sort((a, b) => a.far - b.far);
  if (near[0].far < 1e-9 || near.length === 1) return [{cell: near[0].cell, share: 1}];
  const reach = 1.0001 * near[Math.min(count, near.length) - 1].far;
  const list = near.slice(0, count).map(one => ({cell: one.cell, share: ((reach - one.far) / (reach * one.far)) ** 2})).filter(one => one.share > 0);
  const sum = list.reduce((s, one) => s + one.share, 0);
  return list.map(one => ({cell: one.cell, share: one.share / sum})).filter(one => one.share > 1e-3);
}

function blended(list, title) {  // a stride between strides of one drawing: places, turns, activations, loads and forces in their shares
  const first = list[0].stride, out = Object.assign(Object.create(Stride.prototype), first);
  const sum = name => { const a = new Float32Array(first[name].length); for (const {stride, share} of list) stride[name].forEach((v, i) => { a[i] += share * v; }); return a; };
  for (const name of ["bent", "activation", "loads"]) out[name] = sum(name);
  const weight = list.reduce((s, one) => s + one.share, 0), mean = name => list.reduce((s, one) => s + one.share * one.stride.run[name], 0) / weight;
  out.run = {...first.run, title, period: mean("period"), speed: mean("speed")};
  out.poses = new Float32Array(first.poses.length);
  for (const {stride, share} of list) for (let i = 0; i < out.poses.length; i += 7) {
    const a = stride.poses, b = first.poses, same = a[i + 3] * b[i + 3] + a[i + 4] * b[i + 4] + a[i + 5] * b[i + 5] + a[i + 6] * b[i + 6] < 0 ? -1 : 1;
    for (let k = 0; k < 7; k++) out.poses[i + k] += share * (k < 3 ? 1 : same) * a[i + k];
  }
  out.force = new Float32Array(first.force.length);
  for (let i = 0; i < out.force.length; i += 6) {
    let on = 0;
    for (const {stride: {force}, share} of list) {
      on += share * force[i + 4];
      for (let k = 0; k < 3; k++) { out.force[i + k] += share * force[i + 4] * force[i + k]; out.force[i + 3 + k] += share * force[i + 3 + k]; }
    }
    for (let k = 0; k < 3; k++) out.force[i + k] = on ? out.force[i + k] / on : 0;
  }
  return out;
}
