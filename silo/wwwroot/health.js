// Journals, links and sessions: what an operator looks at when something is slow or missing.

import { readIfAny } from './api.js';
import { byId, el, replace, setText, show } from './dom.js';
import { bytes, count, duration } from './format.js';

export class HealthView {
  /** The links of a federation, as they were last asked for; null in a local cluster. */
  links = null;

  #isFederation = false;

  /** onLinks() is told when there is news of the links. */
  constructor(onLinks) {
    this.onLinks = onLinks;
  }

  /** Asks for journals, and for links where there are replicas elsewhere. */
  async refresh() {
    const [journals, links] = await Promise.all([readIfAny('/v1/journal'), this.#isFederation ? readIfAny('/v1/links') : null]);
    this.links = links;
    if (links !== null) this.onLinks();
    showJournals(journals);
    showLinks(links);
  }

  update(status) {
    const isFederation = status.replicas.length < status.n;
    if (isFederation !== this.#isFederation) {
      this.#isFederation = isFederation;
      this.refresh().catch(() => {}); // it is asked again in a few seconds, and the banner tells of a silo that is away
    }

    replace(byId('session-rows'), ...status.replicas.map((replica) => row(
      replica.id, count(replica.sessions), count(replica.pending), count(replica.inFlight), count(replica.refusedBusy),
      count(sum(replica.rejected)), count(sum(replica.ignored)), count(replica.accusations))));
  }
}

function showJournals(journals) {
  const items = journals?.items ?? [];
  show(byId('journal-table'), items.length > 0);
  setText(byId('journal-note'), items.length > 0 ? '' : 'No journal is kept (Durability=None): the state of the replicas ends with the process.');
  replace(byId('journal-rows'), ...items.map((journal) => row(
    journal.replica, bytes(journal.bytes), count(journal.segments), count(journal.flushes), duration(journal.flushP50Us), duration(journal.flushP99Us))));
}

function showLinks(links) {
  show(byId('link-table'), links !== null);
  setText(byId('link-note'), links === null ? 'All replicas are in this process: there are no links.' : '');
  replace(byId('link-rows'), ...(links ?? []).map((link) => {
    const line = row(link.peer, link.address, link.isSending ? 'open' : 'closed', link.isReceiving ? 'open' : 'closed', bytes(link.queuedBytes), count(link.dropped));
    line.append(el('td', {}, [link.problem, link.refusal].filter(Boolean).join(' ')));
    return line;
  }));
}

function row(head, ...cells) {
  return el('tr', {}, el('th', { scope: 'row' }, String(head)), ...cells.map((cell) => el('td', { class: 'number' }, String(cell))));
}

function sum(counts) {
  return Object.values(counts ?? {}).reduce((all, one) => all + one, 0);
}
