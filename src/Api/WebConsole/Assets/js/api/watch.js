// Follows a chat. If the connection is lost, the watch resumes with the token of its last event.

import { ApiError, pause } from './client.js';
import { watchPath } from './chats.js';
import { openStream } from './sse.js';

const FIRST_DELAY = 250;
const MAX_DELAY = 4000;

// Browsers have six connections for a server with HTTP/1.1: a hidden tab gives its connection back.
const HIDDEN_FOR = 30000;

/** A watch of one chat. */
export class ChatWatch {
  #name;
  #handlers;
  #stop = new AbortController();
  #connection = null;
  #token = '';
  #hiddenTimer = 0;

  /**
   * @param {string} name
   * @param {{onevent: (event: object) => void, onstate: (isLive: boolean) => void, onreset: () => void, onfailure: (error: ApiError) => void}} handlers
   */
  constructor(name, handlers) {
    this.#name = name;
    this.#handlers = handlers;
  }

  start() {
    document.addEventListener('visibilitychange', () => this.#see(), { signal: this.#stop.signal });
    this.#run().catch(error => {
      if (!this.#stop.signal.aborted) {
        this.#handlers.onfailure(error);
      }
    });
  }

  stop() {
    clearTimeout(this.#hiddenTimer);
    this.#stop.abort();
  }

  async #run() {
    let delay = FIRST_DELAY;
    while (!this.#stop.signal.aborted) {
      await this.#visible();
      this.#connection = new AbortController();
      try {
        for await (const { id, data } of this.#open()) {
          delay = FIRST_DELAY;
          this.#token = data.token || id || this.#token;
          this.#handlers.onevent(data);
          if (data.deleted) {
            return;
          }
        }
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        if (error instanceof ApiError && error.reason === 'INVALID_WATCH_TOKEN' && this.#token) {
          this.#token = '';
          this.#handlers.onreset();
        } else if (error instanceof ApiError && !error.isTransient) {
          throw error;
        }
      }

      this.#handlers.onstate(false);
      await pause(delay * (0.75 + Math.random() / 2), this.#stop.signal);
      delay = Math.min(delay * 2, MAX_DELAY);
    }
  }

  #open() {
    return openStream(watchPath(this.#name), {
      lastEventId: this.#token,
      signal: AbortSignal.any([this.#stop.signal, this.#connection.signal]),
      onopen: () => this.#handlers.onstate(true),
    });
  }

  #see() {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => this.#connection?.abort(), HIDDEN_FOR);
    }
  }

  #visible() {
    return document.hidden && this.#token
      ? new Promise(resolve => document.addEventListener('visibilitychange', resolve, { once: true, signal: this.#stop.signal }))
      : undefined;
  }
}
