// Throughput and latency of the last two minutes, and where each replica's time goes.

import { byId, el, letterScale, replace, setAttribute, setText, svg } from './dom.js';
import { count, duration, rate, timeOfDay } from './format.js';

const height = 150;
const margin = { left: 60, right: 12, top: 10, bottom: 20 };

/** The two charts, the two tiles above them, and the table of phases. */
export class LiveView {
  #charts = [
    new Chart('throughput-chart', 'Operations a second over the last two minutes', rate, [
      { name: 'operations/s', className: 'line first', area: true, of: (point) => point.operationsPerSecond },
    ]),
    new Chart('latency-chart', 'Latency percentiles over the last two minutes', duration, [
      { name: 'p99', className: 'line second', of: (point) => point.p99Us },
      { name: 'p50', className: 'line first', of: (point) => point.p50Us },
    ]),
  ];

  update(live) {
    setText(byId('throughput-number'), rate(live.operationsPerSecond));
    setText(byId('throughput-detail'), live.batchesPerSecond > 0
      ? `${rate(live.batchesPerSecond)} batches a second, of ${rate(live.batchMean)} on average`
      : 'nothing is being ordered');
    setText(byId('latency-number'), live.latency ? duration(live.latency.p50Us) : '–');
    setText(byId('latency-detail'), live.latency
      ? `p90 ${duration(live.latency.p90Us)}, p99 ${duration(live.latency.p99Us)}`
      : 'no request in the last ten seconds');
    drawSpark(byId('throughput-spark'), live.history.map((point) => point.operationsPerSecond));
    drawSpark(byId('latency-spark'), live.history.map((point) => point.p50Us));
    for (const chart of this.#charts) chart.update(live.history);
    showPhases(live.phases);
  }
}

function drawSpark(root, values) {
  const most = Math.max(...values, 1e-9);
  const step = 100 / Math.max(values.length - 1, 1);
  const points = values.map((value, index) => `${(index * step).toFixed(2)},${(27 - (25 * value) / most).toFixed(2)}`);
  setAttribute(root, 'points', points.length > 1 ? points.join(' ') : '');
}

/** A chart of lines over time, with a reader that follows the pointer or the arrow keys. */
class Chart {
  #history = [];
  #at = null;

