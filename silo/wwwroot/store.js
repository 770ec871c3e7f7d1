// The panel that puts and gets a key, as any client of the HTTP API does.

import { ApiError, change, read } from './api.js';
import { byId, el, replace, setAttribute, show } from './dom.js';
import { list } from './format.js';

export class StorePanel {
  #isBusy = false;

  /** onSequence(sequence) is told where in the order a write was executed. */
  constructor(onSequence) {
    this.onSequence = onSequence;
    this.key = byId('kv-key');
    this.value = byId('kv-value');
    this.answer = byId('kv-answer');
    byId('kv-form').addEventListener('submit', (event) => {
      event.preventDefault(); // nothing on this page is submitted anywhere: the page's policy forbids it
      this.#ask(event.submitter?.value ?? 'put');
    });
  }

  /** Keys can be put where the replicated service is the key-value store. */
  update(service) {
    show(byId('kv-form'), service === 'KeyValueStore');
    show(byId('kv-other'), service !== 'KeyValueStore');
  }

  async #ask(what) {
    if (this.#isBusy) return;
    const key = this.key.value;
    if (key === '' || key === '.' || key === '..') {
      this.#say(true, 'A key has at least one character, and is not . or .., which no path can hold.');
      return;
    }

    this.#isBusy = true;
    setAttribute(this.answer, 'aria-busy', true);
    const path = `/v1/kv/${encodeURIComponent(key)}`;
    const began = performance.now();
    try {
      if (what === 'put') {
        const written = await change('PUT', path, { value: this.value.value });
        this.#say(false, `${key} = ${this.value.value}`, `version ${written.version}, ${agreement(written, began)}`);
        this.onSequence(written.sequence);
      } else {
        const found = await read(path);
        this.#say(false, `${key} = ${found.value ?? `${found.valueBase64} (base64)`}`, `version ${found.version}, ${agreement(found, began)}`);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#say(true, error.message);
    } finally {
      this.#isBusy = false;
      setAttribute(this.answer, 'aria-busy', null);
    }
  }

  #say(isProblem, text, detail) {
    setAttribute(this.answer, 'data-problem', isProblem ? '' : null);
    replace(this.answer, el('strong', {}, text), detail ? el('span', { class: 'faint' }, detail) : null);
  }
}

function agreement(answer, began) {
  const how = answer.read === 'quorum' ? ', by quorum read' : '';
  return `sequence ${answer.sequence}, view ${answer.view}, agreed by replicas ${list(answer.replicas)}${how}, in ${Math.round(performance.now() - began)} ms`;
}
