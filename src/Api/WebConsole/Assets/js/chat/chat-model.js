// The state of one chat: what was loaded, and what its watch reports.

import { getHistory, getTurn, listTurns } from '../api/chats.js';
import { ChatWatch } from '../api/watch.js';
import { Branches } from './branches.js';
import { PartList } from './parts.js';

const PAGE = 40;
const BRANCH_PAGE = 1000;
const MAX_BRANCH_PAGES = 100;

const isOver = state => state === 'STATE_COMPLETED' || state === 'STATE_FAILED' || state === 'STATE_CANCELLED';

/** A turn that is queued or running, or has just ended: its latest state, and the parts that have arrived. */
class LiveTurn {
  parts = new PartList();

  constructor(turn) {
    this.turn = turn;
  }

  update(turn) {
    this.turn = { ...this.turn, ...turn, message: turn.message ?? this.turn.message };
  }
}

/**
 * A chat that is shown. Events: `change` (turns or settings), `stream` (parts of a running turn; its detail is the turn ID), `connection`, `deleted`,
 * `failure` (its detail is the error).
 */
export class ChatModel extends EventTarget {
  chat = null;

  /** The turns of the history that are loaded, up to the head. */
  path = [];

  /** The contents before the first turn, if the start of the history is loaded. */
  initial = null;

  /** Messages that the chat hasn't accepted yet. */
  pending = [];

  isLive = false;
  isLoaded = false;
  branches = new Branches();

  #live = new Map();
  #watch;
  #syncing = null;
  #isStale = false;
  #hasBranches = false;
  #abort = new AbortController();

