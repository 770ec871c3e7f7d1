// Where everything in a message sequence diagram goes, as Castro and Liskov draw it: a line for the client and for each replica, time to the
// right, an arrow for each message from when it was sent to when it arrived. Numbers only; sequence.js draws them.

import { messageKinds } from './kinds.js';

const gutter = 96; // the names of the lanes
const rightMargin = 28;
const bandHeight = 30;
const bottom = 30; // the time axis
const widthMin = 540; // in a narrower window it is scrolled
const laneGapMax = 74;
const laneGapMin = 19;
const diagramHeight = 370;
const tickRoom = 110;
const density = 0.72;
const kindOrder = Object.keys(messageKinds);

/** Lays a trace out.
 *  options.width is the room there is, options.scale how large a unit is in it, options.zoom how many times wider the diagram is, and
 *  options.even whether phases are equally wide instead of as long as they took. */
export function layOut(trace, options) {
  const lanes = lanesOf(trace);
  const laneGap = Math.max(laneGapMin, Math.min(laneGapMax, diagramHeight / Math.max(1, lanes.length - 1)));
  const laneY = new Map(lanes.map((lane, index) => [lane, bandHeight + 22 + index * laneGap]));
  const height = bandHeight + 22 + (lanes.length - 1) * laneGap + 22 + bottom;
  const width = Math.max(widthMin, options.width / options.scale) * options.zoom;
  const messages = complete(trace);
  const starts = startsOf(messages);
  const time = timeScale(trace, messages, starts, options.even, gutter + 14, width - rightMargin);
  const arrows = messages.map((message) => arrowOf(message, time.x, laneY));
  return {
    width,
    height,
    gutter,
    laneGap,
    scale: options.scale,
    axisY: height - bottom + 4,
    lanes: lanes.map((id) => ({ id, y: laneY.get(id), isPrimary: id === trace.primary })),
    arrows,
    steps: stepsOf(arrows),
    bands: bandsOf(starts, time.x, width - rightMargin),
    ticks: time.ticks,
    dots: dotsOf(trace, time.x, laneY),
    x: time.x,
  };
}

function lanesOf(trace) {
  const replicas = Array.from({ length: trace.replicas }, (_, id) => id);
  return trace.messages.some((message) => message.from < 0 || message.to < 0) ? [-1, ...replicas] : replicas;
}

/** Gives every message a beginning and an end. What is not known of one is guessed from the others of its kind, and drawn as a guess. */
function complete(trace) {
  const flights = Map.groupBy(trace.messages.filter((one) => one.sentUs !== undefined && one.arrivedUs !== undefined), (one) => one.kind);
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const typical = (kind) => {
    const known = flights.get(kind);
    return known ? Math.max(1, median(known.map((one) => one.arrivedUs - one.sentUs))) : Math.max(1, trace.durationUs * 0.08);
  };
  const usualStart = (kind) => {
    const known = flights.get(kind);
    return known ? median(known.map((one) => one.sentUs)) : 0;
  };
  return trace.messages.map((message, index) => {
    const flight = typical(message.kind);
    const sent = message.sentUs ?? (message.arrivedUs !== undefined ? message.arrivedUs - flight : usualStart(message.kind));
    const arrived = message.arrivedUs ?? sent + flight;
    return { ...message, index, sent: Math.max(0, sent), arrived: Math.max(sent, arrived) };
  });
}

/** The way from microseconds to places. With even phases each band takes the same room, and in it each moment at which something happens;
 *  the order in time stays as it was, how long things took is on the axis only. */
