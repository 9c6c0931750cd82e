// The console: the list of chats, and the page that the address names.

import { h, fill } from './ui/dom.js';
import { button, iconButton } from './ui/controls.js';
import { toast } from './ui/toasts.js';
import { loadServer, server } from './api/server.js';
import { ChatList } from './pages/chat-list.js';
import { newChatPage } from './pages/new-chat.js';
import { chatSettingsPage } from './pages/chat-settings.js';
import { TurnPage } from './pages/turn-page.js';
import { settingsPage } from './pages/settings.js';
import { ChatView } from './chat/chat-view.js';

const shell = document.getElementById('shell');
const main = document.getElementById('main');
let page = null;

const list = new ChatList(document.getElementById('sidebar'), { onfailure: failList, onsuccess: () => setOffline(false) });
list.onclose = () => setMenu(false);

function open(hash) {
  location.hash = hash;
}

const opened = chat => {
  list.put(chat);
  open(`#/${chat.name}`);
};

const knownModels = () => [...new Set(list.chats.map(chat => chat.model).filter(Boolean))];

/** The pages, by the pattern of their address. */
const ROUTES = [
  [/^#\/new$/, () => newChatPage({ models: knownModels(), oncreated: opened })],
  [/^#\/settings$/, () => settingsPage({ onkey: () => list.refresh() })],
  [/^#\/chats\/([^/]+)$/, id => new ChatView(id, { oncreated: opened, onchange: changed, onfailure: fail })],
  [/^#\/chats\/([^/]+)\/settings$/, id => chatSettingsPage(id, { models: knownModels(), onchanged: chat => list.put(chat), ondeleted: deleted, onfailure: fail })],
  [/^#\/chats\/([^/]+)\/turns\/([^/]+)$/, (id, turnId) => new TurnPage(id, turnId, { onfailure: fail })],
];

function homePage() {
  const element = h('div.page', {}, h('div.empty', {},
    h('h1', {}, 'Chats'),
    h('p', {}, 'Choose a chat from the list, or create one.'),
    h('a.button', { href: '#/new', 'data-kind': 'primary' }, 'New chat')));
  return { element, title: 'Chats' };
}

function show(next) {
  page?.close?.();
  page = next;
  fill(main, menuButton(), next.element);
  setMenu(false);
  document.title = next.title === 'Chats' ? 'Chats' : `${next.title} – Chats`;
  next.open?.();
  if (next.focus) {
    next.focus();
  } else {
    main.focus();
  }
}

function menuButton() {
  const element = iconButton('menu', 'Show the list of chats', () => setMenu(true));
  element.classList.add('menu-button', 'only-narrow');
  return element;
}

function route() {
  const hash = location.hash || '#/';
  for (const [pattern, create] of ROUTES) {
    const match = pattern.exec(hash);
    if (match) {
      const [, ...segments] = match;
      list.select(hash.startsWith('#/chats/') ? `chats/${segments[0]}` : '');
      show(create(...segments.map(decode)));
      return;
    }
  }

  list.select('');
  show(homePage());
}

function decode(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function changed(view) {
  list.put(view.model.chat);
  document.title = `${view.title} – Chats`;
}

function deleted(name) {
  list.remove(name);
  toast('The chat was deleted.');
  open('#/');
}

// The list is read again and again, so its errors don't replace the page, unless a key is needed.
function failList(error) {
  if (error.status === 401) {
    fail(error);
  } else {
    setOffline(true);
  }
}

function fail(error) {
  if (error.status === 401) {
    if (!page?.asksForKey) {
      list.select('');
      show(settingsPage({ onkey: reload, error: error.message }));
    }
  } else if (error.isTransient) {
    setOffline(true);
  } else {
    show({
      element: h('div.page', {}, h('div.empty', {}, h('h1', {}, error.status === 404 ? 'Not found' : error.title ?? 'Error'), h('p', {}, error.message), button('Go to the list', () => open('#/')))),
      title: 'Error',
    });
  }
}

function reload() {
  list.refresh();
  route();
}

function setOffline(isOffline) {
  document.body.classList.toggle('offline', isOffline);
}

function setMenu(isOpen) {
  shell.classList.toggle('menu-open', isOpen);
  if (isOpen) {
    list.filter.focus();
  }
}

document.getElementById('skip').addEventListener('click', event => {
  event.preventDefault();
  main.focus();
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    setMenu(false);
  } else if (event.key === 'k' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    setMenu(true);
    list.filter.select();
  }
});
addEventListener('hashchange', route);
await loadServer();
if (server.version) {
  document.documentElement.dataset.version = server.version;
}

list.refresh();
route();
