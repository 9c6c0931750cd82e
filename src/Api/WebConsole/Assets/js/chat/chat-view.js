// A chat: its header, its turns, and the composer.

import { h, fill } from '../ui/dom.js';
import { button, iconButton, iconLink } from '../ui/controls.js';
import { toast, toastError } from '../ui/toasts.js';
import { count, formatNumber, idOf, titleOf } from '../ui/format.js';
import { cancelTurn, fork, rewind, sendMessage } from '../api/chats.js';
import { newRequestId } from '../api/client.js';
import { ChatModel } from './chat-model.js';
import { Composer } from './composer.js';
import { Scroller } from './scroller.js';
import { TurnElement, initialElement, pendingElement } from './turn-element.js';
import { TurnBlocks } from './turn-blocks.js';
import { callForm } from './call-form.js';
import { openCalls, textOf } from './parts.js';

/** Shows a chat until it is closed. */
export class ChatView {
  #elements = new Map();
  #frames = new Set();
  #frame = 0;
  #isLoadingOlder = false;
  #callsOf = '';

  constructor(id, { oncreated, onchange, onfailure }) {
    this.name = `chats/${id}`;
    this.onchange = onchange;
    this.oncreated = oncreated;
    this.model = new ChatModel(this.name);
    this.actions = {
      cancel: turn => this.#try(() => cancelTurn(this.name, turn.turnId)),
      edit: (turn, text) => this.#send({ text, afterRevision: String(turn.parentRevision ?? 0) }),
      regenerate: turn => this.#send({ regenerateTurnId: turn.turnId }),
      retry: turn => this.#retry(turn),
      dismiss: turn => this.model.dismiss(turn.turnId),
      fork: turn => this.#fork(turn),
      rewind: turn => this.#rewind(turn.revision, 'Rewound.'),
      switchTo: revision => this.#rewind(this.model.branches.leaf(revision)),
    };
    this.#build();
    this.model.addEventListener('change', () => this.#render());
    this.model.addEventListener('stream', event => this.#stream(event.detail));
    this.model.addEventListener('connection', () => this.#renderConnection());
    this.model.addEventListener('deleted', () => onfailure(Object.assign(new Error('It was deleted, or has expired.'), { title: 'The chat is gone' })));
    this.model.addEventListener('failure', event => onfailure(event.detail));
  }

  get title() {
    return this.model.chat ? titleOf(this.model.chat) : idOf(this.name);
  }

  open() {
    this.model.start();
  }

  close() {
    this.model.stop();
    this.observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  focus() {
    // On a phone, the keyboard would hide the chat.
    if (matchMedia('(hover: hover)').matches) {
      this.composer.area.focus();
    }
  }

  #build() {
    this.heading = h('h1', {}, idOf(this.name));
    this.facts = h('p.facts');
    this.connection = h('span.connection', { hidden: true }, 'Reconnecting');
    const id = idOf(this.name);
    this.header = h('header.page-header', {},
      h('div.titles', {}, this.heading, this.facts),
      this.connection,
      iconButton('fork', 'Fork this chat', () => this.#fork(this.model.head)),
      iconLink('settings', 'Settings of this chat', `#/chats/${id}/settings`));
    this.top = h('div.older', {}, button('Load earlier turns', () => this.#loadOlder(), { kind: 'quiet' }));
    this.initial = h('div');
    this.list = new TurnBlocks();
    this.scroll = h('div.scroll', { tabIndex: 0, role: 'log', 'aria-label': 'Messages', 'aria-live': 'off' }, this.top, this.initial, this.list.element);
    this.toEnd = iconButton('down', 'Scroll to the end', () => this.scroller.toEnd(), { hidden: true });
    this.toEnd.classList.add('to-end');
    this.calls = h('div');
    this.composer = new Composer({ onsend: message => this.#send(message), onstop: () => this.#stop() });
    this.element = h('div.chat', {}, this.header, h('div.scroll-box', {}, this.scroll, this.toEnd), h('footer.chat-footer', {}, this.calls, this.composer.element));
    this.scroller = new Scroller(this.scroll, isAtEnd => {
      this.toEnd.hidden = isAtEnd;
    });
    this.observer = new IntersectionObserver(entries => entries.some(entry => entry.isIntersecting) && this.#loadOlder(), { root: this.scroll, rootMargin: '600px 0px 0px' });
    this.observer.observe(this.top);
    this.top.hidden = true;
  }

  #render() {
    const { model } = this;
    if (model.chat) {
      const running = model.running ? 'running' : '';
      const queued = model.queued.length > 0 ? `${model.queued.length} queued` : '';
      this.heading.textContent = this.title;
      this.heading.title = this.name;
      this.facts.textContent = [
        model.chat.model, count(model.chat.turnCount ?? 0, 'turn'), `revision ${formatNumber(model.chat.revision ?? 0)}`,
        Number(model.chat.totalUsage?.totalTokenCount ?? 0) > 0 ? `${formatNumber(model.chat.totalUsage.totalTokenCount)} tokens` : '', running, queued,
      ].filter(Boolean).join(' · ');
      this.onchange(this);
    }

    const shown = model.shown;
    const elements = shown.map(({ turn, parts, isLive = false }) => this.#turn(turn, parts, isLive));
    const empty = model.isLoaded && shown.length === 0 && model.pending.length === 0 && (model.initial?.length ?? 0) === 0;
    const ids = new Set(shown.map(({ turn }) => turn.turnId));
    for (const turnId of this.#elements.keys()) {
      if (!ids.has(turnId)) {
        this.#elements.delete(turnId);
      }
    }

    this.scroller.keep(() => {
      this.top.hidden = !model.hasOlder;
      if (!model.hasOlder && (model.initial?.length ?? 0) > 0) {
        if (!this.initial.hasChildNodes()) {
          this.initial.append(initialElement(model.initial));
        }
      } else {
        this.initial.replaceChildren();
      }

      this.list.arrange([...elements, ...model.pending.map(message => (message.element ??= pendingElement(message))), ...(empty ? [this.#empty()] : [])]);
    });
    this.composer.update(Boolean(model.running));
    this.#renderCalls();
    this.scroller.follow();
  }

  #empty() {
    this.emptyElement ??= h('div.empty', {}, h('h2', {}, 'No messages yet'), h('p', {}, 'Send a message to start the chat.'));
    return this.emptyElement;
  }

  #turn(turn, parts, isLive) {
    let element = this.#elements.get(turn.turnId);
    if (!element) {
      element = new TurnElement(this.name, this.actions);
      this.#elements.set(turn.turnId, element);
    }

    const siblings = isLive ? [] : this.model.branches.siblings(turn);
    element.update(turn, parts, { isLive, isHead: turn === this.model.head, siblings, position: siblings.indexOf(Number(turn.revision)) });
    return element.element;
  }

  #renderCalls() {
    const { head, running, queued, pending } = this.model;
    const calls = head && !running && queued.length === 0 && pending.length === 0 ? openCalls(head) : [];
    const key = calls.length > 0 ? head.turnId : '';
    if (key !== this.#callsOf) {
      this.#callsOf = key;
      fill(this.calls, key ? callForm(calls, message => this.#send({ message })) : null);
    }
  }

  #renderConnection() {
    this.connection.hidden = this.model.isLive;
  }

  // Parts that arrive together are shown together.
  #stream(turnId) {
    this.#frames.add(turnId);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      for (const id of this.#frames) {
        this.#elements.get(id)?.stream(this.model.partsOf(id));
      }

      this.#frames.clear();
      this.scroller.follow();
    });
  }

  async #loadOlder() {
    if (this.#isLoadingOlder || !this.model.hasOlder) {
      return;
    }

    this.#isLoadingOlder = true;
    await this.#try(() => this.model.loadOlder());
    this.#isLoadingOlder = false;

    // The observer reports only changes.
    this.observer.unobserve(this.top);
    this.observer.observe(this.top);
  }

  async #send(message) {
    const request = { requestId: newRequestId(), ...message };
    const content = message.message ?? (message.text ? { role: 'user', parts: [{ text: message.text }] } : null);
    if (content) {
      this.model.pending.push({ requestId: request.requestId, content });
      this.#render();
    }

    this.scroller.toEnd();
    try {
      await sendMessage(this.name, request);
    } catch (error) {
      this.model.pending = this.model.pending.filter(other => other.requestId !== request.requestId);
      this.#render();
      toastError(error);
      if (message.text && message.afterRevision === undefined && !this.composer.area.value) {
        this.composer.write(message.text);
      }
    }
  }

  // Not with the request ID of the failed turn: the message can be edited in between.
  #retry(turn) {
    this.model.dismiss(turn.turnId);
    const text = textOf([turn.message]);
    const parent = Number(turn.parentRevision ?? 0);
    const isBranch = parent !== Number(this.model.head?.revision ?? 0);
    this.#send({ ...(text ? { text } : { message: turn.message }), ...(isBranch ? { afterRevision: String(parent) } : {}) });
  }

  #stop() {
    const { running } = this.model;
    if (running) {
      this.#try(() => cancelTurn(this.name, running.turn.turnId));
    }
  }

  async #fork(turn) {
    await this.#try(async () => {
      const chat = await fork(this.name, turn?.revision ?? 0, `Fork of ${this.title}`.slice(0, 256));
      toast('Forked.');
      this.oncreated(chat);
    });
  }

  async #rewind(revision, message) {
    await this.#try(async () => {
      const before = Number(this.model.head?.revision ?? 0);
      this.model.chat = await rewind(this.name, revision, this.model.revision);
      await this.model.sync();
      if (message) {
        toast(message, { action: 'Undo', onaction: () => this.#rewind(before) });
      }
    });
  }

  async #try(action) {
    try {
      await action();
    } catch (error) {
      if (error.name !== 'AbortError') {
        toastError(error);
      }
    }
  }
}
