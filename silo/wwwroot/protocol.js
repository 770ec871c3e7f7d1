// The panel that shows a trace: the diagram, its steps, its zoom, its waterfall, and all of it as a table and as a file.

import { byId, el, letterScale, replace, setAttribute, setText, show } from './dom.js';
import { save, toSvgFile } from './export-svg.js';
import { duration, list, plural } from './format.js';
import { marks, messageKinds, nameOf, shout } from './kinds.js';
import { layOut } from './sequence-layout.js';
import { describe, drawSequence, drawWaterfall, highlight, phasesOf, showStep } from './sequence.js';

const zoomMax = 64;
const playMs = 900;
const tableRowsMax = 2000; // n = 31 has 1,900 messages; more than this nobody reads

export class ProtocolPanel {
  #trace = null;
  #layout = null;
  #diagram = null;
  #step = null; // the step that is shown; null: all of them
  #zoom = 1;
  #lane = null;
  #timer = 0;
  #width = 0;

  constructor() {
    this.scroller = byId('diagram');
    this.scroller.addEventListener('keydown', (event) => this.#onKey(event));
    this.scroller.addEventListener('scroll', () => this.#keepNamesInView());
    byId('step-first').addEventListener('click', () => this.#goTo(0));
    byId('step-back').addEventListener('click', () => this.#move(-1));
    byId('step-on').addEventListener('click', () => this.#move(1));
    byId('step-all').addEventListener('click', () => this.#goTo(null));
    byId('play').addEventListener('click', () => this.#play(!this.#timer));
    byId('zoom-in').addEventListener('click', () => this.#setZoom(this.#zoom * 2));
    byId('zoom-out').addEventListener('click', () => this.#setZoom(this.#zoom / 2));
    byId('zoom-fit').addEventListener('click', () => this.#setZoom(1));
    byId('even').addEventListener('click', () => this.#setEven(!this.#isEven));
    byId('highlight').addEventListener('change', (event) => this.#highlight(event.target.value === '' ? null : event.target.value));
    byId('export').addEventListener('click', () => this.#export());
    byId('message-table').addEventListener('toggle', () => this.#fillTable());
    this.#setEven(localStorage.getItem('pbft.even') !== 'false');
    new ResizeObserver(() => {
      if (this.scroller.clientWidth !== this.#width) this.#draw();
    }).observe(this.scroller);
  }

  /** Shows a trace; null: there is none. The step stays where the same trace is shown again. */
  show(trace) {
    if (trace?.id !== this.#trace?.id) {
      this.#step = null;
      this.#play(false);
    }

    const lanes = trace?.replicas !== this.#trace?.replicas;
    this.#trace = trace;
    show(byId('trace-shown'), trace !== null);
    show(byId('trace-hint'), trace === null);
    if (trace === null) return;
    if (lanes) this.#offerLanes();
    setText(byId('trace-title'), trace.title);
    setText(byId('trace-facts'), [
      `${duration(trace.durationUs)} in all`,
      `n = ${trace.replicas}, f = ${trace.tolerated}, quorum ${trace.quorum}`,
      trace.digest ? `digest ${trace.digest}` : null,
      trace.complete ? null : 'still under way',
      trace.traceId ? `OpenTelemetry trace ${trace.traceId}` : null,
    ].filter((part) => part !== null).join(' · '));
    this.#draw();
    this.#fillTable();
  }

  get #isEven() {
    return byId('even').getAttribute('aria-pressed') === 'true';
  }

  #draw() {
    this.#width = this.scroller.clientWidth;
    if (this.#trace === null || this.#width === 0) return;
    this.#layout = layOut(this.#trace, { width: this.#width, scale: letterScale(), zoom: this.#zoom, even: this.#isEven });
    this.#diagram = drawSequence(this.#trace, this.#layout);
    replace(this.scroller, this.#diagram, this.#trace.phases.length > 0 ? drawWaterfall(this.#trace, this.#layout) : null);
    if (this.#step !== null) this.#step = Math.min(this.#step, this.#layout.steps.length - 1);
    this.#showStep();
    highlight(this.#diagram, this.#lane);
    this.#keepNamesInView();
    this.#drawLegend();
    replace(byId('trace-events'), ...this.#trace.events.map((event) => el('li', {},
      el('span', { class: 'when' }, duration(event.atUs)), event.replica >= 0 ? ` replica ${event.replica} ` : ' ', event.text)));
    show(byId('trace-events'), this.#trace.events.length > 0);
  }

  #drawLegend() {
    const present = new Set(this.#trace.messages.map((message) => message.mark).filter(Boolean));
    const counts = Map.groupBy(this.#trace.messages, (message) => message.kind);
    const entries = [...counts].map(([kind, all]) => el('li', { 'data-kind': kind }, el('b', {}, String(all.length)), ` ${kind}`));
    const signs = Object.entries(marks).filter(([mark]) => present.has(mark)).map(([mark, { sign, legend }]) =>
      el('li', { class: 'mark-legend', 'data-mark': mark }, el('b', {}, sign), ` ${mark}: ${legend}`));
    const dots = this.#layout.dots.length === 0 ? [] : [
      el('li', {}, el('span', { class: 'key prepared', 'aria-hidden': 'true' }), 'prepared'),
      el('li', {}, el('span', { class: 'key committed', 'aria-hidden': 'true' }), 'committed'),
      el('li', {}, el('span', { class: 'key executed', 'aria-hidden': 'true' }), 'executed'),
    ];
    const phases = phasesOf(this.#trace).map((phase) => el('li', {}, el('span', { class: 'key bar', 'data-phase': phase, 'aria-hidden': 'true' }), phase));
    replace(byId('legend'), ...entries, ...dots, ...signs);
    replace(byId('phase-legend'), ...phases);
  }

  #offerLanes() {
    const select = byId('highlight');
    const lanes = [-1, ...Array.from({ length: this.#trace.replicas }, (_, id) => id)];
    replace(select, el('option', { value: '' }, 'nobody'), ...lanes.map((lane) => el('option', { value: lane }, lane < 0 ? 'client' : `replica ${lane}`)));
    this.#lane = null;
  }

  // Steps

  #move(by) {
    const last = (this.#layout?.steps.length ?? 0) - 1;
    if (last < 0) return;
    if (this.#step === null) this.#goTo(by > 0 ? 0 : last);
    else if (this.#step + by > last) this.#goTo(null);
    else this.#goTo(Math.max(0, this.#step + by));
  }

  #goTo(step) {
    this.#step = step;
    if (step === null) this.#play(false);
    this.#showStep();
    this.#scrollToStep();
  }

  #showStep() {
    if (!this.#diagram) return;
    showStep(this.#diagram, this.#layout, this.#step);
    const { steps } = this.#layout;
    setText(byId('step-number'), this.#step === null ? `${plural(steps.length, 'step')}` : `step ${this.#step + 1} of ${steps.length}`);
    if (this.#step === null) {
      setText(byId('caption'), steps.length === 0 ? 'No message of it is known here.' : '→ steps through it, ← goes back, Home and End go to the first step and to all of it.');
      setText(byId('explanation'), '');
      return;
    }

    const arrows = steps[this.#step];
    setText(byId('caption'), sayStep(arrows.map((arrow) => arrow.message)));
    setText(byId('explanation'), messageKinds[arrows[0].message.kind] ?? '');
  }

  #scrollToStep() {
    if (this.#step === null || this.scroller.scrollWidth <= this.scroller.clientWidth) return;
    const left = Math.min(...this.#layout.steps[this.#step].map((arrow) => arrow.x1)) - this.#layout.gutter - 40;
    this.scroller.scrollTo({ left: left * this.#layout.scale, behavior: prefersStillness() ? 'auto' : 'smooth' });
  }

  #play(playing) {
    clearInterval(this.#timer);
    this.#timer = playing ? setInterval(() => this.#move(1), playMs) : 0;
    setAttribute(byId('play'), 'aria-pressed', playing);
    setText(byId('play'), playing ? 'Pause' : 'Play');
    if (playing) this.#goTo(0);
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      ArrowRight: () => this.#move(1), ArrowLeft: () => this.#move(-1), Home: () => this.#goTo(0), End: () => this.#goTo(null),
      ' ': () => this.#play(!this.#timer), '+': () => this.#setZoom(this.#zoom * 2), '=': () => this.#setZoom(this.#zoom * 2),
      '-': () => this.#setZoom(this.#zoom / 2), 0: () => this.#setZoom(1),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // How it is shown

  #setZoom(zoom) {
    const middle = (this.scroller.scrollLeft + this.scroller.clientWidth / 2) / this.scroller.scrollWidth;
    this.#zoom = Math.min(zoomMax, Math.max(1, zoom));
    this.#draw();
    this.scroller.scrollLeft = middle * this.scroller.scrollWidth - this.scroller.clientWidth / 2;
    setText(byId('zoom-level'), `${this.#zoom}×`);
    byId('zoom-in').disabled = this.#zoom === zoomMax;
    byId('zoom-out').disabled = this.#zoom === 1;
  }

  #setEven(even) {
    setAttribute(byId('even'), 'aria-pressed', even);
    localStorage.setItem('pbft.even', even);
    this.#draw();
  }

  #highlight(lane) {
    this.#lane = lane;
    if (this.#diagram) highlight(this.#diagram, lane);
  }

  #keepNamesInView() {
    const left = this.scroller.scrollLeft / (this.#layout?.scale ?? 1);
    for (const names of this.scroller.querySelectorAll('g.names')) setAttribute(names, 'transform', left > 0 ? `translate(${left} 0)` : null);
  }

  #export() {
    if (this.#diagram) save(`pbft-${this.#trace.id}.svg`, toSvgFile(this.#diagram, this.#trace.title), 'image/svg+xml');
  }

  #fillTable() {
    const details = byId('message-table');
    const { messages } = this.#trace;
    setText(byId('message-count'), plural(messages.length, 'message'));
    if (!details.open) return; // nobody sees it
    const rows = messages.slice(0, tableRowsMax).map((message) => el('tr', {},
      el('td', {}, message.kind), el('td', {}, nameOf(message.from)), el('td', {}, nameOf(message.to)),
      el('td', { class: 'number' }, duration(message.sentUs)), el('td', { class: 'number' }, duration(message.arrivedUs)),
      el('td', {}, [message.mark, message.note].filter(Boolean).join(': '))));
    replace(byId('message-rows'), ...rows);
  }
}

function prefersStillness() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** A step in a sentence. */
function sayStep(messages) {
  const { kind, from } = messages[0];
  const who = nameOf(from);
  const come = messages.filter((message) => message.mark !== 'missing').sort((a, b) => a.to - b.to);
  const parts = [];
  if (come.length === 1 && messages.length === 1) {
    parts.push(`${describe(come[0])}.`);
  } else {
    if (come.length > 0) {
      const sent = Math.min(...come.map((message) => message.sentUs ?? Infinity));
      const arrived = come.map((message) => message.arrivedUs).filter((us) => us !== undefined);
      parts.push(`${shout(kind)} from ${who} to ${list(come.map((message) => nameOf(message.to)))}`
        + `${Number.isFinite(sent) ? `, sent at ${duration(sent)}` : ''}${arrived.length > 0 ? `, arrived by ${duration(Math.max(...arrived))}` : ''}.`);
    }

    const missing = messages.filter((message) => message.mark === 'missing');
    if (missing.length > 0) parts.push(`${come.length > 0 ? 'It' : `${shout(kind)} from ${who}`} never came to ${list(missing.map((message) => nameOf(message.to)))}.`);
    const lying = messages.filter((message) => message.mark === 'lying');
    if (lying.length > 0) parts.push(`To ${list(lying.map((message) => nameOf(message.to)))} it lied${lying[0].note ? `: ${lying[0].note}` : ''}.`);
  }

  const text = parts.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
