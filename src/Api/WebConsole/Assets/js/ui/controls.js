// Buttons and form fields.

import { h, add, newId } from './dom.js';
import { icon } from './icons.js';

/** Creates a button with an icon. Its label is its tooltip and its accessible name. */
export function iconButton(name, label, onclick, props = {}) {
  return h('button.icon-button', { type: 'button', title: label, 'aria-label': label, onclick, ...props }, icon(name));
}

/** Creates a button with text. */
export function button(label, onclick, props = {}) {
  const { kind = '', iconName, ...rest } = props;
  return h('button.button', { type: 'button', onclick, ...rest, 'data-kind': kind }, iconName ? icon(iconName) : null, h('span', {}, label));
}

/** Creates a link that looks like a button with an icon. */
export function iconLink(name, label, href, props = {}) {
  return h('a.icon-button', { href, title: label, 'aria-label': label, ...props }, icon(name));
}

/** A labeled field with a hint, and an error that is announced. */
export class Field {
  constructor(label, control, hint = '') {
    const id = newId('field');
    control.id = id;
    this.control = control;
    this.error = h('p.field-error', { id: `${id}-error`, role: 'alert', hidden: true });
    const hintElement = hint ? h('p.field-hint', { id: `${id}-hint` }, hint) : null;
    control.setAttribute('aria-describedby', `${hint ? `${id}-hint ` : ''}${id}-error`);
    this.element = h('div.field', {}, h('label', { for: id }, label), control, hintElement, this.error);
  }

  get value() {
    return this.control.value.trim();
  }

  set value(value) {
    this.control.value = value;
  }

  fail(message) {
    this.error.textContent = message;
    this.error.hidden = false;
    this.control.setAttribute('aria-invalid', 'true');
    this.control.focus();
  }

  clear() {
    this.error.hidden = true;
    this.control.removeAttribute('aria-invalid');
  }
}

/** A field for a JSON object. */
export class JsonField extends Field {
  constructor(label, hint = '', rows = 5) {
    super(label, h('textarea.code', { rows, spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off' }), hint);
  }

  /** Returns the object, or undefined if the field is empty. Shows an error and throws if it isn't an object. */
  read() {
    this.clear();
    if (!this.value) {
      return undefined;
    }

    let parsed;
    try {
      parsed = JSON.parse(this.value);
    } catch (error) {
      this.fail(`Not valid JSON: ${error.message}`);
      throw new InvalidFieldError();
    }

    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
      this.fail('Must be a JSON object, such as {"temperature": 0.5}.');
      throw new InvalidFieldError();
    }

    return parsed;
  }

  write(object) {
    this.value = object && Object.keys(object).length > 0 ? JSON.stringify(object, null, 2) : '';
  }
}

/** A field has an invalid value, and shows why. */
export class InvalidFieldError extends Error {}

/** A field for labels, one `key=value` in a line. */
export class LabelsField extends Field {
  constructor(hint = 'One key=value per line. You can filter the list by labels.') {
    super('Labels', h('textarea.code', { rows: 2, spellcheck: 'false', placeholder: 'team=support' }), hint);
  }

  read() {
    this.clear();
    const labels = {};
    for (const line of this.value.split('\n').map(text => text.trim()).filter(Boolean)) {
      const at = line.indexOf('=');
      if (at < 1) {
        this.fail(`"${line}" isn't key=value.`);
        throw new InvalidFieldError();
      }

      labels[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }

    return labels;
  }

  write(labels) {
    this.value = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`).join('\n');
  }
}

/** Creates a text input. */
export function input(props = {}) {
  return h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...props });
}

/** Creates a select with options: pairs of value and label. */
export function select(options, value, props = {}) {
  const element = h('select', props, options.map(([key, label]) => h('option', { value: key }, label)));
  element.value = value;
  return element;
}

/** Makes a textarea as high as its text, up to its maximum height. */
export function grow(textarea) {
  textarea.style.height = 'auto';
  textarea.style.height = `${textarea.scrollHeight + 2}px`;
}

/** Asks for confirmation in a dialog. */
export function confirm(title, text, action) {
  return new Promise(resolve => {
    const id = newId('dialog');
    const dialog = h('dialog', { 'aria-labelledby': id });
    const close = result => {
      dialog.close();
      dialog.remove();
      resolve(result);
    };
    add(
      dialog,
      h('h2', { id }, title),
      h('p', {}, text),
      h('div.actions', {}, button('Cancel', () => close(false)), button(action, () => close(true), { kind: 'danger' })));
    dialog.addEventListener('cancel', event => {
      event.preventDefault();
      close(false);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
