"use strict";
// Draws a moving figure with WebGL: bones, muscles as shaded tubes, discs of the spine, arrows, floor.

function unpacked(pack) {
  const bytes = Uint8Array.from(atob(pack.data), c => c.charCodeAt(0));
  const Kind = {int16: Int16Array, uint16: Uint16Array, uint8: Uint8Array}[pack.kind];
  return Float32Array.from(new Kind(bytes.buffer), v => v * pack.step);
}

const add = (a, b, s = 1) => [a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = a => { const n = Math.hypot(...a) || 1; return [a[0] / n, a[1] / n, a[2] / n]; };

function times(a, b) {  // 4 x 4, columns first
  const out = new Float32Array(16);
  for (let c = 0; c < 4; c++) for (let r = 0; r < 4; r++)
    for (let k = 0; k < 4; k++) out[4 * c + r] += a[4 * k + r] * b[4 * c + k];
  return out;
}

function along(from, to, radius, depth = radius) {  // takes the unit shape, which is 1 high, to a stick
  const d = add(to, from, -1), y = unit(d);
  const z = unit(cross(Math.abs(y[0]) < 0.9 ? [1, 0, 0] : [0, 0, 1], y)), x = cross(y, z);
  return new Float32Array([...x.map(v => v * radius), 0, ...d, 0, ...z.map(v => v * depth), 0, ...from, 1]);
}

function lathe(profile, sides = 18) {  // [radius, height] from bottom to top
  const positions = [], normals = [], faces = [];
  profile.forEach(([r, y], i) => {
    const a = profile[Math.max(i - 1, 0)], b = profile[Math.min(i + 1, profile.length - 1)];
    const [nr, ny] = [b[1] - a[1], a[0] - b[0]];
    for (let k = 0; k <= sides; k++) {
      const t = 2 * Math.PI * k / sides, n = Math.hypot(nr, ny) || 1;
      positions.push(r * Math.cos(t), y, r * Math.sin(t));
      normals.push(nr / n * Math.cos(t), ny / n, nr / n * Math.sin(t));
    }
  });
  for (let i = 0; i + 1 < profile.length; i++) for (let k = 0; k < sides; k++) {
    const a = i * (sides + 1) + k, b = a + sides + 1;
    faces.push(a, b, a + 1, a + 1, b, b + 1);
  }
  return {positions, normals, faces};
}

function faceted(points, faces) {
  const out = {positions: [], normals: [], faces: []};
  for (const [i, j, k] of faces) {
    const n = unit(cross(add(points[j], points[i], -1), add(points[k], points[i], -1)));
    for (const p of [points[i], points[j], points[k]]) {
      out.faces.push(out.faces.length); out.positions.push(...p); out.normals.push(...n);
    }
  }
  return out;
}

const BALL = lathe([...Array(13).keys()].map(i => [Math.sin(Math.PI * i / 12), -Math.cos(Math.PI * i / 12)]));
const UNITS = {
  ball: BALL,
  bone: lathe([[0, -.02], [1.1, 0], [1.35, .03], [1.05, .1], [.72, .25], [.7, .7], [1, .9], [1.3, .97], [1.1, 1], [0, 1.02]]),
  vertebra: lathe([[0, .15], [1, .15], [1.06, .22], [.86, .5], [1.06, .78], [1, .85], [0, .85]]),
  disc: lathe([[0, -.5], [.9, -.5], [1, 0], [.9, .5], [0, .5]]),
  arrow: lathe([[0, 0], [1, 0], [1, .82], [2.6, .8], [0, 1]], 12),
};

const SOLID = [`attribute vec3 p, n; uniform mat4 model, eye; uniform vec3 shrink; varying vec3 normal;
void main() { gl_Position = eye * model * vec4(p, 1.); normal = mat3(model) * (n * shrink); }`,
`precision mediump float; uniform vec4 colour; uniform vec3 light; varying vec3 normal;
void main() { float l = .5 + .5 * dot(normalize(normal), light); gl_FragColor = vec4(colour.rgb * (.5 + .58 * l) * colour.a, colour.a); }`];
const TUBE = [`attribute vec3 p, t; attribute vec3 how; uniform mat4 eye; uniform vec3 camera; varying float across, level;
void main() { vec3 side = normalize(cross(t, camera - p)); across = how.x; level = how.z;
  gl_Position = eye * vec4(p + side * how.x * how.y, 1.); }`,
`precision mediump float; uniform vec3 scale[5]; varying float across, level;
void main() { float s = clamp(level, 0., 1.) * 4.; vec3 c = mix(scale[0], scale[1], clamp(s, 0., 1.));
  c = mix(c, scale[2], clamp(s - 1., 0., 1.)); c = mix(c, scale[3], clamp(s - 2., 0., 1.)); c = mix(c, scale[4], clamp(s - 3., 0., 1.));
  gl_FragColor = vec4(c * (.55 + .45 * sqrt(max(0., 1. - across * across))), 1.); }`];
const FLOOR = [`attribute vec3 p; uniform mat4 eye; varying vec2 at; void main() { at = p.xz; gl_Position = eye * vec4(p, 1.); }`,
`#extension GL_OES_standard_derivatives : enable
precision highp float; uniform vec3 ink; uniform float moved; varying vec2 at;
void main() { vec2 q = vec2(at.x + moved, at.y) * 2., w = fwidth(q) * .9, d = abs(fract(q + .5) - .5) / w;
  float a = max(0., 1. - min(d.x, d.y)) * .5 + .07; a *= 1. - smoothstep(.5, 1.25, length(at));
  gl_FragColor = vec4(ink * a, a); }`];

const SPREAD = 9;  // points of every muscle as it is drawn

class Figure {
  constructor(canvas) {
    const gl = this.gl = canvas.getContext("webgl", {antialias: true, alpha: true, preserveDrawingBuffer: true});
    if (!gl) throw new Error("no WebGL");
    this.canvas = canvas;
    gl.getExtension("OES_standard_derivatives");
    this.solid = this.program(SOLID); this.tube = this.program(TUBE); this.floor = this.program(FLOOR);
    this.units = Object.fromEntries(Object.entries(UNITS).map(([name, mesh]) => [name, this.mesh(mesh)]));
    this.square = this.buffer(new Float32Array([-1.3, 0, -1.3, 1.3, 0, -1.3, -1.3, 0, 1.3, 1.3, 0, 1.3]));
    this.strip = gl.createBuffer(); this.order = gl.createBuffer();
    gl.enable(gl.DEPTH_TEST); gl.enable(gl.BLEND); gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  program([vertex, fragment]) {
    const gl = this.gl, program = gl.createProgram(), at = {program};
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text); gl.compileShader(shader); gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error("the shaders do not compile");
    for (const name of ["p", "n", "t", "how"]) at[name] = gl.getAttribLocation(program, name);
    for (const name of ["model", "eye", "shrink", "colour", "light", "camera", "scale", "ink", "moved"])
      at[name] = gl.getUniformLocation(program, name);
    return at;
  }

  buffer(data, kind = this.gl.ARRAY_BUFFER) {
    const buffer = this.gl.createBuffer();
    this.gl.bindBuffer(kind, buffer); this.gl.bufferData(kind, data, this.gl.STATIC_DRAW);
    return buffer;
  }

  mesh({positions, normals, faces}) {
    return {p: this.buffer(new Float32Array(positions)), n: this.buffer(new Float32Array(normals)),
      faces: this.buffer(new Uint16Array(faces), this.gl.ELEMENT_ARRAY_BUFFER), count: faces.length};
  }

  show(run) {  // another run: its outlines and room for its muscles
    const gl = this.gl;
    this.shown = run.shapes;
    this.hulls = run.shapes.map(s => s.kind === "hull" ? this.mesh(faceted(s.points, s.faces)) : null);
    this.vertices = new Float32Array(run.muscles.names.length * SPREAD * 18);
    const order = [];
    for (let m = 0; m < run.muscles.names.length; m++) for (let k = 0; k + 1 < SPREAD; k++) {
      const a = 2 * (m * SPREAD + k);
      order.push(a, a + 1, a + 2, a + 2, a + 1, a + 3);
    }
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.order);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint16Array(order), gl.STATIC_DRAW);
    this.corners = order.length;
  }

  looked(view) {  // the camera: round a point, at a distance that shows `size` metres
    const {canvas} = this, ratio = Math.min(devicePixelRatio || 1, 2);
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    const open = Math.tan(.24), away = view.size / 2 / open / Math.min(1, width / height);
    const back = [Math.sin(view.turn) * Math.cos(view.rise), Math.sin(view.rise), Math.cos(view.turn) * Math.cos(view.rise)];
    const x = unit(cross([0, 1, 0], back)), y = cross(back, x), camera = add(view.at, back, away);
    const look = new Float32Array([x[0], y[0], back[0], 0, x[1], y[1], back[1], 0, x[2], y[2], back[2], 0,
      -dot(x, camera), -dot(y, camera), -dot(back, camera), 1]);
    const near = Math.max(.05, away - 3), far = away + 4, f = 1 / open;
    const lens = new Float32Array([f * height / width, 0, 0, 0, 0, f, 0, 0, 0, 0, (far + near) / (near - far), -1, 0, 0, 2 * far * near / (near - far), 0]);
    return {eye: times(lens, look), camera, light: unit(add(add(back, [0, 1, 0], .9), x, -.5))};
  }

  stick(mesh, model, colour) {
    const gl = this.gl, at = this.solid;
    const size = k => model[k] ** 2 + model[k + 1] ** 2 + model[k + 2] ** 2 || 1;
    gl.uniformMatrix4fv(at.model, false, model);
    gl.uniform3f(at.shrink, 1 / size(0), 1 / size(4), 1 / size(8));
    gl.uniform4f(at.colour, ...colour);
    for (const name of ["p", "n"]) {
      gl.bindBuffer(gl.ARRAY_BUFFER, mesh[name]); gl.enableVertexAttribArray(at[name]);
      gl.vertexAttribPointer(at[name], 3, gl.FLOAT, false, 0, 0);
    }
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, mesh.faces);
    gl.drawElements(gl.TRIANGLES, mesh.count, gl.UNSIGNED_SHORT, 0);
  }

  draw(pose, view, look) {
    const gl = this.gl, seen = this.seen = this.looked(view), {run} = pose;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0); gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const use = at => { gl.useProgram(at.program); gl.uniformMatrix4fv(at.eye, false, seen.eye); gl.uniform3f(at.light || null, ...seen.light); };
    use(this.solid);
    const outlines = [];
    run.shapes.forEach((s, i) => {
      if (view.near && /humerus|ulna|radius|hand/.test(s.body)) return;
      const body = pose.bodies[s.body];
      if (s.kind === "hull") (s.through ? outlines : []).push([this.hulls[i], body.matrix]);
      if (s.kind === "hull" && !s.through) this.stick(this.hulls[i], body.matrix, look.bone);
      if (s.kind === "ball") this.stick(this.units.ball, times(body.matrix, new Float32Array([s.radii[0], 0, 0, 0, 0, s.radii[1], 0, 0, 0, 0, s.radii[2], 0, ...s.a, 1])), look.bone);
      if (s.kind === "bone" || s.kind === "vertebra")
        this.stick(this.units[s.kind], along(body.place(s.a), body.place(s.b), s.radius), look.bone);
    });
    for (const {from, force} of pose.forces)
      this.stick(this.units.arrow, along(from, add(from, force, .36), .011), look.arrow);
    if (this.corners) { use(this.tube); this.muscles(pose, seen, look); use(this.solid); }
    gl.depthMask(false);
    for (const [mesh, matrix] of outlines) this.stick(mesh, matrix, look.outline);
    use(this.floor); this.ground(pose, look);
    gl.depthMask(true); gl.clear(gl.DEPTH_BUFFER_BIT); use(this.solid);  // discs shine through everything
    for (const {at, up, share} of pose.discs) {
      const thick = .016, radius = .017 + .014 * share, c = look.load(share);
      this.stick(this.units.disc, along(add(at, up, -thick / 2), add(at, up, thick / 2), radius), [...c, 1]);
    }
  }

  ground(pose, look) {
    const gl = this.gl, at = this.floor;
    gl.uniform3f(at.ink, ...look.ink); gl.uniform1f(at.moved, pose.moved % 10);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.square); gl.enableVertexAttribArray(at.p);
    gl.vertexAttribPointer(at.p, 3, gl.FLOAT, false, 0, 0);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  muscles(pose, seen, look) {
    const gl = this.gl, at = this.tube, out = this.vertices;
    let k = 0;
    pose.muscles.forEach(({line, radius, activation}) => {
      for (let i = 0; i < SPREAD; i++) {
        const a = 3 * Math.max(i - 1, 0), b = 3 * Math.min(i + 1, SPREAD - 1);
        const width = radius * (.3 + .7 * Math.sin(Math.PI * i / (SPREAD - 1)));
        for (const side of [-1, 1]) {
          out[k++] = line[3 * i]; out[k++] = line[3 * i + 1]; out[k++] = line[3 * i + 2];
          for (let c = 0; c < 3; c++) out[k++] = line[b + c] - line[a + c];
          out[k++] = side; out[k++] = width; out[k++] = activation;
        }
      }
    });
    gl.uniform3f(at.camera, ...seen.camera); gl.uniform3fv(at.scale, look.scale.flat());
    gl.bindBuffer(gl.ARRAY_BUFFER, this.strip); gl.bufferData(gl.ARRAY_BUFFER, out.subarray(0, k), gl.DYNAMIC_DRAW);
    for (const [name, start] of [["p", 0], ["t", 12], ["how", 24]]) {
      gl.enableVertexAttribArray(at[name]); gl.vertexAttribPointer(at[name], 3, gl.FLOAT, false, 36, start);
    }
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.order);
    gl.drawElements(gl.TRIANGLES, pose.muscles.length * (SPREAD - 1) * 6, gl.UNSIGNED_SHORT, 0);
  }

  onScreen(p) {  // pixels of the page, or null behind the camera
    const m = this.seen.eye, w = m[3] * p[0] + m[7] * p[1] + m[11] * p[2] + m[15];
    const x = m[0] * p[0] + m[4] * p[1] + m[8] * p[2] + m[12], y = m[1] * p[0] + m[5] * p[1] + m[9] * p[2] + m[13];
    return [(x / w + 1) / 2 * this.canvas.clientWidth, (1 - y / w) / 2 * this.canvas.clientHeight];
  }
}
