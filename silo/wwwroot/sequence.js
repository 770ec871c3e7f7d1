// Draws a message sequence diagram as SVG, and the waterfall of the same trace below it on the same time axis.

import { setAttribute, svg } from './dom.js';
import { duration, durations } from './format.js';
import { marks, nameOf, phaseNames, shout } from './kinds.js';

/** From so many messages on they are drawn fainter and without heads, but for those that are odd: n = 31 has 1,900. */
const denseFrom = 400;

/** The diagram of a layout. Each arrow is one element of the class 'message' that says in data-kind, data-from, data-to and data-mark what it is. */
export function drawSequence(trace, layout) {
  const isDense = layout.arrows.length > denseFrom;
  const drawn = layout.arrows.map((arrow) => drawArrow(arrow, layout.laneGap, isDense));
  const isMarked = (node) => node.hasAttribute('data-mark');
  const root = svg('svg', {
    class: isDense ? 'sequence dense' : 'sequence', width: layout.width * layout.scale, height: layout.height * layout.scale, viewBox: `0 0 ${layout.width} ${layout.height}`, role: 'img',
    'aria-label': `Message sequence diagram of ${trace.title}`,
  });
  root.append(
    drawBands(layout),
    drawAxis(layout),
    drawLanes(layout),
    svg('g', { class: 'messages' }, ...drawn.filter((node) => !isMarked(node)), ...drawn.filter(isMarked)), // what is odd lies above
    svg('g', { class: 'dots' }, ...layout.dots.map(drawDot)),
    drawNames(layout, 0, layout.height),
  );
  return root;
}

function drawBands(layout) {
  const group = svg('g', { class: 'bands' });
  layout.bands.forEach((band, index) => {
    const room = band.x2 - band.x1;
    group.append(svg('rect', { class: index % 2 === 0 ? 'band' : 'band other', x: band.x1, y: 0, width: Math.max(0, room), height: layout.axisY }, svg('title', {}, band.kind)));
    // About 7 units a letter; a name that has no room is told by the band's title, and by the steps.
    if (room > band.kind.length * 7) group.append(svg('text', { class: 'band-name', x: (band.x1 + band.x2) / 2, y: 19, 'text-anchor': 'middle' }, band.kind));
    if (index > 0) group.append(svg('line', { class: 'band-edge', x1: band.x1, x2: band.x1, y1: 6, y2: layout.axisY }));
  });
  return group;
}

function drawAxis(layout) {
  const words = durations(layout.ticks.map((tick) => tick.us));
  return svg('g', { class: 'axis-group' }, ...layout.ticks.flatMap((tick, index) => [
    svg('line', { class: 'tick', x1: tick.x, x2: tick.x, y1: layout.axisY, y2: layout.axisY + 5 }),
    svg('text', { class: 'axis', x: tick.x, y: layout.axisY + 19, 'text-anchor': 'middle' }, words[index]),
  ]));
}

function drawLanes(layout) {
  return svg('g', { class: 'lanes' }, ...layout.lanes.map((lane) => svg('line', {
    class: 'lane', x1: layout.gutter, x2: layout.width - 10, y1: lane.y, y2: lane.y,
  })));
}

/** The names stand on a ground of their own, in a group that is moved along when a zoomed diagram is scrolled. */
function drawNames(layout, top, height) {
  const group = svg('g', { class: 'names' }, svg('rect', { class: 'ground', x: 0, y: top, width: layout.gutter - 2, height }));
  for (const lane of layout.lanes) {
    group.append(svg('text', { class: lane.isPrimary ? 'lane-name primary' : 'lane-name', x: 4, y: lane.y + 4, 'data-lane': lane.id },
      lane.id < 0 ? 'client' : lane.isPrimary ? `${lane.id} primary` : layout.laneGap < 30 ? String(lane.id) : `replica ${lane.id}`));
  }

  return group;
}

function drawArrow(arrow, laneGap, isDense) {
  const { message } = arrow;
  const group = svg('g', {
    class: 'message', 'data-index': message.index, 'data-kind': message.kind, 'data-from': message.from, 'data-to': message.to, 'data-mark': message.mark ?? null,
  }, svg('path', { class: 'arrow', d: pathOf(arrow, laneGap, isDense && !message.mark) }), svg('title', {}, describe(message)));
  if (message.mark in marks) {
    // Where it was lost, or where the end is that nobody here knows; else in the middle.
    const part = message.mark === 'missing' ? 1 : message.mark === 'unseen' ? (message.sentUs === undefined ? 0 : 1) : 0.5;
    const x = arrow.x1 + (arrow.x2 - arrow.x1) * part;
    const y = arrow.y1 + (arrow.y2 - arrow.y1) * part;
    const size = laneGap < 30 ? 5 : 7;
    group.append(
      svg('circle', { class: 'mark-ground', cx: x, cy: y, r: size }),
      svg('text', { class: 'mark', x, y: y + size * 0.55, 'text-anchor': 'middle', 'font-size': size * 1.6 }, marks[message.mark].sign),
    );
  }

  return group;
}

