// Text of a message that can grow. Blank lines separate paragraphs, and fenced code becomes a block; everything else stays the text that it is.

import { h } from '../ui/dom.js';
import { iconButton } from '../ui/controls.js';
import { copy } from '../ui/toasts.js';

const FENCE = /^ {0,3}(```+|~~~+)([^`]*)$/;

// The beginning of a line that can still become a fence, or a blank line.
const UNDECIDED = /^ {0,3}(`{1,2}|```+[^`]*|~{1,2}|~~~.*)$|^\s*$/;

/** Shows text that is appended piece by piece. */
export class TextFlow {
  #line = '';
  #shown = 0;
  #fence = null;
  #target = null;
  #needsBreak = false;

  constructor() {
    this.element = h('div.text');
  }

  append(text) {
    const lines = text.split('\n');
    const last = lines.pop();
    for (const line of lines) {
      this.#line += line;
      this.#endLine();
    }

    this.#line += last;
    if (this.#shown > 0 || !UNDECIDED.test(this.#line)) {
      this.#showLine();
    }
  }

  #endLine() {
    const fence = this.#shown > 0 ? null : FENCE.exec(this.#line);
    const isBlank = this.#line.trim() === '';
    if (fence && this.#fence === null) {
      this.#open(fence[1], fence[2].trim());
    } else if (fence?.[1].startsWith(this.#fence) && fence[2].trim() === '') {
      this.#close();
    } else if (isBlank && this.#fence === null) {
      this.#close();
    } else {
      this.#showLine();
      this.#needsBreak = true;
    }

    this.#line = '';
    this.#shown = 0;
  }

  #showLine() {
    if (!this.#target) {
      this.#target = document.createTextNode('');
      this.element.append(h('p', {}, this.#target));
    }

    this.#target.appendData((this.#needsBreak ? '\n' : '') + this.#line.slice(this.#shown));
    this.#needsBreak = false;
    this.#shown = this.#line.length;
  }

  #open(fence, language) {
    const text = document.createTextNode('');
    this.#fence = fence;
    this.#target = text;
    this.#needsBreak = false;
    this.element.append(h('div.code-block', {},
      h('div.code-head', {}, h('span', {}, language.slice(0, 40) || 'code'), iconButton('copy', 'Copy code', () => copy(text.data, 'Code copied.'))),
      h('pre', { tabIndex: 0, 'aria-label': 'Code' }, h('code', {}, text))));
  }

  #close() {
    this.#fence = null;
    this.#target = null;
    this.#needsBreak = false;
  }
}
