// The page with the settings of a chat.

import { h, fill } from '../ui/dom.js';
import { button, confirm, iconLink, InvalidFieldError } from '../ui/controls.js';
import { downloadJson } from '../ui/download.js';
import { copy, toast, toastError } from '../ui/toasts.js';
import { formatNumber, formatTime, formatUsage, idOf, secondsOf, titleOf } from '../ui/format.js';
import { deleteChat, getChat, getHistory, updateChat } from '../api/chats.js';
import { curl, grpcurl } from '../api/snippets.js';
import { ChatForm } from './chat-form.js';

/** Creates the page, and loads the chat. */
export function chatSettingsPage(id, { models, onchanged, ondeleted, onfailure }) {
  const name = `chats/${id}`;
  const form = new ChatForm({ models, isNew: false });
  const heading = h('h1', {}, 'Settings of the chat');
  const facts = h('dl.facts-list');
  let shown = {};
  const show = chat => {
    shown = chat;
    heading.textContent = titleOf(chat);
    form.write(chat);
    fill(facts, Object.entries({
      Name: chat.name,
      Created: formatTime(chat.createTime),
      Changed: formatTime(chat.updateTime),
      Expires: formatTime(chat.expireTime) || 'Never',
      Turns: formatNumber(chat.turnCount),
      Revision: `${formatNumber(chat.revision)}, head ${formatNumber(chat.headRevision)}`,
      Tokens: formatUsage(chat.totalUsage) || 'None',
      'Forked from': chat.forkedFrom ? h('a', { href: `#/chats/${idOf(chat.forkedFrom.name)}` }, `${chat.forkedFrom.name}, revision ${chat.forkedFrom.revision ?? 0}`) : '',
    }).filter(([, value]) => value).map(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));
  };
  const save = async event => {
    event.preventDefault();
    try {
      const chat = { ...form.read(), name };

      // A chat with another expiry keeps it.
      const isTtlSame = secondsOf(chat.ttl) === secondsOf(shown.ttl);
      const saved = await updateChat(name, chat, ['model', 'displayName', 'config', 'labels', ...(isTtlSame ? [] : ['ttl'])]);
      show(saved);
      onchanged(saved);
      toast('Saved. Turns that start from now on use the new settings.');
    } catch (error) {
      if (!(error instanceof InvalidFieldError) && !form.fail(error)) {
        toastError(error);
      }
    }
  };
  const remove = async () => {
    if (await confirm('Delete this chat?', 'Its history is deleted permanently, except for turns that a fork has.', 'Delete')) {
      try {
        await deleteChat(name);
        ondeleted(name);
      } catch (error) {
        toastError(error);
      }
    }
  };
  const download = async () => {
    try {
      const history = [];
      for (let pageToken = '', isFirst = true; pageToken || isFirst; isFirst = false) {
        const page = await getHistory(name, { pageToken });
        history.push(...page.history ?? []);
        pageToken = page.nextPageToken;
      }

      downloadJson(`${id}.json`, { ...shown, history });
    } catch (error) {
      toastError(error);
    }
  };
  const element = h('div.page', {},
    h('header.page-header', {}, iconLink('left', 'Back to the chat', `#/chats/${id}`), h('div.titles', {}, heading, h('p.facts', {}, name))),
    h('div.page-body', {},
      h('form.card', { onsubmit: save }, h('h2', {}, 'Settings'), form.element, h('div.actions', {}, button('Save', () => {}, { kind: 'primary', type: 'submit' }))),
      h('section.card', {}, h('h2', {}, 'State'), facts,
        h('div.actions', {},
          button('Download history', download, { iconName: 'down' }),
          button('Copy as curl', () => copy(curl('GET', `v1/${name}`), 'Command copied.'), { iconName: 'copy' }),
          button('Copy as grpcurl', () => copy(grpcurl('GetChat', { name }), 'Command copied.'), { iconName: 'copy' }))),
      h('section.card', {}, h('h2', {}, 'Delete'), h('p', {}, 'A running turn is stopped.'), h('div.actions', {}, button('Delete chat', remove, { kind: 'danger', iconName: 'trash' })))));
  getChat(name).then(show, onfailure);
  return { element, title: 'Settings of the chat' };
}
