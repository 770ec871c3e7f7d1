// The recent traces to pick from: a strip of them, newest first, like the frames of a film.

import { ApiError, read } from './api.js';
import { byId, el, replace, setAttribute, setText, show } from './dom.js';
import { count, duration, timeOfDay } from './format.js';

const kept = 60;

/** A trace that is not complete is asked for again this often, while something of it may still come. */
const againMs = 400;
const againMax = 12;

/** While the newest trace is followed, it changes at most this often: a loaded cluster makes a thousand a second. */
const followMs = 1500;

const refreshMs = 300;

const kindWords = { request: 'request', viewChange: 'view change', checkpoint: 'checkpoint' };
const kindSigns = { request: '→', viewChange: '⟳', checkpoint: '◆' };

export class TraceStrip {
  #items = [];
  #selected = null; // the id of the trace that is shown
  #shown = null; // the trace itself
  #filter = '';
  #following = true;
  #followTimer = 0;
  #refreshTimer = 0;
  #wanted = /^#([nvc]\d+)$/.exec(location.hash)?.[1] ?? null; // an address can name a trace, so that it can be passed on
  #asking = 0; // counts what is asked for, so that only the last answer is shown

  /** onTrace(trace) is told which trace to draw; null says that there is none. */
  constructor(onTrace) {
    this.onTrace = onTrace;
    this.list = byId('trace-list');
    this.list.addEventListener('click', (event) => {
      const option = event.target.closest('[role=option]');
      if (option) this.pick(option.dataset.id);
    });
    this.list.addEventListener('keydown', (event) => this.#onKey(event));
    for (const radio of document.querySelectorAll('input[name=trace-kind]')) {
      radio.addEventListener('change', () => {
        this.#filter = radio.value;
        this.refresh();
      });
    }

    byId('follow').addEventListener('click', () => this.follow(!this.#following));
  }

  /** Asks for the list anew: at the beginning, after a restart, and where another kind is wanted. */
  async refresh() {
    const filter = this.#filter;
    const { items } = await read(`/v1/traces?limit=${kept}${filter ? `&kind=${filter}` : ''}`);
    if (filter !== this.#filter) return;
    this.#items = items;
    this.#draw();
    if (items.length === 0) {
      this.#selected = this.#shown = null;
      this.onTrace(null);
    } else if (this.#wanted) {
      const id = this.#wanted;
      this.#wanted = null;
      await this.pick(id);
    } else if (this.#following || this.#selected === null) {
      await this.#load(items[0].id);
    }
  }

  /** Asks for the list anew, once for all that happens at about the same time. */
  refreshSoon() {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => this.refresh().catch(() => {}), refreshMs); // a silo that is away is told by the banner
  }

  /** A trace came, or came on. */
  add(item) {
    const place = this.#items.findIndex((one) => one.id === item.id);
    if (place >= 0) this.#items[place] = item;
    else if (!this.#filter || this.#filter === item.kind) this.#items.unshift(item);
    else return;
    // Not all are told. When it is quiet again the list is asked for those that were not; while more and more come, it is not.
    if (place < 0 && item.kind === 'request' && !this.#items.some((one) => one.kind === 'request' && one.sequence === item.sequence - 1)) this.refreshSoon();
    this.#items.sort(newestFirst);
    this.#items.length = Math.min(this.#items.length, kept);
    this.#drawSoon();
    if (item.id === this.#selected && this.#shown?.id === item.id && !this.#isSame(item)) this.#load(item.id);
    else if (this.#following && !this.#followTimer) {
      if (!this.#shown) this.#load(this.#items[0].id);
      this.#followTimer = setTimeout(() => {
        this.#followTimer = 0;
        if (this.#following && this.#items.length > 0 && this.#items[0].id !== this.#selected) this.#load(this.#items[0].id);
      }, this.#shown ? followMs : 0);
    }
  }

  /** Shows one trace, and stays with it. */
  pick(id) {
    this.follow(false);
    history.replaceState(null, '', `#${id}`);
    return this.#load(id);
  }

  /** Whether the newest trace is shown as soon as it comes. */
  follow(following) {
    this.#following = following;
    if (following) history.replaceState(null, '', location.pathname);
    setAttribute(byId('follow'), 'aria-pressed', following);
    if (following && this.#items.length > 0 && this.#items[0].id !== this.#selected) this.#load(this.#items[0].id);
  }

  /** Forgets what is shown: it was of a silo that is no more. */
  forget() {
    this.#asking++;
    this.#items = [];
    this.#selected = this.#shown = null;
    this.follow(true);
    this.#draw();
    this.onTrace(null);
  }

  #isSame(item) {
    return this.#shown.complete && this.#shown.durationUs === item.durationUs;
  }

  async #load(id) {
    const asked = ++this.#asking;
    this.#selected = id;
    this.#mark();
    for (let attempt = 0; attempt < againMax; attempt++) {
      try {
        const trace = await read(`/v1/traces/${encodeURIComponent(id)}`);
        if (asked !== this.#asking) return;
        this.#shown = trace;
        this.#say('');
        this.onTrace(trace);
        const isOld = this.#items.some((one) => one.id === id && one.durationUs > trace.durationUs); // the strip has heard more meanwhile
        if (!isOld) this.#bringUpToDate(trace);
        if (trace.complete && !isOld) return;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (asked !== this.#asking) return;
        this.#say(error.message);
        if (error.status !== 404) return; // just answered, it may not have been recorded yet
      }

      await new Promise((resolve) => setTimeout(resolve, againMs));
      if (asked !== this.#asking) return;
    }
  }

  /** The strip says of a trace what the trace itself says, which may be newer, or the first that is heard of it. */
  #bringUpToDate(trace) {
    const place = this.#items.findIndex((one) => one.id === trace.id);
    if (place < 0 && this.#filter && this.#filter !== trace.kind) return;
    const item = { ...trace, anomalies: trace.messages.filter((message) => message.mark === 'missing' || message.mark === 'lying').length };
    if (place < 0) this.#items.unshift(item);
    else this.#items[place] = { ...item, anomalies: this.#items[place].anomalies };
    this.#items.sort(newestFirst);
    this.#drawSoon();
  }

  #say(text) {
    setText(byId('trace-note'), text);
    show(byId('trace-note'), text !== '');
  }

  /** Draws at most once a frame, whatever comes. */
  #drawSoon() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.#draw();
    });
  }

  #draw() {
    const focused = this.list.contains(document.activeElement);
    replace(this.list, ...this.#items.map((item) => this.#option(item)));
    show(byId('trace-none'), this.#items.length === 0);
    this.#mark();
    if (focused) (this.list.querySelector('[aria-selected=true]') ?? this.list.firstElementChild)?.focus();
  }

  #option(item) {
    const anomalies = item.anomalies > 0 ? el('span', { class: 'anomalies' }, `! ${count(item.anomalies)}`, el('span', { class: 'unseen' }, ' anomalies')) : null;
    return el('li', { role: 'option', 'data-id': item.id, 'data-kind': item.kind, tabindex: '-1', title: item.title },
      el('span', { class: 'trace-id' }, el('span', { 'aria-hidden': 'true', class: 'kind-sign' }, kindSigns[item.kind] ?? '·'),
        el('span', { class: 'unseen' }, `${kindWords[item.kind] ?? item.kind} `), nameOfTrace(item), anomalies),
      el('span', { class: 'trace-time' }, item.complete ? duration(item.durationUs) : 'under way', el('span', { class: 'faint' }, ` ${timeOfDay(item.start).slice(0, 8)}`)));
  }

  #mark() {
    let any = false;
    for (const option of this.list.children) {
      const isIt = option.dataset.id === this.#selected;
      any ||= isIt;
      setAttribute(option, 'aria-selected', isIt);
      setAttribute(option, 'tabindex', isIt ? '0' : '-1');
    }

    if (!any && this.list.firstElementChild) setAttribute(this.list.firstElementChild, 'tabindex', '0');
  }

  #onKey(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    const options = [...this.list.children];
    if (step === undefined || options.length === 0) return;
    event.preventDefault();
    const now = options.findIndex((option) => option === document.activeElement);
    const next = options[Math.min(options.length - 1, Math.max(0, now + step))];
    this.pick(next.dataset.id);
    next.focus();
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
}

function newestFirst(a, b) {
  if (a.start === b.start) return 0;
  return a.start < b.start ? 1 : -1;
}

function nameOfTrace(item) {
  if (item.kind === 'viewChange') return `view ${item.view}`;
  return item.kind === 'checkpoint' ? `checkpoint ${item.sequence}` : `n ${item.sequence}`;
}
