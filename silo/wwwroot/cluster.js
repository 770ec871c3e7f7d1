// Where the replicas stand: the tiles for the quorum and the view, and the table with a row for each replica.

import { byId, el, replace, setAttribute, setText, show } from './dom.js';
import { count, list, plural, shortDigest } from './format.js';

/** A sign for each state, so that colour is not the only one. */
const signs = {
  Normal: '●',
  ViewChanging: '◐',
  Behind: '◔',
  Diverged: '≠',
  Learner: '◌',
  OutOfSpace: '▣',
  Halted: '✕',
  Silent: '○',
  Unreachable: '○',
};

/** Those that take part: they vote, or will as soon as the view has changed. */
const working = new Set(['Normal', 'ViewChanging', 'Behind']);

/** Whether a replica counts for the quorum. What is wrong with it on purpose counts against it, although its own account is fine. */
export function works(replica) {
  return working.has(replica.state) && !replica.fault;
}

/** What is known of all n replicas, in their order. Those of other organisations are known by their links only. */
export function seats(status, links) {
  const known = new Map(status.replicas.map((replica) => [replica.id, replica]));
  const linked = new Map((links ?? []).map((link) => [link.peer, link]));
  return Array.from({ length: status.n }, (_, id) => {
    const replica = known.get(id);
    if (replica) return { id, replica, working: works(replica), word: replica.fault ? `${replica.state}, made ${replica.fault}` : replica.state };
    const link = linked.get(id);
    const open = Boolean(link?.isSending && link?.isReceiving);
    return { id, link, working: open, word: open ? 'linked' : 'no link' };
  });
}

/** Compares state digests. Only states after the same sequence number can be compared; in each such group what most have is taken as right. */
export function compareDigests(replicas) {
  const groups = Map.groupBy(replicas.filter((replica) => replica.stateDigest), (replica) => replica.lastExecuted);
  const verdicts = new Map();
  for (const group of groups.values()) {
    const byDigest = Map.groupBy(group, (replica) => replica.stateDigest);
    const most = Math.max(...Array.from(byDigest.values(), (same) => same.length));
    for (const same of byDigest.values()) {
      const verdict = group.length === 1 ? 'alone' : same.length === most ? 'equal' : 'different';
      for (const replica of same) verdicts.set(replica.id, verdict);
    }
  }

  return verdicts;
}

export class ClusterView {
  #rows = new Map();
  #shape = '';

  /** Shows where things stand. */
  update(status, links) {
    // Of a federation nothing can be said before the links are known.
    if (links !== null || status.replicas.length === status.n) this.#showQuorum(status, seats(status, links));
    this.#showView(status);
    this.#showTable(status);
  }

  #showQuorum(status, all) {
    const up = all.filter((seat) => seat.working).length;
    const spare = up - status.quorum;
    setText(byId('quorum-left'), spare >= 0 ? spare : 'no');
    setText(byId('quorum-left-unit'), spare >= 0 ? 'more may fail' : 'quorum');
    setText(byId('quorum-detail'), spare >= 0
      ? `${up} of ${status.n} replicas work, ${status.quorum} are a quorum`
      : `${up} of ${status.n} replicas work, a quorum is ${status.quorum}: the cluster may stand still, or be wrong`);
    setAttribute(byId('quorum'), 'data-level', spare < 0 ? 'bad' : spare === 0 && status.f > 0 ? 'warn' : 'good');

    const pips = byId('pips');
    if (pips.childElementCount !== all.length) {
      replace(pips, ...all.map((seat) => el('li', { class: 'pip' }, el('span', { 'aria-hidden': 'true' }, String(seat.id)), el('span', { class: 'unseen' }))));
    }

    all.forEach((seat, index) => {
      const pip = pips.children[index];
      const words = `Replica ${seat.id}: ${seat.word}${seat.id === status.primary ? ', primary' : ''}`;
      setAttribute(pip, 'data-works', seat.working);
      setAttribute(pip, 'data-primary', seat.id === status.primary ? '' : null);
      setAttribute(pip, 'title', words);
      setText(pip.lastElementChild, words);
    });
  }

  #showView(status) {
    setText(byId('view-number'), count(status.view));
    const changing = status.replicas.filter((replica) => replica.state === 'ViewChanging');
    setText(byId('view-detail'), changing.length > 0
      ? `${plural(changing.length, 'replica')} changing the view`
      : `led by replica ${status.primary}`);
    const executed = Math.max(0, ...status.replicas.map((replica) => replica.lastExecuted));
    const stable = Math.max(0, ...status.replicas.map((replica) => replica.stableCheckpoint));
    setText(byId('view-more'), `executed up to n ${count(executed)}, stable checkpoint n ${count(stable)}`);
    setAttribute(byId('view'), 'data-level', changing.length > 0 ? 'warn' : null);
  }

  #showTable(status) {
    const body = byId('replica-rows');
    const shape = status.replicas.map((replica) => replica.id).join();
    if (this.#shape !== shape) {
      // Rows are made once for each set of replicas: who has the keyboard on one of them keeps it.
      this.#shape = shape;
      this.#rows = new Map(status.replicas.map((replica) => [replica.id, new ReplicaRow(replica.id)]));
      replace(body, ...[...this.#rows.values()].flatMap((row) => [row.summary, row.detail]));
    }

    const verdicts = compareDigests(status.replicas);
    const newest = Math.max(...status.replicas.map((replica) => replica.lastExecuted));
    for (const replica of status.replicas) {
      this.#rows.get(replica.id).update(replica, { primary: replica.id === status.primary, verdict: verdicts.get(replica.id), newest });
    }

    const elsewhere = status.n - status.replicas.length;
    setText(byId('replica-note'), elsewhere > 0 ? `${plural(elsewhere, 'replica')} at other organisations' silos: see the links below.` : '');
  }
}

