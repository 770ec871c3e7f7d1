// Numbers, times and lists in words.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A time of so many microseconds: 412 µs, 1.83 ms, 2.10 s. */
export function duration(us) {
  if (us === null || us === undefined || !Number.isFinite(us)) return '–';
  const size = Math.abs(us);
  if (size < 1000) return `${Math.round(us)} µs`;
  if (size < 999_500) return `${significant(us / 1000)} ms`;
  return `${significant(us / 1_000_000)} s`;
}

/** Times along an axis: with as many digits as tell each from its neighbours. */
export function durations(times) {
  const words = times.map(duration);
  if (words.every((word, index) => word !== words[index - 1])) return words;
  return times.map((us) => (us < 1000 ? duration(us) : us < 1_000_000 ? `${(us / 1000).toFixed(2)} ms` : `${(us / 1_000_000).toFixed(4)} s`));
}

function significant(value) {
  const size = Math.abs(value);
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

/** A whole number with its thousands apart. */
export function count(value) {
  return whole.format(value);
}

/** A rate or a mean: with a decimal while it is small. */
export function rate(value) {
  return value > 0 && value < 99.95 ? value.toFixed(1) : whole.format(value);
}

/** So many bytes. */
export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** The time of day, of the browser's place, in milliseconds. */
export function timeOfDay(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '–';
  const digits = (value, length) => String(value).padStart(length, '0');
  return `${digits(date.getHours(), 2)}:${digits(date.getMinutes(), 2)}:${digits(date.getSeconds(), 2)}.${digits(date.getMilliseconds(), 3)}`;
}

/** 0; 0 and 2; 0, 1 and 2. */
export function list(items) {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** The beginning of a digest, enough to tell digests apart by eye. */
export function shortDigest(digest) {
  return digest ? digest.slice(0, 8) : '–';
}

/** 1 replica, 2 replicas. */
export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}
