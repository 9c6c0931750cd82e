// The list of chats: filtered, paged, and read again every few seconds.

import { h, fill, arrange } from '../ui/dom.js';
import { button, iconButton, iconLink, input } from '../ui/controls.js';
import { mark, icon } from '../ui/icons.js';
import { formatAge, idOf, titleOf } from '../ui/format.js';
import { listChats } from '../api/chats.js';

const PAGE = 50;
const REFRESH_EVERY = 3000;
const TYPING_PAUSE = 250;

// A search by name reads the list: the API filters by labels only.
const SEARCH_PAGE = 1000;
const MAX_SEARCH_PAGES = 10;

const isFilter = text => text.startsWith('labels.');

/** The sidebar. */
export class ChatList {
  #chats = new Map();
  #items = new Map();
  #next = '';
  #timer = 0;
  #search = '';
  #generation = 0;
  #current = '';

  constructor(element, { onfailure, onsuccess }) {
    this.onfailure = onfailure;
    this.onsuccess = onsuccess;
    this.filter = input({ type: 'search', placeholder: 'Filter', 'aria-label': 'Filter chats by name, or by labels such as labels.team = "a"', oninput: () => this.#type() });
    this.list = h('ul.chat-list');
    this.note = h('p.list-note', { hidden: true, role: 'status' });
    this.more = button('Load more', () => this.#loadMore(), { kind: 'quiet', hidden: true });
    fill(element,
      h('div.brand', {}, h('a.home', { href: '#/' }, mark(), h('span', {}, 'Chats')), iconLink('settings', 'Settings', '#/settings'), iconButton('close', 'Close the list', () => this.onclose?.())),
      h('div.list-tools', {}, h('a.button', { href: '#/new', 'data-kind': 'primary' }, icon('plus'), h('span', {}, 'New chat')), h('div.search', {}, icon('search'), this.filter)),
      h('div.list-scroll', {}, this.list, this.note, h('div.list-more', {}, this.more)));
    element.querySelector('[aria-label="Close the list"]').classList.add('only-narrow');
    document.addEventListener('visibilitychange', () => !document.hidden && this.refresh());
  }

  /** Marks the chat that is open. */
  select(name) {
    this.#current = name;
    for (const [key, item] of this.#items) {
      item.mark(key === name);
    }
  }

  /** The chats that are loaded, most recently changed first. */
  get chats() {
    return [...this.#chats.values()].sort((a, b) => (b.updateTime ?? '').localeCompare(a.updateTime ?? ''));
  }

  /** Shows a chat's new state at once. */
  put(chat) {
    const known = this.#chats.get(chat.name);
    if (known || !this.#search) {
      this.#chats.set(chat.name, chat);
      this.#render();
    }
  }

  remove(name) {
    this.#chats.delete(name);
    this.#render();
  }

  /** Reads the first page again, now and every few seconds. */
  async refresh() {
    clearTimeout(this.#timer);
    const generation = ++this.#generation;
    try {
      const page = await this.#read('');
      if (generation !== this.#generation) {
        return;
      }

      const names = new Set(page.chats.map(chat => chat.name));
      const oldest = page.chats.at(-1)?.updateTime ?? '';
      for (const [name, chat] of this.#chats) {
        // Chats of later pages stay. The first page has all that are newer than its last one.
        if (!names.has(name) && (!page.next || (chat.updateTime ?? '') >= oldest)) {
          this.#chats.delete(name);
        }
      }

      if (this.#chats.size <= page.chats.length) {
        this.#next = page.next;
      }

      for (const chat of page.chats) {
        this.#chats.set(chat.name, chat);
      }

      this.#render();
      this.onsuccess();
    } catch (error) {
      if (generation === this.#generation) {
        this.#fail(error);
      }
    }

    if (generation === this.#generation && !document.hidden) {
      this.#timer = setTimeout(() => this.refresh(), REFRESH_EVERY);
    }
  }

  async #read(pageToken) {
    const text = this.#search;
    if (!text || isFilter(text)) {
      const { chats = [], nextPageToken = '' } = await listChats({ pageSize: PAGE, pageToken, filter: text });
      return { chats, next: nextPageToken };
    }

    const found = [];
    let token = '';
    for (let page = 0; page < MAX_SEARCH_PAGES; page++) {
      const { chats = [], nextPageToken = '' } = await listChats({ pageSize: SEARCH_PAGE, pageToken: token });
      found.push(...chats.filter(chat => `${titleOf(chat)} ${idOf(chat.name)}`.toLowerCase().includes(text.toLowerCase())));
      token = nextPageToken;
      if (!token) {
        break;
      }
    }

    return { chats: found, next: '' };
  }

  async #loadMore() {
    const generation = this.#generation;
    try {
      const page = await this.#read(this.#next);
      if (generation !== this.#generation && this.#search !== this.filter.value.trim()) {
        return;
      }

      this.#next = page.next;
      for (const chat of page.chats) {
        this.#chats.set(chat.name, chat);
      }

      this.#render();
    } catch (error) {
      this.#fail(error);
    }
  }

  #type() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#search = this.filter.value.trim();
      this.#chats.clear();
      this.#next = '';
      this.refresh();
    }, TYPING_PAUSE);
  }

  #fail(error) {
    if (error.reason === 'INVALID_FILTER') {
      this.note.textContent = error.message;
      this.note.hidden = false;
    } else {
      this.onfailure(error);
    }
  }

  #render() {
    const chats = this.chats;
    const items = chats.map(chat => {
      let item = this.#items.get(chat.name);
      if (!item) {
        item = new ChatItem(chat.name);
        this.#items.set(chat.name, item);
      }

      item.update(chat);
      item.mark(chat.name === this.#current);
      return item.element;
    });
    for (const name of this.#items.keys()) {
      if (!this.#chats.has(name)) {
        this.#items.delete(name);
      }
    }

    arrange(this.list, items);
    this.more.hidden = !this.#next;
    this.note.textContent = this.#search ? 'No chat matches.' : 'No chats yet.';
    this.note.hidden = chats.length > 0;
  }
}

class ChatItem {
  #signature = '';

  constructor(name) {
    this.title = h('span.chat-title');
    this.sub = h('span.chat-sub');
    this.age = h('span.chat-age');
    this.dot = h('span.dot', { 'aria-hidden': 'true' });
    this.link = h('a.chat-item', { href: `#/chats/${idOf(name)}` }, this.dot, this.title, this.age, this.sub);
    this.element = h('li', {}, this.link);
  }

  update(chat) {
    const state = chat.activeTurnId ? 'running' : 'idle';
    const queued = Number(chat.queuedTurns ?? 0);
    const turns = Number(chat.turnCount ?? 0);
    const sub = [chat.model, turns === 1 ? '1 turn' : `${turns} turns`, state === 'running' ? 'running' : '', queued > 0 ? `${queued} queued` : ''].filter(Boolean).join(' · ');
    const signature = [titleOf(chat), state, sub, formatAge(chat.updateTime)].join('\n');
    if (signature !== this.#signature) {
      this.#signature = signature;
      this.title.textContent = titleOf(chat);
      this.sub.textContent = sub;
      this.age.textContent = formatAge(chat.updateTime);
      this.dot.dataset.state = state;
    }
  }

  mark(isCurrent) {
    if (isCurrent) {
      this.link.setAttribute('aria-current', 'page');
    } else {
      this.link.removeAttribute('aria-current');
    }
  }
}
