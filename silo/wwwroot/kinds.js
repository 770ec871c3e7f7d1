// What the kinds of messages, phases and marks are called and mean.

/** In the order in which a request meets them. */
export const messageKinds = {
  request: 'The client asks the replica that it believes to be the primary; after a time-out, all of them.',
  forward: 'A backup hands a request that it has not seen ordered on to the primary, and starts that request’s timer.',
  'pre-prepare': 'The primary gives the request its place in the order, and tells all backups.',
  prepare: 'Each backup says which proposal it saw. With a quorum for the same one, it is prepared: no other can be at this place in this view.',
  commit: 'Each replica that is prepared says so. With a quorum the order is final, even if the view changes.',
  reply: 'Each replica executes and answers. The client believes what f + 1 of them say equally.',
  checkpoint: 'Each replica says the digest of its state. When a quorum says the same it is stable, and the log before it is dropped.',
  suspect: 'A replica whose request waited too long suspects the primary. f + 1 suspicions end the view.',
  'view-change': 'A replica that left the view says what it has prepared, signed.',
  'new-view': 'The next primary shows a quorum of these, and what follows from them. Each backup computes the same, or does not follow.',
};

export const phaseNames = ['pre-prepare', 'prepare', 'commit', 'execute', 'reply'];

/** How a marked message is drawn: a sign beside its line, so that colour and dashes are not the only difference. */
export const marks = {
  missing: { sign: '✕', legend: 'was to come, and never did' },
  lying: { sign: '!', legend: 'contradicts what others say' },
  resent: { sign: '↻', legend: 'sent again' },
  unseen: { sign: '?', legend: 'one end is at another silo, which was not asked' },
};

/** PREPARE, as the paper writes it. */
export function shout(kind) {
  return kind.toUpperCase();
}

/** The client, or replica 2. */
export function nameOf(lane) {
  return lane < 0 ? 'the client' : `replica ${lane}`;
}
