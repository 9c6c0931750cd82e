// Where messages are written, with options for the next message.

import { h, fill } from '../ui/dom.js';
import { button, iconButton, input, select, grow, Field, JsonField, InvalidFieldError } from '../ui/controls.js';

const POLICIES = [
  ['BUSY_POLICY_ENQUEUE', 'Wait for it'],
  ['BUSY_POLICY_INTERRUPT', 'Stop it, and keep its output'],
  ['BUSY_POLICY_ROLLBACK', 'Stop it, and keep nothing'],
  ['BUSY_POLICY_REJECT', 'Reject the message'],
];

/** The composer of a chat. `onsend` gets the members of a SendMessageRequest, `onstop` nothing. */
export class Composer {
  #onsend;

  constructor({ onsend, onstop }) {
    this.#onsend = onsend;
    this.area = h('textarea', {
      id: 'composer', rows: 1, placeholder: 'Send a message', 'aria-label': 'Message', 'aria-keyshortcuts': 'Enter', oninput: () => this.#resize(), onkeydown: event => this.#key(event),
    });
    this.model = new Field('Model', input({ placeholder: 'Model of the chat' }));
    this.policy = new Field('If a turn is running', select(POLICIES, 'BUSY_POLICY_ENQUEUE'));
    this.config = new JsonField('Config', 'Fields that override the chat\'s config, for the next messages.', 3);
    this.options = h('div.composer-options', { id: 'composer-options', hidden: true }, h('div.pair', {}, this.model.element, this.policy.element), this.config.element);
    this.toggle = iconButton('sliders', 'Options for messages', () => this.#toggle(), { 'aria-expanded': 'false', 'aria-controls': 'composer-options' });
    this.stop = button('Stop', onstop, { iconName: 'stop', kind: 'stop', hidden: true });
    this.submit = h('button.send', { type: 'button', title: 'Send (Enter)', 'aria-label': 'Send', onclick: () => this.#send() });
    fill(this.submit, sendIcon());
    this.element = h('div.composer', {}, this.options, h('div.composer-row', {}, this.toggle, this.area, this.stop, this.submit));
  }

  /** Shows whether a turn is running. */
  update(isRunning) {
    this.stop.hidden = !isRunning;
    this.area.placeholder = isRunning ? 'Send another message' : 'Send a message';
  }

  /** Shows a text to send, for example that of a failed message. */
  write(text) {
    this.area.value = text;
    this.#resize();
    this.area.focus();
  }

  /** Returns the options as members of a SendMessageRequest. Shows an error and throws if they are invalid. */
  readOptions() {
    const config = this.config.read();
    return {
      ...(this.model.value ? { model: this.model.value } : {}),
      ...(config ? { config, configMode: 'CONFIG_MODE_MERGE' } : {}),
      ...(this.policy.control.value === 'BUSY_POLICY_ENQUEUE' ? {} : { onBusy: this.policy.control.value }),
    };
  }

  #send() {
    const text = this.area.value.trim();
    if (!text) {
      this.area.focus();
      return;
    }

    try {
      this.#onsend({ text, ...this.readOptions() });
      this.write('');
    } catch (error) {
      if (!(error instanceof InvalidFieldError)) {
        throw error;
      }

      this.options.hidden = false;
    }
  }

  #key(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#send();
    }
  }

  #toggle() {
    this.options.hidden = !this.options.hidden;
    this.toggle.setAttribute('aria-expanded', String(!this.options.hidden));
    if (!this.options.hidden) {
      this.model.control.focus();
    }
  }

  #resize() {
    grow(this.area);
  }
}

function sendIcon() {
  return iconButton('send', 'Send', () => {}).firstElementChild;
}
