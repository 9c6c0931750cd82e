// Texts for times, numbers, and states.

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const numbers = new Intl.NumberFormat();

/** Returns a date and time. */
export function formatTime(timestamp) {
  return timestamp ? time.format(new Date(timestamp)) : '';
}

/** Returns the age of a time: `now`, `5 min`, `3 h`, or a date. */
export function formatAge(timestamp) {
  if (!timestamp) {
    return '';
  }

  const seconds = (Date.now() - Date.parse(timestamp)) / 1000;
  return seconds < 60 ? 'now'
    : seconds < 3600 ? `${Math.floor(seconds / 60)} min`
    : seconds < 86400 ? `${Math.floor(seconds / 3600)} h`
    : day.format(new Date(timestamp));
}

/** Returns the time between two timestamps: `0.4 s`, `12 s`, or `3 min 5 s`. */
export function formatDuration(from, to) {
  if (!from || !to) {
    return '';
  }

  const seconds = Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s`
    : seconds < 60 ? `${Math.round(seconds)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function formatNumber(number) {
  return numbers.format(Number(number ?? 0));
}

/** Returns a count with a noun: `1 turn`, `2 turns`. */
export function count(number, noun) {
  return `${formatNumber(number)} ${noun}${Number(number) === 1 ? '' : 's'}`;
}

/** Returns the tokens of a turn or a chat: `12 in, 34 out, 5 cached`. */
export function formatUsage(usage) {
  return usage
    ? [
      [usage.promptTokenCount, 'in'], [usage.cachedContentTokenCount, 'cached'], [usage.thoughtsTokenCount, 'thought'], [usage.candidatesTokenCount, 'out'],
    ].filter(([tokens]) => Number(tokens) > 0).map(([tokens, name]) => `${formatNumber(tokens)} ${name}`).join(', ')
    : '';
}

const STATES = {
  STATE_QUEUED: 'Queued',
  STATE_RUNNING: 'Running',
  STATE_COMPLETED: 'Completed',
  STATE_FAILED: 'Failed',
  STATE_CANCELLED: 'Stopped',
};

/** Returns the state of a turn for people. */
export function formatState(state) {
  return STATES[state] ?? state ?? '';
}

/** Returns the ID in a resource name: `chats/a` is `a`. */
export function idOf(name) {
  return name.slice(name.indexOf('/') + 1);
}

/** Returns a chat's name for people. IDs that the server generated are shortened. */
export function titleOf(chat) {
  const id = idOf(chat.name);
  return chat.displayName || (/^[0-9a-f]{32}$/.test(id) ? `Untitled ${id.slice(0, 8)}` : id);
}

/** Returns a duration of proto JSON (`90s`) as seconds, or the other way around. */
export const secondsOf = duration => (duration ? Number.parseFloat(duration) : undefined);