function timeScale(trace, messages, starts, even, left, right) {
  const last = Math.max(trace.durationUs, 1, ...messages.map((message) => message.arrived));
  const room = right - left;
  if (!even) {
    const x = (us) => left + (room * us) / last;
    const step = niceStep(last / Math.max(2, Math.floor(room / tickRoom)));
    const ticks = [];
    for (let us = 0; us <= last; us += step) ticks.push({ us, x: x(us) });
    return { x, ticks };
  }

  const moments = [...new Set([0, last, ...messages.flatMap((message) => [message.sent, message.arrived])])].sort((a, b) => a - b);
  const bandRoom = room / starts.length;
  const places = moments.map((us) => {
    const band = starts.findLastIndex((start) => start.us <= us);
    return { us, band };
  });
  const inBand = Map.groupBy(places, (place) => place.band);
  for (const [band, all] of inBand) {
    const isLast = band === starts.length - 1;
    all.forEach((place, index) => {
      // Denser towards the end: what one replica sends to all arrives in turn, and evenly spaced these arrows would lie on one line.
      const part = (index / Math.max(1, isLast ? all.length - 1 : all.length)) ** density;
      place.x = left + (band + part) * bandRoom;
    });
  }

  const x = (us) => {
    const next = places.findIndex((place) => place.us >= us);
    if (next <= 0) return next < 0 ? right : left;
    const [a, b] = [places[next - 1], places[next]];
    return a.x + ((b.x - a.x) * (us - a.us)) / (b.us - a.us);
  };
  const ticks = [];
  for (const place of places) {
    if (ticks.length === 0 || place.x - ticks.at(-1).x >= tickRoom) ticks.push({ us: place.us, x: place.x });
  }

  return { x, ticks };
}

function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].find((factor) => factor * power >= least) * power;
}

function arrowOf(message, x, laneY) {
  const x1 = x(message.sent);
  const y1 = laneY.get(message.from);
  const x2 = Math.max(x1 + 1, x(message.arrived));
  const y2 = laneY.get(message.to);
  // Of a message that did not come, or one end of which is not known, only the part by the known end is drawn.
  const isFrom = message.arrivedUs === undefined || message.sentUs !== undefined;
  const part = message.mark === 'missing' ? 0.55 : message.mark === 'unseen' ? 0.5 : 1;
  const cut = (a, b) => a + (b - a) * part;
  const ends = isFrom
    ? { x1, y1, x2: cut(x1, x2), y2: cut(y1, y2) }
    : { x1: x2 - (x2 - x1) * part, y1: y2 - (y2 - y1) * part, x2, y2 };
  return { ...ends, message, hasHead: message.mark !== 'missing' && (part === 1 || !isFrom) };
}

/** A step is what one sender says in one go: the messages of one kind, in the order in which the first of each is sent. */
function stepsOf(arrows) {
  const steps = Map.groupBy(arrows, ({ message }) => `${message.kind}/${message.from}/${message.mark === 'resent' ? message.sent : ''}`);
  return [...steps.values()].sort((a, b) => a[0].message.sent - b[0].message.sent || rank(a) - rank(b) || a[0].message.from - b[0].message.from);
}

function rank(step) {
  return kindOrder.indexOf(step[0].message.kind);
}

/** When each phase begins: when the first message of its kind is sent. Replicas are not all in the same phase at a time; the waterfall says
 *  what each is at. */
function startsOf(messages) {
  const first = new Map();
  for (const message of messages) {
    if (message.mark === 'resent') continue;
    first.set(message.kind, Math.min(first.get(message.kind) ?? Infinity, message.sent));
  }

  const starts = [...first].map(([kind, us]) => ({ kind, us })).sort((a, b) => a.us - b.us || kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind));
  return starts.length > 0 ? [{ ...starts[0], us: 0 }, ...starts.slice(1)] : [{ kind: '', us: 0 }];
}

/** A phase is drawn as a band from its beginning to that of the next. */
function bandsOf(starts, x, right) {
  return starts.map(({ kind, us }, index) => ({ kind, x1: x(us), x2: index + 1 < starts.length ? x(starts[index + 1].us) : right }));
}

/** When each replica was prepared, committed and had executed. */
function dotsOf(trace, x, laneY) {
  const ends = { prepare: 'prepared', commit: 'committed', execute: 'executed' };
  return trace.phases
    .filter((phase) => phase.phase in ends && phase.endedUs !== undefined && laneY.has(phase.replica))
    .map((phase) => ({ what: ends[phase.phase], replica: phase.replica, us: phase.endedUs, x: x(phase.endedUs), y: laneY.get(phase.replica) }));
}
