// The page with the details of a turn: its state, its attempts, and its events by offset.

import { h, fill } from '../ui/dom.js';
import { button, iconLink, Field, input } from '../ui/controls.js';
import { copy, toastError } from '../ui/toasts.js';
import { formatDuration, formatNumber, formatState, formatTime, formatUsage } from '../ui/format.js';
import { cancelTurn, getTurn, readTurnPath } from '../api/chats.js';
import { ApiError, pause } from '../api/client.js';
import { openStream } from '../api/sse.js';
import { curl, grpcurl } from '../api/snippets.js';
import { PartList, messageOf } from '../chat/parts.js';
import { OutputView } from '../chat/output-view.js';

// Later events are in the API, but not on the page.
const MAX_ROWS = 2000;

const OFFSETS_PER_ATTEMPT = 1_000_000_000;

/** Shows a turn, and follows it while it runs. */
export class TurnPage {
  title = 'Turn';
  #stop = new AbortController();
  #offset = '0';
  #rows = 0;

  // When the attempts started that the page has seen. The server stores that of the last one.
  #started = new Map();

  constructor(id, turnId, { onfailure }) {
    this.name = `chats/${id}`;
    this.turnId = turnId;
    this.onfailure = onfailure;
    this.state = h('span.state');
    this.facts = h('dl.facts-list');
    this.error = h('p.note.bad', { hidden: true });
    this.message = new OutputView();
    this.cancel = button('Stop', () => this.#cancel(), { kind: 'stop', iconName: 'stop', hidden: true });
    this.attempts = h('tbody');
    this.body = h('tbody');
    this.after = new Field('After offset', input({ inputmode: 'numeric', value: '0' }), 'The offset that a client has, to resume after it.');
    this.element = h('div.page', {},
      h('header.page-header', {},
        iconLink('left', 'Back to the chat', `#/chats/${id}`),
        h('div.titles', {}, h('h1', {}, 'Turn ', this.state), h('p.facts', {}, turnId)),
        this.cancel),
      h('div.page-body', {},
        h('section.card', {}, h('h2', {}, 'State'), this.error, this.facts),
        h('section.card', {}, h('h2', {}, 'Attempts'),
          h('div.table-scroll', { tabIndex: 0, role: 'region', 'aria-label': 'Attempts' }, table(['Attempt', 'First offset', 'Started', 'Result'], this.attempts)),
          h('p', {}, 'The server stores the start and the events of the last attempt only.')),
        h('section.card', {}, h('h2', {}, 'Message'), this.message.element),
        h('section.card', {}, h('h2', {}, 'Events'),
          h('div.snippets', {}, this.after.element, h('div.actions', {},
            button('Copy as curl', () => copy(this.#curl(), 'Command copied.'), { iconName: 'copy' }),
            button('Copy as grpcurl', () => copy(this.#grpcurl(), 'Command copied.'), { iconName: 'copy' }))),
          h('div.table-scroll', { tabIndex: 0, role: 'region', 'aria-label': 'Events' }, table(['Offset', 'Event', 'Content'], this.body)))));
  }

  open() {
    this.#load().catch(error => this.#fail(error));
    this.#follow().catch(error => this.#fail(error));
  }

  close() {
    this.#stop.abort();
  }

  async #load() {
    this.#show(await getTurn(this.name, this.turnId));
  }

  #show(turn) {
    this.state.textContent = formatState(turn.state);
    this.state.dataset.state = turn.state;
    this.cancel.hidden = turn.state !== 'STATE_RUNNING' && turn.state !== 'STATE_QUEUED';
    this.error.hidden = !turn.error;
    fill(this.error, h('b', {}, turn.error?.reason ?? ''), ` ${turn.error?.message ?? ''}`);
    const message = messageOf(turn);
    this.message.update(PartList.of(message ? [message] : []));
    fill(this.facts, Object.entries({
      'Request ID': turn.requestId,
      Revision: Number(turn.revision ?? 0) > 0 ? `${turn.revision}, after ${turn.parentRevision ?? 0}` : 'Not recorded',
      'In the history': turn.inHistory ? 'Yes' : 'No',
      Curated: turn.curated ? 'Yes' : 'No',
      Model: [turn.model, turn.modelVersion].filter(Boolean).join(', '),
      'Finish reason': turn.finishReason,
      Tokens: formatUsage(turn.usage),
      Accepted: formatTime(turn.createTime),
      Started: [formatTime(turn.startTime), turn.createTime && turn.startTime ? `(waited ${formatDuration(turn.createTime, turn.startTime)})` : ''].join(' ').trim(),
      Ended: [formatTime(turn.endTime), turn.endTime ? `(ran ${formatDuration(turn.startTime, turn.endTime)})` : ''].join(' ').trim(),
    }).filter(([, value]) => value).map(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));
    this.#showAttempts(turn);
  }

  #showAttempts(turn) {
    const last = Number(turn.attempt ?? 0);
    const rows = Array.from({ length: last }, (_, index) => {
      const attempt = index + 1;

      // A turn that was handed off, or abandoned, has no start.
      const isOver = attempt < last || !turn.startTime;
      return h('tr', {},
        h('td.number', {}, formatNumber(attempt)),
        h('td.offset', {}, String(index * OFFSETS_PER_ATTEMPT + 1)),
        h('td.time', {}, formatTime(attempt === last && turn.startTime ? turn.startTime : this.#started.get(attempt)) || 'Not stored'),
        h('td', {}, isOver ? 'Over: its server failed or stopped. Its events are invalid.' : formatState(turn.state)));
    });
    fill(this.attempts, rows.length > 0 ? rows : [h('tr', {}, h('td', { colspan: 4 }, 'The turn wasn\'t started.'))]);
  }

  async #follow() {
    for (let isOver = false; !isOver;) {
      try {
        for await (const { data } of openStream(readTurnPath(this.name, this.turnId), { lastEventId: this.#offset === '0' ? '' : this.#offset, signal: this.#stop.signal })) {
          this.#offset = String(data.offset ?? this.#offset);
          this.#add(data);
          isOver = Boolean(data.ended);
        }

        if (isOver) {
          await this.#load();
          return;
        }
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isTransient) {
          throw error;
        }
      }

      await pause(1000, this.#stop.signal);
    }
  }

  #add(event) {
    const kind = event.started ? 'started' : event.chunk ? 'chunk' : 'ended';
    if (event.started) {
      this.#started.set(Number(event.started.attempt ?? 1), event.started.startTime);
      for (const row of this.body.rows) {
        row.classList.add('void');
      }

      this.#load().catch(() => {});
    }

    if (++this.#rows > MAX_ROWS) {
      if (this.#rows === MAX_ROWS + 1) {
        this.body.append(h('tr', {}, h('td', { colspan: 3 }, `The page shows the first ${formatNumber(MAX_ROWS)} events.`)));
      }

      return;
    }

    this.body.append(h('tr', {},
      h('td.offset', {}, String(event.offset ?? 0)),
      h('td', {}, h('span.event-kind', { 'data-kind': kind }, kind)),
      h('td', {}, h('details', {}, h('summary', {}, summaryOf(event)), h('pre.json', { tabIndex: 0, 'aria-label': 'Event' }, JSON.stringify(event, null, 2))))));
  }

  #curl() {
    return curl('GET', readTurnPath(this.name, this.turnId), { query: { afterOffset: this.after.value || '0' }, isStream: true });
  }

  #grpcurl() {
    return grpcurl('ReadTurn', { name: this.name, turnId: this.turnId, afterOffset: this.after.value || '0' });
  }

  async #cancel() {
    try {
      await cancelTurn(this.name, this.turnId);
    } catch (error) {
      toastError(error);
    }
  }

  #fail(error) {
    if (!this.#stop.signal.aborted) {
      this.onfailure(error);
    }
  }
}

function table(columns, body) {
  return h('table', {}, h('thead', {}, h('tr', {}, columns.map(column => h('th', { scope: 'col' }, column)))), body);
}

function summaryOf(event) {
  if (event.started) {
    return `Attempt ${event.started.attempt ?? 1}`;
  }

  if (event.ended) {
    return [formatState(event.ended.state), event.ended.finishReason, formatUsage(event.ended.usage)].filter(Boolean).join(' · ');
  }

  const list = new PartList();
  list.addResponse(event.chunk);
  const texts = list.items.map(part => (part.kind === 'text' ? JSON.stringify(part.text) : `${part.kind} ${part.text}`));
  return texts.join(' ') || 'No parts';
}
