// Makes replicas faulty on purpose, and heals them, where the silo allows it.

import { ApiError, change, readIfAny } from './api.js';
import { ask } from './dialog.js';
import { byId, el, replace, setAttribute, setText, show } from './dom.js';

/** The lecture's four modes have buttons; all others are in the list. */
const lectured = ['silent', 'stuck', 'wrong', 'lie'];
const words = { silent: 'silent', stuck: 'stuck', wrong: 'wrong', lie: 'lying' };
const titles = {
  silent: 'takes part, and keeps everything it should send to itself',
  stuck: 'repeats an old answer for ever',
  wrong: 'gives wrong results and wrong state digests, and votes right',
  lie: 'tells different peers different lies',
};

export class FaultPanel {
  #replicas = '';
  #boot = null; // of which run of the silo the modes are known
  #rows = new Map();

  /** A status says whether faults on purpose are allowed, and what each replica is made to do. */
  update(status) {
    show(byId('faults'), status.faultInjection);
    if (!status.faultInjection) return;
    if (this.#boot !== status.bootId) {
      this.#boot = status.bootId;
      this.#refresh();
    }

    for (const replica of status.replicas) this.#showMode(replica.id, replica.fault ?? null);
    const faulty = status.replicas.filter((replica) => replica.fault).length;
    if (faulty <= status.f) this.#showWarning(null);
  }

  /** Finds out which modes there are. */
  async #refresh() {
    const faults = await readIfAny('/v1/faults').catch(() => null);
    if (faults === null) {
      this.#boot = null; // it is asked again with the next status
      return;
    }

    this.#build(faults);
    this.#showWarning(faults.warning);
    for (const replica of faults.replicas) this.#showMode(replica.replica, replica.mode);
  }

  #build(faults) {
    const shape = JSON.stringify([faults.replicas.map((replica) => replica.replica), faults.modes]);
    if (this.#replicas === shape) return;
    this.#replicas = shape;
    const plain = lectured.filter((mode) => faults.modes.includes(mode));
    const others = faults.modes.filter((mode) => !plain.includes(mode));
    replace(byId('fault-head'), el('tr', {}, el('th', { scope: 'col' }, 'replica'),
      el('th', { scope: 'col', colspan: plain.length }, 'make it'), el('th', { scope: 'col' }, 'or'), el('th', { scope: 'col' }, el('span', { class: 'unseen' }, 'heal'))));
    this.#rows = new Map(faults.replicas.map(({ replica }) => [replica, this.#row(replica, plain, others)]));
    replace(byId('fault-rows'), ...Array.from(this.#rows.values(), (row) => row.element));
  }

  #row(replica, plain, others) {
    const buttons = new Map(plain.map((mode) => [mode, el('button', {
      type: 'button', 'aria-pressed': 'false', 'aria-label': `Make replica ${replica} ${words[mode]}`, title: titles[mode], 'data-mode': mode,
      onclick: () => this.#set(replica, mode),
    }, words[mode])]));
    // A button beside the list: on many systems the arrow keys change a list's choice at once, and would make the replica all of them in turn.
    const select = el('select', { 'aria-label': `Another fault for replica ${replica}` }, ...others.map((mode) => el('option', { value: mode }, mode)));
    const other = el('button', { type: 'button', 'aria-pressed': 'false', 'aria-label': `Make replica ${replica} what the list says`, onclick: () => this.#choose(replica, select.value) }, 'set');
    const heal = el('button', { type: 'button', class: 'heal', 'aria-label': `Heal replica ${replica}`, onclick: () => this.#set(replica, null) }, 'heal');
    const element = el('tr', { 'data-replica': replica }, el('th', { scope: 'row' }, String(replica)),
      ...Array.from(buttons.values(), (button) => el('td', {}, button)), el('td', {}, el('span', { class: 'joined' }, select, other)), el('td', {}, heal));
    return { element, buttons, select, other, heal, mode: null };
  }

  /** Some modes need to know more: which client, what rate. */
  async #choose(replica, form) {
    const parameter = /^([a-z]+:)<(.+)>$/.exec(form);
    if (!parameter) {
      await this.#set(replica, form);
      return;
    }

    setText(byId('fault-title'), `Replica ${replica}: ${form}`);
    setText(byId('fault-hint'), parameter[2] === 'rate' ? 'Which part of what it sends is lost, 0 to 1' : 'Whose requests it drops: the client’s id in 32 hexadecimal digits');
    const value = await ask(byId('fault-dialog'));
    if (value !== null) await this.#set(replica, parameter[1] + value);
  }

  async #set(replica, mode) {
    const path = `/v1/replicas/${replica}/fault`;
    try {
      const answer = mode === null ? await change('DELETE', path) : await change('POST', path, { mode });
      this.#showMode(replica, answer.mode);
      this.#showWarning(answer.warning);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#showWarning(error.message);
    }
  }

  #showMode(replica, mode) {
    const row = this.#rows.get(replica);
    if (!row) return;
    for (const [name, button] of row.buttons) setAttribute(button, 'aria-pressed', name === mode);
    const form = mode === null || row.buttons.has(mode) ? null : [...row.select.options].find((option) => option.value.split(':')[0] === mode.split(':')[0])?.value;
    setAttribute(row.other, 'aria-pressed', Boolean(form));
    if (form && row.mode !== mode) row.select.value = form; // once: who looks for another one in the list is not disturbed
    row.mode = mode;
    if (row.heal.disabled !== (mode === null)) row.heal.disabled = mode === null;
    setAttribute(row.element, 'data-faulty', mode === null ? null : '');
  }

  #showWarning(warning) {
    setText(byId('fault-warning'), warning ?? '');
    show(byId('fault-warning'), Boolean(warning));
  }
}
