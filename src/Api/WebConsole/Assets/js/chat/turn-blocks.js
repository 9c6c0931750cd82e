// The turns of a chat in blocks, so that the browser skips thousands of turns that are out of sight at once.

import { h, arrange } from '../ui/dom.js';

const SIZE = 40;

/** Puts elements into blocks. An element stays in its block, so that what is shown doesn't move. */
export class TurnBlocks {
  #blocks = [];

  constructor() {
    this.element = h('div.turns');
  }

  /** Shows elements in this order. */
  arrange(elements) {
    this.#blocks = this.#keep(elements) ?? cut(elements);
    arrange(this.element, this.#blocks.map(block => block.element));
    for (const block of this.#blocks) {
      if (block.isChanged) {
        arrange(block.element, block.items);
        block.isChanged = false;
      }
    }
  }

  // Returns the blocks with elements added at the start and the end. Null if something else has changed.
  #keep(elements) {
    const old = this.#blocks;
    const first = elements.indexOf(old[0]?.items[0]);
    if (first < 0) {
      return null;
    }

    const last = old.at(-1);
    let at = first;
    for (const block of old) {
      if (block !== last && (block.items[0] !== elements[at] || block.items.at(-1) !== elements[at + block.items.length - 1])) {
        return null;
      }

      at += block === last ? 0 : block.items.length;
    }

    last.items = elements.slice(at, at + SIZE);
    last.isChanged = true;
    return [...cut(elements.slice(0, first)), ...old, ...cut(elements.slice(at + SIZE))];
  }
}

function cut(elements) {
  const blocks = [];
  for (let at = 0; at < elements.length; at += SIZE) {
    blocks.push({ element: h('div.block'), items: elements.slice(at, at + SIZE), isChanged: true });
  }

  return blocks;
}
