// What the replicas do, in words, newest first.

import { byId, el, replace, setAttribute, show } from './dom.js';
import { timeOfDay } from './format.js';

const kept = 300;
const signs = { info: '·', warning: '▲', fault: '✕' };
const ranks = { info: 0, warning: 1, fault: 2 };

export class EventLog {
  #events = [];
  #least = 0;
  #waiting = false;

  constructor() {
    this.list = byId('event-list');
    byId('event-severity').addEventListener('change', (event) => {
      this.#least = ranks[event.target.value] ?? 0;
      this.#draw();
    });
  }

  /** Forgets all: a silo that was restarted counts its events from the beginning. */
  clear() {
    this.#events = [];
    this.#draw();
  }

  /** Adds those that are not here yet. */
  merge(events) {
    const known = new Set(this.#events.map((event) => event.id));
    this.#events.push(...events.filter((event) => !known.has(event.id)));
    this.#events.sort((a, b) => b.id - a.id);
    this.#events.length = Math.min(this.#events.length, kept);
    this.#draw();
  }

  /** One more. One that is here already, as after a reconnection, is the same. */
  add(event) {
    if (this.#events.some((one) => one.id === event.id)) return;
    this.#events.unshift(event);
    this.#events.length = Math.min(this.#events.length, kept);
    if (this.#waiting) return;
    this.#waiting = true; // a view change is dozens of events at once: they are drawn together
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#draw();
    });
  }

  #draw() {
    const shown = this.#events.filter((event) => (ranks[event.severity] ?? 0) >= this.#least);
    const known = new Map(Array.from(this.list.children, (node) => [node.dataset.id, node]));
    replace(this.list, ...shown.map((event) => known.get(String(event.id)) ?? draw(event)));
    show(byId('event-none'), shown.length === 0);
    setAttribute(this.list, 'aria-busy', null);
  }
}

function draw(event) {
  return el('li', { 'data-id': event.id, 'data-severity': event.severity, 'data-kind': event.kind },
    el('span', { class: 'when' }, timeOfDay(event.at)),
    el('span', { class: 'sign', 'aria-hidden': 'true' }, signs[event.severity] ?? '·'),
    el('span', { class: 'what' }, event.severity === 'info' ? null : el('span', { class: 'unseen' }, `${event.severity}: `), event.text));
}
