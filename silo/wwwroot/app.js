// Puts the page together: what the silo says goes to the panels, what the person asks goes to the silo.

import { readIfAny, setTokenDialog, ApiError } from './api.js';
import { LiveView } from './charts.js';
import { ClusterView } from './cluster.js';
import { ask } from './dialog.js';
import { byId, setAttribute, setText, show } from './dom.js';
import { EventLog } from './events.js';
import { FaultPanel } from './faults.js';
import { HealthView } from './health.js';
import { follow } from './live.js';
import { ProtocolPanel } from './protocol.js';
import { StorePanel } from './store.js';
import { TraceStrip } from './traces.js';

const healthMs = 5000;

const cluster = new ClusterView();
const live = new LiveView();
const protocol = new ProtocolPanel();
const traces = new TraceStrip((trace) => protocol.show(trace));
const events = new EventLog();
const faults = new FaultPanel();
const health = new HealthView(() => {
  if (lastStatus !== null) cluster.update(lastStatus, health.links);
});
const store = new StorePanel((sequence) => traces.pick(`n${sequence}`));
let lastStatus = null;
let boot = null; // which run of the silo all that is shown comes from

/** Asks anew for all that is not told by itself. What can not be had now is asked for again with the next connection. */
async function begin() {
  await ignoreSilence(async () => {
    await Promise.all([health.refresh(), traces.refresh(), readIfAny('/v1/events?limit=100').then((list) => events.merge(list?.items ?? []))]);
    setAttribute(document.body, 'data-ready', true);
  });
}

function showStatus(status) {
  if (status.bootId !== boot) {
    // The silo was restarted, and this is another one: traces and events of the old one mean nothing any more.
    if (boot !== null) {
      events.clear();
      traces.forget();
      begin();
    }

    boot = status.bootId;
  }

  setText(byId('service'), status.service);
  setText(byId('cluster-id'), status.clusterId.slice(0, 8));
  setAttribute(byId('cluster-id'), 'title', status.clusterId);
  lastStatus = status;
  cluster.update(status, health.links);
  faults.update(status);
  health.update(status);
  store.update(status.service);
}

function showState(state) {
  const words = {
    live: ['live', ''],
    polling: ['every 2 s', 'This silo has no stream of events to spare (Pbft:Http:EventStreamsMax): it is asked every two seconds.'],
    off: ['every 2 s', 'This silo records nothing (Pbft:Telemetry:Recorder is false): the protocol can not be drawn, and there are no rates.'],
    lost: ['reconnecting', 'The silo does not answer. Reconnecting; what you see is what it last said.'],
  }[state];
  setAttribute(document.body, 'data-connection', state);
  setText(byId('connection'), words[0]);
  setText(byId('banner'), words[1]);
  show(byId('banner'), words[1] !== '');
}

/** A silo that is away is told by the banner, and by nothing else. */
async function ignoreSilence(act) {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

function setUpHeader() {
  const root = document.documentElement;
  const theme = byId('theme');
  theme.value = root.dataset.theme ?? '';
  theme.addEventListener('change', () => {
    if (theme.value === '') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
    localStorage.setItem('pbft.theme', theme.value);
  });
  const large = byId('large');
  setAttribute(large, 'aria-pressed', 'large' in root.dataset);
  large.addEventListener('click', () => {
    const isLarge = root.toggleAttribute('data-large');
    setAttribute(large, 'aria-pressed', isLarge);
    localStorage.setItem('pbft.large', isLarge);
  });
}

setUpHeader();
setTokenDialog((reason) => ask(byId('token-dialog'), reason));
follow({
  state: showState,
  begin,
  status: showStatus,
  live: (document) => live.update(document),
  protocol: (event) => {
    events.add(event);
    if (event.kind === 'ViewEntered' || event.kind === 'CheckpointStable') traces.refreshSoon(); // of traces the stream tells the newest only
  },
  trace: (item) => traces.add(item),
});
setInterval(() => ignoreSilence(() => health.refresh()), healthMs);