  constructor(name) {
    super();
    this.name = name;
    this.#watch = new ChatWatch(name, {
      onevent: event => this.#take(event),
      onstate: isLive => this.#connected(isLive),
      onreset: () => this.#live.clear(),
      onfailure: error => this.#emit('failure', error),
    });
  }

  start() {
    this.#watch.start();
  }

  stop() {
    this.#watch.stop();
    this.#abort.abort();
  }

  get head() {
    return this.path.at(-1);
  }

  get revision() {
    return Number(this.chat?.revision ?? 0);
  }

  get hasOlder() {
    return Number(this.path[0]?.parentRevision ?? 0) > 0;
  }

  /** The running turn. */
  get running() {
    return this.#turns().find(live => live.turn.state === 'STATE_RUNNING');
  }

  get queued() {
    return this.#turns().filter(live => live.turn.state === 'STATE_QUEUED');
  }

  /** The turns to show: the history, and then those that aren't in it. A running edit hides the turns that it would replace. */
  get shown() {
    const branch = this.running && this.path.findIndex(turn => Number(turn.revision) === Number(this.running.turn.parentRevision ?? 0));
    const isBranch = this.running && this.running.turn.parentRevision !== undefined && Number(this.running.turn.parentRevision) < Number(this.head?.revision ?? 0)
      && (branch >= 0 || !this.hasOlder);
    const path = isBranch ? this.path.slice(0, branch + 1) : this.path;
    const rank = live => (isOver(live.turn.state) ? 0 : live.turn.state === 'STATE_RUNNING' ? 1 : 2);
    const others = this.#turns().sort((a, b) => rank(a) - rank(b));
    return [...path.map(turn => ({ turn })), ...others.map(live => ({ turn: live.turn, parts: live.parts.items, isLive: true }))];
  }

  /** Returns the parts of a turn that have arrived. */
  partsOf(turnId) {
    return this.#live.get(turnId)?.parts.items ?? [];
  }

  /** Removes a turn that left nothing in the history. */
  dismiss(turnId) {
    this.#live.delete(turnId);
    this.#emit('change');
  }

  /** Loads turns before those that are loaded. Returns whether there were any. */
  async loadOlder() {
    if (!this.hasOlder) {
      return false;
    }

    const first = this.path[0];
    const { turns = [] } = await this.#list({ revision: first.parentRevision });
    if (this.path[0] !== first) {
      return true;
    }

    this.path.unshift(...turns.reverse());
    await this.#loadInitial();
    this.#emit('change');
    return turns.length > 0;
  }

  /** Reads the end of the history again. */
  sync() {
    this.#isStale = true;
    this.#syncing ??= this.#syncAll().finally(() => {
      this.#syncing = null;
    });
    return this.#syncing;
  }

  #turns() {
    return [...this.#live.values()];
  }

  #list(query) {
    return listTurns(this.name, { pageSize: PAGE, view: 'TURN_VIEW_FULL', newestFirst: true, ...query }, this.#abort.signal);
  }

  async #syncAll() {
    while (this.#isStale && !this.#abort.signal.aborted) {
      this.#isStale = false;
      try {
        await this.#syncOnce();
      } catch (error) {
        if (this.#abort.signal.aborted) {
          return;
        }

        this.#emit('failure', error);
        this.#isStale = error.isTransient;
      }
    }
  }

  async #syncOnce() {
    const { turns = [] } = await this.#list({});
    turns.reverse();
    const overlap = this.path.findIndex(turn => turn.turnId === turns[0]?.turnId);
    this.path = overlap > 0 ? [...this.path.slice(0, overlap), ...turns] : turns;
    for (const turn of turns) {
      this.branches.add(turn);
      this.#live.delete(turn.turnId);
    }

    await this.#loadInitial();
    this.isLoaded = true;
    this.#emit('change');
    this.#loadBranches();
  }

  async #loadInitial() {
    if (!this.hasOlder && this.initial === null) {
      this.initial = (await getHistory(this.name, { revision: '0' })).history ?? [];
    }
  }

  // If each recorded turn is in the history, the revision is the number of turns.
  #loadBranches() {
    if (this.#hasBranches || this.revision === Number(this.chat.turnCount ?? 0)) {
      return;
    }

    this.#hasBranches = true;
    this.#loadAllBranches().catch(() => {
      this.#hasBranches = false;
    });
  }

  async #loadAllBranches() {
    let pageToken = '';
    for (let page = 0; page < MAX_BRANCH_PAGES; page++) {
      const list = await listTurns(this.name, { pageSize: BRANCH_PAGE, newestFirst: true, allBranches: true, pageToken }, this.#abort.signal);
      for (const turn of list.turns ?? []) {
        this.branches.add(turn);
      }

      pageToken = list.nextPageToken;
      if (!pageToken) {
        break;
      }
    }

    this.#emit('change');
  }

  #connected(isLive) {
    this.isLive = isLive;
    this.#emit('connection');
  }

  #take(event) {
    if (event.chat) {
      this.#takeChat(event.chat);
    } else if (event.accepted) {
      this.#accept(event.accepted);
    } else if (event.turn) {
      this.#progress(event.turn.turnId, event.turn.event ?? {});
    } else if (event.deleted) {
      this.#emit('deleted');
    }
  }

  #takeChat(chat) {
    this.chat = chat;
    if (!this.isLoaded || Number(chat.headRevision ?? 0) !== Number(this.head?.revision ?? 0)) {
      this.sync();
    }

    this.#emit('change');
  }

  #accept(turn) {
    // The message of a turn that left nothing behind has been read by now.
    for (const live of this.#turns()) {
      if (isOver(live.turn.state) && Number(live.turn.revision ?? 0) === 0) {
        this.#live.delete(live.turn.turnId);
      }
    }

    this.pending = this.pending.filter(message => message.requestId !== turn.requestId);
    this.#liveTurn(turn.turnId).update(turn);
    this.#emit('change');
  }

  #progress(turnId, event) {
    const live = this.#liveTurn(turnId);
    if (event.chunk) {
      live.parts.addResponse(event.chunk);
      this.#emit('stream', turnId);
      return;
    }

    if (event.started) {
      live.update(event.started);
      live.parts = new PartList();
    } else if (event.ended) {
      live.update(event.ended);
      if (Number(event.ended.revision ?? 0) > 0) {
        this.#record(turnId).catch(() => this.sync());
      }
    }

    this.#emit('change');
  }

  async #record(turnId) {
    const turn = await getTurn(this.name, turnId);
    this.branches.add(turn);
    this.#live.delete(turnId);
    const parent = Number(turn.parentRevision ?? 0);
    const at = this.path.findIndex(other => Number(other.revision) === parent);
    if (this.path.some(other => other.turnId === turnId) || !turn.inHistory) {
      await this.sync();
    } else if (at >= 0 || (parent === 0 && !this.hasOlder)) {
      this.path = [...this.path.slice(0, at + 1), turn];
      this.#loadBranches();
    } else {
      await this.sync();
    }

    this.#emit('change');
  }

  #liveTurn(turnId) {
    if (!this.#live.has(turnId)) {
      this.#live.set(turnId, new LiveTurn({ turnId, state: 'STATE_QUEUED' }));
    }

    return this.#live.get(turnId);
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