  constructor(id, title, format, lines) {
    this.root = byId(id);
    this.format = format;
    this.lines = lines;
    this.readout = byId(`${id}-readout`);
    this.canvas = svg('svg', { class: 'chart', role: 'img', 'aria-label': title });
    this.root.append(this.canvas);
    this.root.addEventListener('pointermove', (event) => this.#readAt(event.clientX));
    this.root.addEventListener('pointerleave', () => this.#read(null));
    this.root.addEventListener('blur', () => this.#read(null));
    this.root.addEventListener('keydown', (event) => this.#onKey(event));
    new ResizeObserver(() => this.#draw()).observe(this.root);
  }

  update(history) {
    this.#history = history;
    this.#draw();
  }

  #onKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || this.#history.length === 0) return;
    event.preventDefault();
    const last = this.#history.length - 1;
    this.#read(Math.min(last, Math.max(0, (this.#at ?? last + 1) + step)));
  }

  #readAt(clientX) {
    const box = this.root.getBoundingClientRect();
    const scale = letterScale();
    const part = ((clientX - box.left) / scale - margin.left) / (box.width / scale - margin.left - margin.right);
    const last = this.#history.length - 1;
    this.#read(last < 0 ? null : Math.min(last, Math.max(0, Math.round(part * last))));
  }

  #read(index) {
    this.#at = index;
    const point = index === null ? null : this.#history[index];
    setText(this.readout, point ? `${timeOfDay(point.at).slice(0, 8)}: ${this.#describe(point)}` : '');
    this.#draw();
  }

  #describe(point) {
    return this.lines.map((line) => `${line.name} ${this.format(line.of(point))}`).join(', ');
  }

  #draw() {
    const scale = letterScale();
    const width = Math.floor(this.root.clientWidth / scale);
    if (width <= 0) return; // not to be seen now
    setAttribute(this.canvas, 'viewBox', `0 0 ${width} ${height}`);
    setAttribute(this.canvas, 'width', width * scale);
    setAttribute(this.canvas, 'height', height * scale);

    const points = this.#history;
    const top = niceCeiling(Math.max(1, ...points.flatMap((point) => this.lines.map((line) => line.of(point) || 0))));
    const x = (index) => margin.left + ((width - margin.left - margin.right) * index) / Math.max(points.length - 1, 1);
    const y = (value) => margin.top + (height - margin.top - margin.bottom) * (1 - value / top);
    const parts = [];
    for (const share of [0, 0.5, 1]) {
      parts.push(svg('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: y(top * share), y2: y(top * share) }));
      parts.push(svg('text', { class: 'axis', x: margin.left - 8, y: y(top * share) + 4, 'text-anchor': 'end' }, this.format(top * share)));
    }

    if (points.length > 1) {
      parts.push(svg('text', { class: 'axis', x: margin.left, y: height - 4 }, timeOfDay(points[0].at).slice(0, 8)));
      parts.push(svg('text', { class: 'axis', x: width - margin.right, y: height - 4, 'text-anchor': 'end' }, timeOfDay(points.at(-1).at).slice(0, 8)));
      for (const line of this.lines) {
        const path = points.map((point, index) => `${index === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(line.of(point) || 0).toFixed(1)}`).join('');
        if (line.area) parts.push(svg('path', { class: 'area', d: `${path}L${x(points.length - 1).toFixed(1)} ${y(0)}L${margin.left} ${y(0)}Z` }));
        parts.push(svg('path', { class: line.className, d: path }));
      }
    }

    const at = this.#at === null ? null : Math.min(this.#at, points.length - 1);
    if (at !== null && at >= 0) {
      parts.push(svg('line', { class: 'cursor', x1: x(at), x2: x(at), y1: margin.top, y2: height - margin.bottom }));
      parts.push(...this.lines.map((line) => svg('circle', { class: 'reader', cx: x(at), cy: y(line.of(points[at]) || 0), r: 3.5 })));
    }

    replace(this.canvas, ...parts);
  }
}

/** 1, 2 or 5 times a power of ten, not below the value. */
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * power >= value * 0.999) * power;
}

const phaseOrder = ['pre-prepare', 'prepare', 'commit', 'execute', 'reply'];

/** A phase stands out when it takes one replica this many times what it takes the median replica, and long enough to matter. */
const slowFactor = 2;
const slowLeastUs = 1000;

function showPhases(phases) {
  const names = [...new Set(phases.map((phase) => phase.phase))].sort((a, b) => phaseOrder.indexOf(a) - phaseOrder.indexOf(b));
  const replicas = [...new Set(phases.map((phase) => phase.replica))].sort((a, b) => a - b);
  const medians = new Map(names.map((name) => {
    const times = phases.filter((phase) => phase.phase === name).map((phase) => phase.p99Us).sort((a, b) => a - b);
    return [name, times[(times.length - 1) >> 1]];
  }));
  let slow = 0;
  const rows = replicas.map((replica) => el('tr', {}, el('th', { scope: 'row' }, String(replica)), ...names.map((name) => {
    const phase = phases.find((one) => one.replica === replica && one.phase === name);
    if (!phase) return el('td', { class: 'number' }, '–');
    const isSlow = phase.p99Us > slowLeastUs && phase.p99Us > slowFactor * medians.get(name);
    if (isSlow) slow++;
    const title = `half of ${count(phase.count)} within ${duration(phase.p50Us)}, 99 of 100 within ${duration(phase.p99Us)}${isSlow ? `; more than twice what the median replica needs` : ''}`;
    return el('td', { class: 'number', 'data-slow': isSlow || null, title }, `${isSlow ? '▲ ' : ''}${duration(phase.p99Us)}`);
  })));
  replace(byId('phase-head'), el('tr', {}, el('th', { scope: 'col' }, 'replica'), ...names.map((name) => el('th', { scope: 'col', class: 'number' }, name))));
  replace(byId('phase-rows'), ...rows);
  setText(byId('phase-note'), replicas.length === 0
    ? 'No request was ordered in the last ten seconds.'
    : slow > 0 ? '▲ more than twice what the median replica needs.' : 'No replica stands out.');
}
