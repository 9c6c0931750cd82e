// The scrolling of a chat: it stays at the end while text arrives, unless the reader has scrolled up.

const NEAR = 64;

/** Keeps the end of an element in view. */
export class Scroller {
  #element;
  #isAtEnd = true;

  constructor(element, onchange) {
    this.#element = element;
    element.addEventListener('scroll', () => {
      this.#isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
      onchange(this.#isAtEnd);
    }, { passive: true });
    new ResizeObserver(() => this.follow()).observe(element);
  }

  /** Scrolls to the end, if the end was in view. */
  follow() {
    if (this.#isAtEnd) {
      this.#element.scrollTop = this.#element.scrollHeight;
    }
  }

  /** Scrolls to the end. */
  toEnd() {
    this.#isAtEnd = true;
    this.follow();
  }

  /** Runs an action that adds content at the start, and keeps what the reader sees in place. */
  keep(action) {
    // The browser anchors the content, but not at the very top.
    if (this.#element.scrollTop === 0) {
      this.#element.scrollTop = 1;
    }

    action();
  }
}
