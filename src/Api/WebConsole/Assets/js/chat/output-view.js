// The parts of a message or a response. They grow while the response arrives.

import { h } from '../ui/dom.js';
import { TextFlow } from './text-flow.js';

const FOLD_LABELS = {
  thought: () => 'Thoughts',
  call: part => `Call of ${part.text}`,
  response: part => `Response of ${part.text}`,
  data: part => part.text,
};

/** Shows parts, and adds what is new since the last time. */
export class OutputView {
  #shown = [];

  constructor() {
    this.element = h('div.output');
  }

  /** @param {import('./parts.js').ShownPart[]} parts */
  update(parts) {
    for (const [index, part] of parts.entries()) {
      const shown = this.#shown[index];
      if (shown && shown.kind === part.kind && shown.flow && part.text.startsWith(shown.text)) {
        shown.flow.append(part.text.slice(shown.text.length));
        shown.text = part.text;
      } else if (!shown || shown.kind !== part.kind || shown.text !== part.text || shown.flow) {
        this.#cut(index);
        this.#add(part);
      }
    }

    this.#cut(parts.length);
  }

  #cut(length) {
    for (const shown of this.#shown.splice(length)) {
      shown.element.remove();
    }
  }

  #add(part) {
    const flow = part.kind === 'text' || part.kind === 'thought' ? new TextFlow() : null;
    flow?.append(part.text);
    const element = part.kind === 'text' ? flow.element
      : part.kind === 'image' ? image(part)
      : fold(part, flow?.element ?? json(part));
    this.#shown.push({ kind: part.kind, text: part.text, flow, element });
    this.element.append(element);
  }
}

function fold(part, content) {
  return h('details.fold', { 'data-kind': part.kind }, h('summary', {}, FOLD_LABELS[part.kind](part)), content);
}

function json(part) {
  const value = part.kind === 'call' ? part.value.args ?? {} : part.kind === 'response' ? part.value.response ?? {} : part.value;
  return h('pre.json', { tabIndex: 0, 'aria-label': 'JSON' }, JSON.stringify(value, null, 2));
}

// Only formats that can't contain scripts: see parts.js.
function image(part) {
  const bytes = part.value.data.replaceAll('-', '+').replaceAll('_', '/');
  return h('img.picture', { src: `data:${part.value.mimeType};base64,${bytes}`, alt: 'Image of the message' });
}
