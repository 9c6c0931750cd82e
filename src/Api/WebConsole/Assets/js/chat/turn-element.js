// One turn in a chat: its message, its response, and what can be done with them.

import { h, fill } from '../ui/dom.js';
import { button, iconButton, iconLink, grow } from '../ui/controls.js';
import { copy } from '../ui/toasts.js';
import { formatDuration, formatState, formatUsage, idOf } from '../ui/format.js';
import { PartList, messageOf, outputOf, textOf } from './parts.js';
import { OutputView } from './output-view.js';

const isOver = state => state === 'STATE_COMPLETED' || state === 'STATE_FAILED' || state === 'STATE_CANCELLED';

/** Shows a turn. `actions` has the functions that the view calls with the turn. */
export class TurnElement {
  #actions;
  #message = new OutputView();
  #output = new OutputView();
  #editor = null;
  #signature = '';
  #place = '';

  constructor(chatName, actions) {
    this.chatName = chatName;
    this.#actions = actions;
    this.messageBox = h('div.bubble', {}, this.#message.element);
    this.messageTools = h('div.tools');
    this.status = h('div.turn-status');
    this.tools = h('div.tools');
    this.user = h('div.message.from-user', { role: 'group', 'aria-label': 'Your message' }, this.messageBox, this.messageTools);
    this.model = h('div.message.from-model', { role: 'group', 'aria-label': 'Response' }, this.#output.element, this.status, this.tools);
    this.element = h('article.turn', {}, this.user, this.model);
  }

  /** Shows the state of the turn. `context` tells its place: isHead, isLive, siblings, position. */
  update(turn, parts, context) {
    const place = `${context.isLive} ${context.isHead} ${context.position} ${context.siblings.length}`;
    if (turn === this.turn && !parts && place === this.#place) {
      return;
    }

    this.#place = place;
    this.turn = turn;
    const message = messageOf(turn);
    this.#message.update(PartList.of(message ? [message] : []));
    this.#output.update(parts ?? PartList.of(outputOf(turn)));

    // Buttons keep the focus if nothing about them has changed.
    const signature = JSON.stringify([
      turn.state, turn.revision, turn.attempt, turn.curated, turn.error, turn.usage, turn.endTime, context, !!turn.message, this.#output.element.childElementCount > 0,
    ]);
    if (signature === this.#signature) {
      return;
    }

    this.#signature = signature;
    this.context = context;
    const isRunning = turn.state === 'STATE_RUNNING';
    this.element.dataset.state = turn.state ?? '';
    this.element.dataset.turn = turn.turnId;
    this.model.setAttribute('aria-busy', String(isRunning));
    this.model.hidden = turn.state === 'STATE_QUEUED';
    fill(this.messageTools, this.#messageTools(turn, context));
    fill(this.status, this.#status(turn));
    fill(this.tools, isOver(turn.state) && !context.isLive ? this.#tools(turn, context) : this.#liveTools(turn));
  }

  /** Shows new parts of a running turn. */
  stream(parts) {
    const isFirst = this.#output.element.childElementCount === 0;
    this.#output.update(parts);
    if (isFirst) {
      fill(this.status, this.#status(this.turn));
    }
  }

  #messageTools(turn, context) {
    if (turn.state === 'STATE_QUEUED') {
      return [h('span.tag', {}, 'Queued'), iconButton('close', 'Cancel this message', () => this.#actions.cancel(turn))];
    }

    if (context.isLive || !messageOf(turn)) {
      return [];
    }

    const text = textOf([messageOf(turn)]);
    return [
      text ? iconButton('copy', 'Copy message', () => copy(text, 'Message copied.')) : null,
      text ? iconButton('edit', 'Edit message', () => this.edit()) : null,
      context.siblings.length > 1 ? this.#switcher(context) : null,
    ];
  }

  #switcher({ siblings, position }) {
    const go = step => () => this.#actions.switchTo(siblings[position + step]);
    return h('span.switcher', { role: 'group', 'aria-label': `Branch ${position + 1} of ${siblings.length}` },
      iconButton('left', 'Previous branch', go(-1), { disabled: position <= 0 }),
      h('span', {}, `${position + 1}/${siblings.length}`),
      iconButton('right', 'Next branch', go(1), { disabled: position >= siblings.length - 1 }));
  }

  #status(turn) {
    const notes = [];
    const hasOutput = this.#output.element.childElementCount > 0;
    if (turn.state === 'STATE_RUNNING' && !hasOutput) {
      notes.push(h('div.typing', { role: 'img', 'aria-label': 'The model is generating a response' }, h('i'), h('i'), h('i')));
    }

    if (turn.state === 'STATE_RUNNING' && Number(turn.attempt ?? 1) > 1) {
      notes.push(h('p.note', {}, `The response started again (attempt ${turn.attempt}).`));
    }

    if (turn.state === 'STATE_FAILED') {
      notes.push(h('p.note.bad', {}, h('b', {}, turn.error?.reason || 'Failed'), ` ${turn.error?.message ?? ''}`));
    }

    if (turn.state === 'STATE_CANCELLED') {
      notes.push(h('p.note', {}, 'You stopped this response.'));
    }

    if (turn.state === 'STATE_COMPLETED' && !hasOutput) {
      notes.push(h('p.note', {}, 'The response is empty.'));
    }

    if (turn.state === 'STATE_COMPLETED' && turn.finishReason && turn.finishReason !== 'STOP') {
      notes.push(h('p.note', {}, `Finish reason: ${turn.finishReason}.`));
    }

    if (isOver(turn.state) && Number(turn.revision ?? 0) > 0 && !turn.curated && turn.state !== 'STATE_COMPLETED') {
      notes.push(h('p.note', {}, 'The model doesn\'t see this turn.'));
    }

    return notes;
  }

  #tools(turn, { isHead }) {
    const text = textOf(outputOf(turn));
    return [
      text ? iconButton('copy', 'Copy response', () => copy(text, 'Response copied.')) : null,
      iconButton('retry', 'Regenerate response', () => this.#actions.regenerate(turn)),
      iconButton('fork', 'Fork the chat here', () => this.#actions.fork(turn)),
      isHead ? null : iconButton('rewind', 'Rewind to here', () => this.#actions.rewind(turn)),
      this.#detailsLink(turn),
      h('span.meta', {}, [turn.model, formatUsage(turn.usage), formatDuration(turn.startTime, turn.endTime)].filter(Boolean).join(' · ')),
    ];
  }

  #liveTools(turn) {
    if (!isOver(turn.state)) {
      return [this.#detailsLink(turn)];
    }

    return Number(turn.revision ?? 0) > 0 ? [] : [
      turn.message ? button('Try again', () => this.#actions.retry(turn), { iconName: 'retry', kind: 'quiet' }) : null,
      button('Dismiss', () => this.#actions.dismiss(turn), { kind: 'quiet' }),
      this.#detailsLink(turn),
    ];
  }

  #detailsLink(turn) {
    return iconLink('details', `Details of the turn (${formatState(turn.state)})`, `#/chats/${idOf(this.chatName)}/turns/${turn.turnId}`);
  }

  /** Replaces the message with an editor. */
  edit() {
    if (this.#editor) {
      return;
    }

    const area = h('textarea', { 'aria-label': 'Edit message', rows: 1, value: textOf([messageOf(this.turn)]) });
    const close = () => {
      this.#editor.replaceWith(this.messageBox);
      this.#editor = null;
      this.messageTools.hidden = false;
      this.messageTools.querySelector('button[aria-label="Edit message"]')?.focus();
    };
    const submit = () => {
      const text = area.value.trim();
      if (text) {
        close();
        this.#actions.edit(this.turn, text);
      }
    };
    area.addEventListener('input', () => grow(area));
    area.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        submit();
      } else if (event.key === 'Escape') {
        close();
      }
    });
    this.#editor = h('div.editor', {}, area,
      h('div.actions', {}, h('p.field-hint', {}, 'The old message stays on its branch.'), button('Cancel', close, { kind: 'quiet' }), button('Send', submit, { kind: 'primary' })));
    this.messageBox.replaceWith(this.#editor);
    this.messageTools.hidden = true;
    grow(area);
    area.focus();
  }
}

/** Shows a message that the chat hasn't accepted yet. */
export function pendingElement(message) {
  const view = new OutputView();
  view.update(PartList.of([message.content]));
  return h('article.turn.pending', {}, h('div.message.from-user', { role: 'group', 'aria-label': 'Your message' }, h('div.bubble', {}, view.element), h('div.tools', {}, h('span.tag', {}, 'Sending'))));
}

/** Shows the contents that the chat began with. */
export function initialElement(contents) {
  return h('div.initial', {}, h('p.divider', {}, h('span', {}, 'Initial history')), contents.map(content => {
    const view = new OutputView();
    view.update(PartList.of([content]));
    return content.role === 'user'
      ? h('div.message.from-user', { role: 'group', 'aria-label': 'User message' }, h('div.bubble', {}, view.element))
      : h('div.message.from-model', { role: 'group', 'aria-label': 'Response' }, view.element);
  }));
}