/** A line and an open head in one path: it needs no marker, so that every program shows an exported file alike. */
function pathOf({ x1, y1, x2, y2, hasHead }, laneGap, isPlain) {
  const n = (value) => value.toFixed(1);
  const line = `M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}`;
  if (!hasHead || isPlain) return line;
  const length = laneGap < 30 ? 5 : 8;
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const wing = (turn) => `${n(x2 - length * Math.cos(angle + turn))} ${n(y2 - length * Math.sin(angle + turn))}`;
  return `${line}M${wing(0.42)}L${n(x2)} ${n(y2)}L${wing(-0.42)}`;
}

function drawDot(dot) {
  const title = svg('title', {}, `Replica ${dot.replica}: ${dot.what} after ${duration(dot.us)}`);
  return dot.what === 'executed'
    ? svg('rect', { class: 'dot executed', x: dot.x - 4, y: dot.y - 4, width: 8, height: 8 }, title)
    : svg('circle', { class: `dot ${dot.what}`, cx: dot.x, cy: dot.y, r: 4 }, title);
}

/** One message in words. */
export function describe(message) {
  const times = [
    message.sentUs !== undefined ? `sent at ${duration(message.sentUs)}` : null,
    message.arrivedUs !== undefined ? `arrived at ${duration(message.arrivedUs)}` : null,
  ].filter((part) => part !== null).join(', ');
  const mark = message.mark in marks ? `; ${message.mark}: ${marks[message.mark].legend}` : '';
  return `${shout(message.kind)} from ${nameOf(message.from)} to ${nameOf(message.to)}${times ? `: ${times}` : ''}${mark}${message.note ? `: ${message.note}` : ''}`;
}

/** The waterfall: a row for each replica, a bar for each phase it was in. */
export function drawWaterfall(trace, layout) {
  const rowHeight = layout.laneGap < 30 ? 13 : 20;
  const lanes = layout.lanes.filter((lane) => lane.id >= 0);
  const height = lanes.length * rowHeight + 10;
  const root = svg('svg', {
    class: 'waterfall', width: layout.width * layout.scale, height: height * layout.scale, viewBox: `0 0 ${layout.width} ${height}`, role: 'img',
    'aria-label': `Waterfall of the phases of ${trace.title}`,
  });
  const rows = lanes.map((lane, index) => ({ ...lane, y: 5 + index * rowHeight + rowHeight / 2 }));
  const bars = svg('g', { class: 'bars' });
  for (const row of rows) {
    for (const phase of trace.phases.filter((one) => one.replica === row.id)) {
      const x1 = layout.x(phase.beganUs);
      const open = phase.endedUs === undefined;
      const x2 = open ? layout.width - 24 : layout.x(phase.endedUs);
      const time = open ? 'not ended' : duration(phase.endedUs - phase.beganUs);
      bars.append(svg('rect', {
        class: 'bar', 'data-phase': phase.phase, 'data-open': open || null, x: x1, y: row.y - rowHeight / 2 + 2, width: Math.max(1.5, x2 - x1), height: rowHeight - 4,
      }, svg('title', {}, `Replica ${row.id}, ${phase.phase}: ${time}, from ${duration(phase.beganUs)}`)));
      if (rowHeight > 16 && x2 - x1 > phase.phase.length * 7 + 8) {
        bars.append(svg('text', { class: 'bar-name', 'data-phase': phase.phase, x: x1 + 6, y: row.y + 4 }, phase.phase));
      }
    }
  }

  root.append(bars, drawNames({ ...layout, lanes: rows }, 0, height));
  return root;
}

/** Which phases a trace has, for the legend. */
export function phasesOf(trace) {
  const present = new Set(trace.phases.map((phase) => phase.phase));
  return [...phaseNames.filter((name) => present.has(name)), ...[...present].filter((name) => !phaseNames.includes(name))];
}

/** Shows the diagram up to a step, the step itself in the accent's colour; all of it where the step is null. */
export function showStep(root, layout, step) {
  const drawn = [];
  for (const node of root.querySelectorAll('g.message')) drawn[node.dataset.index] = node;
  layout.steps.forEach((arrows, index) => {
    for (const { message } of arrows) {
      setAttribute(drawn[message.index], 'data-step', step === null ? null : index < step ? 'past' : index === step ? 'now' : 'later');
    }
  });
  const now = step === null ? Infinity : Math.max(...layout.steps[step].map((arrow) => arrow.message.sent));
  root.querySelectorAll('.dots > *').forEach((dot, index) => setAttribute(dot, 'data-step', layout.dots[index].us > now ? 'later' : null));
}

/** Brings out what one lane sends and gets; all where it is null. */
export function highlight(root, lane) {
  for (const message of root.querySelectorAll('g.message')) {
    const isOf = lane === null || message.dataset.from === lane || message.dataset.to === lane;
    setAttribute(message, 'data-dim', isOf ? null : '');
    setAttribute(message, 'data-lit', lane !== null && message.dataset.from === lane ? '' : null);
  }
}
