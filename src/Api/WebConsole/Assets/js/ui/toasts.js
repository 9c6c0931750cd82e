// Short messages in the corner of the page.

import { h } from './dom.js';
import { iconButton } from './controls.js';

const SHOWN_FOR = 7000;

/**
 * Shows a message.
 * @param {string} text
 * @param {{kind?: 'error', action?: string, onaction?: () => void}} options
 */
export function toast(text, options = {}) {
  const container = document.getElementById('toasts');
  const element = h('div.toast', { 'data-kind': options.kind ?? 'info' }, h('span', {}, text));
  const close = () => element.remove();
  if (options.action) {
    element.append(h('button.link', { type: 'button', onclick: () => { close(); options.onaction(); } }, options.action));
  }

  element.append(iconButton('close', 'Dismiss', close));
  let timer = setTimeout(close, SHOWN_FOR);
  const stay = () => clearTimeout(timer);
  const leave = () => {
    clearTimeout(timer);
    timer = setTimeout(close, SHOWN_FOR);
  };
  for (const [begin, end] of [['mouseenter', 'mouseleave'], ['focusin', 'focusout']]) {
    element.addEventListener(begin, stay);
    element.addEventListener(end, leave);
  }

  while (container.children.length > 2) {
    container.firstElementChild.remove();
  }

  container.append(element);
}

/** Shows an error. */
export function toastError(error) {
  toast(error.message, { kind: 'error' });
}

/** Copies text, and says so. */
export async function copy(text, what = 'Copied.') {
  try {
    await navigator.clipboard.writeText(text);
    toast(what);
  } catch {
    toast('The browser denies access to the clipboard.', { kind: 'error' });
  }
}
