// The page that creates a chat.

import { h } from '../ui/dom.js';
import { button, InvalidFieldError } from '../ui/controls.js';
import { toastError } from '../ui/toasts.js';
import { createChat } from '../api/chats.js';
import { server } from '../api/server.js';
import { ChatForm } from './chat-form.js';

const LAST_MODEL = 'chats.model';

/** Creates the page. */
export function newChatPage({ models, oncreated }) {
  const known = [...new Set([...models, ...(server.hasEcho ? ['echo'] : [])])];
  const form = new ChatForm({ models: known, isNew: true });
  form.write({ model: localStorage.getItem(LAST_MODEL) ?? (server.hasEcho ? 'echo' : '') });
  const create = async event => {
    event.preventDefault();
    try {
      const settings = form.read();
      const chat = await createChat({ ...settings, ...(form.chatId.value ? { chatId: form.chatId.value } : {}) });
      localStorage.setItem(LAST_MODEL, settings.model);
      oncreated(chat);
    } catch (error) {
      if (!(error instanceof InvalidFieldError) && !form.fail(error)) {
        toastError(error);
      }
    }
  };
  const element = h('div.page', {},
    h('form.card', { onsubmit: create },
      h('h1', {}, 'New chat'),
      form.element,
      h('div.actions', {}, button('Create chat', () => {}, { kind: 'primary', type: 'submit' }))));
  return { element, title: 'New chat', focus: () => form.model.control.focus() };
}