/** One replica's row, and what it says when it is opened. */
class ReplicaRow {
  constructor(id) {
    const cell = (name) => el('td', { class: name });
    this.cells = { state: cell('state'), view: cell('number'), executed: cell('number'), stable: cell('number'), digest: cell('digest') };
    this.lag = el('span', { class: 'lag' });
    this.executed = el('span');
    this.cells.executed.append(this.executed, this.lag);
    this.badge = el('span', { class: 'badge', title: 'primary of the current view' }, 'primary');
    this.fault = el('span', { class: 'badge fault' });
    this.state = el('span');
    this.cells.state.append(this.state, this.fault);
    this.button = el('button', {
      type: 'button', class: 'plain row-name', 'aria-expanded': 'false', 'aria-controls': `replica-${id}-detail`, onclick: () => this.#toggle(),
    }, el('span', { class: 'unseen' }, 'Replica '), String(id));
    this.summary = el('tr', { id: `replica-${id}` }, el('th', { scope: 'row' }, this.button, this.badge), ...Object.values(this.cells));
    this.text = el('div', { class: 'detail' });
    this.detail = el('tr', { id: `replica-${id}-detail`, hidden: true }, el('td', { colspan: '6' }, this.text));
  }

  update(replica, { primary, verdict, newest }) {
    show(this.badge, primary);
    setAttribute(this.summary, 'data-works', works(replica));
    // By its own account a replica that is made faulty is fine: then its fault takes the place of that.
    const isFault = Boolean(replica.fault);
    setText(this.state, `${signs[replica.state] ?? '?'} ${replica.state}`);
    show(this.state, !(isFault && replica.state === 'Normal'));
    show(this.fault, isFault);
    setText(this.fault, isFault ? `✕ ${replica.fault}` : '');
    setAttribute(this.fault, 'title', isFault ? `${replica.state}, made ${replica.fault} on purpose` : null);
    setText(this.cells.view, count(replica.view));
    setText(this.executed, count(replica.lastExecuted));
    const lag = newest - replica.lastExecuted;
    setText(this.lag, lag > 0 ? ` −${count(lag)}` : '');
    setAttribute(this.lag, 'title', lag > 0 ? `${count(lag)} behind the one that executed most` : null);
    setText(this.cells.stable, count(replica.stableCheckpoint));
    const [sign, words] = { equal: ['=', 'equal to the others'], different: ['≠', 'differs from the others'] }[verdict]
      ?? ['·', 'no other replica is at this sequence number: nothing to compare with'];
    setText(this.cells.digest, `${sign} ${shortDigest(replica.stateDigest)}`);
    setAttribute(this.cells.digest, 'data-verdict', verdict ?? 'alone');
    setAttribute(this.cells.digest, 'title', `${words}; ${replica.stateDigest || 'not known'}`);
    this.replica = replica;
    if (!this.detail.hidden) this.#showDetail();
  }

  #toggle() {
    const open = this.detail.hidden;
    this.detail.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
    if (open) this.#showDetail();
  }

  #showDetail() {
    const replica = this.replica;
    const counters = (title, counts) => {
      const entries = Object.entries(counts ?? {}).filter(([, number]) => number > 0);
      return entries.length === 0 ? [] : [`${title}: ${list(entries.map(([reason, number]) => `${reason} ${count(number)}`))}.`];
    };
    const lines = [
      `${plural(replica.pending, 'request')} waiting, ${count(replica.inFlight)} in flight, ${plural(replica.sessions, 'session')} open, `
        + `${count(replica.refusedBusy)} refused as busy.`,
      replica.stateDigest ? `State digest ${replica.stateDigest}.` : 'State digest not known.',
      ...(replica.haltedBecause ? [`It stopped: ${replica.haltedBecause}`] : []),
      ...(replica.state === 'Learner' ? [`Learner: silent up to n ${replica.silentUpTo ?? 'not yet known'}.`] : []),
      ...counters('Envelopes dropped', replica.rejected),
      ...counters('Inputs ignored', replica.ignored),
    ];
    if (replica.accusations > 0) lines.push(`Caught others ${plural(replica.accusations, 'time')}; the newest evidence:`);
    const evidence = (replica.evidence ?? []).map((sentence) => el('li', {}, sentence));
    const key = JSON.stringify([lines, replica.evidence]);
    if (this.shown === key) return;
    this.shown = key;
    replace(this.text, ...lines.map((line) => el('p', {}, line)), evidence.length > 0 ? el('ul', {}, ...evidence) : null);
  }
}
