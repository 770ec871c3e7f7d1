// What the silo says by itself: server-sent events. Ends and begins again by our own doing and not by the browser's, for two reasons: a
// browser gives up for good after some answers, and it would ask a silo that has been restarted for what comes after the old one's events.

import { ApiError, read, readIfAny } from './api.js';

const retryFirstMs = 500;
const retryMaxMs = 5000;
const pollMs = 2000;

/** How long nothing may come before the connection counts as dead: the silo sends its rates every second. */
const silenceMs = 20_000;

/** Follows a silo until the page is closed.
 *  on.state is told 'live', 'polling' (no stream is to be had, but answers are), 'off' (nothing is recorded there) or 'lost'; on.status, on.live, on.protocol and on.trace get
 *  documents; on.begin is told each time a connection is new, before anything comes from it, and may take its time. */
export function follow(on) {
  let retryMs = retryFirstMs;
  connect();

  function connect() {
    const source = new EventSource('/v1/events');
    let watchdog = 0;
    let opened = false;
    let ended = false;
    const feed = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(lose, silenceMs);
    };
    const lose = async () => {
      if (ended) return;
      ended = true;
      clearTimeout(watchdog);
      source.close();
      if (opened) await pause(retryFirstMs / 2); // it worked: most often it does again
      else await waitForAnswers();
      connect();
    };
    const take = (name) => source.addEventListener(name, (event) => {
      feed();
      const document = parse(event.data);
      if (document !== null) on[name](document);
    });

    feed();
    source.addEventListener('open', () => {
      opened = true;
      retryMs = retryFirstMs;
      feed();
      on.state('live');
      on.begin();
    });
    source.addEventListener('error', lose);
    for (const name of ['status', 'live', 'protocol', 'trace']) take(name);
  }

  /** After a stream ended: polls where answers are to be had, else waits for the silo to come back. */
  async function waitForAnswers() {
    try {
      const [status, live] = await Promise.all([read('/v1/status'), readIfAny('/v1/live')]);
      on.state(live === null ? 'off' : 'polling');
      on.status(status);
      if (live !== null) {
        on.begin();
        on.live(live);
      }

      await pause(pollMs);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      on.state('lost');
      await pause(retryMs);
      retryMs = Math.min(retryMs * 2, retryMaxMs);
    }
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // half an event of a silo that is going down; the next connection brings it whole
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
