// The sliders. Each drawing is computed here from what the reader sets; without this script the pages say the same.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640, HEIGHT = 300, MARGIN = 24;

function element(name, attributes, parent) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

/** A coordinate system in an SVG element: curves and points in the units of the mathematics. */
class Plot {
  constructor(parent, [left, right], [bottom, top], title) {
    this.svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title }, parent);
    this.x = (value) => MARGIN + ((value - left) / (right - left)) * (WIDTH - 2 * MARGIN);
    this.y = (value) => HEIGHT - MARGIN - ((value - bottom) / (top - bottom)) * (HEIGHT - 2 * MARGIN);
    [this.left, this.right, this.bottom, this.top] = [left, right, bottom, top];
  }

  clear() {
    this.svg.replaceChildren();
    this.line([[this.left, 0], [this.right, 0]], "var(--line)", 1);
    if (this.left <= 0 && this.right >= 0) this.line([[0, this.bottom], [0, this.top]], "var(--line)", 1);
  }

  line(points, colour, width = 2.5) {
    const text = points.map(([x, y]) => `${this.x(x).toFixed(2)},${this.y(y).toFixed(2)}`).join(" ");
    element("polyline", { points: text, fill: "none", stroke: colour, "stroke-width": width }, this.svg);
  }

  curve(f, colour, width) {
    const points = Array.from({ length: 401 }, (_, i) => this.left + ((this.right - this.left) * i) / 400);
    this.line(points.map((x) => [x, f(x)]), colour, width);
  }

  polygon(points, colour, opacity) {
    const text = points.map(([x, y]) => `${this.x(x).toFixed(2)},${this.y(y).toFixed(2)}`).join(" ");
    element("polygon", { points: text, fill: colour, "fill-opacity": opacity }, this.svg);
  }
}

/** A slider with its label; calls back with its value, at once and at every change. */
function slider(parent, name, { min, max, step, value }, changed) {
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "range" });
  Object.assign(input, { min, max, step });
  input.value = value;
  label.append(name, input);
  parent.append(label);
  input.addEventListener("input", () => changed(Number(input.value)));
  return () => Number(input.value);
}

function said(parent) {
  const output = document.createElement("output");
  parent.append(output);
  return (text) => { output.textContent = text; };
}

const relu = (z) => Math.max(z, 0);
const signed = (value) => `${value}`.replace("-", "−");
const added = (value) => `${value < 0 ? "−" : "+"} ${Math.abs(value)}`;

/** Where an affine function is 0 between two points that it separates. */
function zero(z, p, q) {
  const share = z(p) / (z(p) - z(q));
  return [p[0] + (q[0] - p[0]) * share, p[1] + (q[1] - p[1]) * share];
}

/** What each claim's slider draws. */
const SLIDERS = {
  C3(parent) {
    const plot = new Plot(parent, [-2, 2], [-1, 1], "The plane, cut by the line where the unit's pre-activation is 0");
    const draw = () => {
      const [a, b, c] = [w1(), w2(), bias()];
      plot.clear();
      const corners = [[-2, -1], [2, -1], [2, 1], [-2, 1]];
      const z = ([x, y]) => a * x + b * y + c;
      const edges = corners.map((p, i) => [p, corners[(i + 1) % 4]]);
      const fold = edges.filter(([p, q]) => z(p) > 0 !== z(q) > 0).map(([p, q]) => zero(z, p, q));
      // The part of the plane where z > 0: the rectangle, clipped by one half-plane.
      const kept = edges.flatMap(([p, q]) =>
        [...(z(p) > 0 ? [p] : []), ...(z(p) > 0 !== z(q) > 0 ? [zero(z, p, q)] : [])]);
      if (kept.length > 2) plot.polygon(kept, "var(--series-1)", 0.3);
      if (fold.length === 2) plot.line(fold, "var(--series-4)");
      const flat = a === 0 && b === 0;
      tell(flat
        ? `w = 0: no hyperplane; {z = 0} is ${c === 0 ? "the whole plane" : "empty"}`
        : `z = ${signed(a)} x₁ ${added(b)} x₂ ${added(c)}: active on the shaded side of its line`);
    };
    const w1 = slider(parent, "w₁", { min: -2, max: 2, step: 0.25, value: 1 }, draw);
    const w2 = slider(parent, "w₂", { min: -2, max: 2, step: 0.25, value: 1 }, draw);
    const bias = slider(parent, "b", { min: -2, max: 2, step: 0.25, value: 0 }, draw);
    const tell = said(parent);
    draw();
  },

  C7(parent) {
    const plot = new Plot(parent, [0, 1], [0, 1], "The tent map composed with itself, and x² with its approximation");
    const tent = (x) => 2 * relu(x) - 4 * relu(x - 0.5);
    const draw = () => {
      const m = depth();
      const composed = (x) => Array.from({ length: m }).reduce(tent, x);
      const square = (x) => {
        let [value, folded] = [x, x];
        for (let s = 1; s <= m; s++) { folded = tent(folded); value -= folded / 4 ** s; }
        return value;
      };
      plot.clear();
      const knots = Array.from({ length: 2 ** m + 1 }, (_, i) => i / 2 ** m);
      plot.line(knots.map((x) => [x, composed(x)]), "var(--series-2)", 1.5);
      plot.curve((x) => x * x, "var(--ink)", 1.5);
      plot.line(knots.map((x) => [x, square(x)]), "var(--series-1)");
      tell(`m = ${m}: ${2 ** m} pieces from ${2 * m} units; x² is missed by 1/${4 ** (m + 1)} at most`);
    };
    const depth = slider(parent, "m", { min: 1, max: 7, step: 1, value: 2 }, draw);
    const tell = said(parent);
    draw();
  },

  C19(parent) {
    const plot = new Plot(parent, [-1, 1], [-0.2, 2.2], "What backpropagation returns as the slope of relu(x) − relu(−x)");
    const draw = () => {
      const s = slope();
      plot.clear();
      plot.line([[-1, 1], [1, 1]], "var(--series-1)");
      element("circle", { cx: plot.x(0), cy: plot.y(2 * s), r: 7, fill: "var(--series-4)" }, plot.svg);
      tell(`s = ${s}: at x = 0 the slope comes out as ${2 * s}${s === 0.5 ? ", which is right" : ", but the function is x and its slope 1"}`);
    };
    const slope = slider(parent, "s", { min: 0, max: 1, step: 0.05, value: 0 }, draw);
    const tell = said(parent);
    draw();
  },

  C28(parent) {
    const plot = new Plot(parent, [-1, 1], [-0.55, 1.05], "x² and its best approximation by n pieces");
    const draw = () => {
      const n = pieces(), h = 2 / n;
      const ends = Array.from({ length: n + 1 }, (_, i) => -1 + i * h);
      const best = (x) => Math.max(...ends.slice(1).map((r, i) => (ends[i] + r) * x - ends[i] * r - (h * h) / 8));
      plot.clear();
      plot.curve((x) => x * x, "var(--ink)", 1.5);
      plot.line(ends.map((x) => [x, best(x)]), "var(--series-1)");
      plot.curve((x) => best(x) - x * x, "var(--series-4)", 1.5);
      tell(`n = ${n}: the error is 1/${2 * n * n} at most`);
    };
    const pieces = slider(parent, "n", { min: 1, max: 12, step: 1, value: 3 }, draw);
    const tell = said(parent);
    draw();
  },
};

for (const parent of document.querySelectorAll("[data-claim]")) {
  SLIDERS[parent.dataset.claim](parent);
  parent.hidden = false;
}
