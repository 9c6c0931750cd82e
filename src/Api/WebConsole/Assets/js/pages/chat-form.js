// The fields of a chat's settings, for new chats and for existing ones.

import { h } from '../ui/dom.js';
import { Field, InvalidFieldError, JsonField, LabelsField, input } from '../ui/controls.js';
import { secondsOf } from '../ui/format.js';

const FIELDS = { display_name: 'displayName', model: 'model', chat_id: 'chatId', ttl: 'ttl' };

/** The fields. */
export class ChatForm {
  constructor({ models, isNew }) {
    const list = h('datalist', { id: 'known-models' }, models.map(model => h('option', { value: model })));
    this.displayName = new Field('Display name', input({ maxlength: 256, placeholder: 'Untitled' }));
    this.model = new Field('Model', input({ required: true, list: 'known-models', maxlength: 256 }));
    this.chatId = new Field('ID', input({ maxlength: 128, placeholder: 'Generated' }), 'Letters, digits, and . _ -');
    this.system = new Field('System instruction', h('textarea', { rows: 3, placeholder: 'You are a helpful assistant.' }));
    this.config = new JsonField('Config', 'A GenerateContentConfig, as in the Gemini API.', 6);
    this.labels = new LabelsField();
    this.ttl = new Field('Time to live', input({ inputmode: 'numeric', placeholder: 'Kept until it\'s deleted' }), 'In seconds, after the last turn.');
    this.element = h('div.fields', {}, list,
      h('div.pair', {}, this.model.element, this.displayName.element),
      this.system.element,
      h('details.more', { open: !isNew }, h('summary', {}, isNew ? 'More settings' : 'Config and labels'),
        this.config.element, this.labels.element, h('div.pair', {}, this.ttl.element, isNew ? this.chatId.element : null)));
  }

  write(chat) {
    this.displayName.value = chat.displayName ?? '';
    this.model.value = chat.model ?? '';
    const { systemInstruction, ...config } = chat.config ?? {};
    const isText = systemInstruction?.parts?.length === 1 && typeof systemInstruction.parts[0].text === 'string';
    this.system.value = isText ? systemInstruction.parts[0].text : '';
    this.config.write(isText ? config : chat.config);
    this.labels.write(chat.labels);
    this.ttl.value = secondsOf(chat.ttl) ?? '';
  }

  /** Returns the settings. Shows an error and throws if one is invalid. */
  read() {
    const config = this.config.read() ?? {};
    if (this.system.value) {
      config.systemInstruction = { parts: [{ text: this.system.value }] };
    }

    for (const field of [this.displayName, this.model, this.chatId, this.ttl]) {
      field.clear();
    }

    const ttl = this.ttl.value;
    if (ttl && !/^\d+(\.\d+)?$/.test(ttl)) {
      this.ttl.fail('Must be a number of seconds.');
      throw new InvalidFieldError();
    }

    return {
      displayName: this.displayName.value,
      model: this.model.value,
      ...(Object.keys(config).length > 0 ? { config } : {}),
      labels: this.labels.read(),
      ...(ttl ? { ttl: `${ttl}s` } : {}),
    };
  }

  /** Shows an error of the server at its field. Returns whether there is one. */
  fail(error) {
    const violation = error.fields?.[0];
    const name = violation?.field?.split('.').map(part => part.split('[')[0]).find(part => FIELDS[part] ?? this[part]?.fail);
    const field = this[FIELDS[name] ?? name];
    if (field?.fail) {
      field.fail(violation.description || error.message);
      return true;
    }

    if (error.reason === 'UNKNOWN_MODEL') {
      this.model.fail(error.message);
      return true;
    }

    return false;
  }
}
