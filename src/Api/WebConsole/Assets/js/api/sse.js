// Server-sent events over fetch, because EventSource can't send an API key.

import { send, ApiError } from './client.js';

// The server sends a comment every 15 s.
const SILENCE = 45000;

/**
 * Opens a stream, and returns its events until the server ends it.
 * @param {string} path
 * @param {{query?: object, lastEventId?: string, signal: AbortSignal, onopen?: () => void}} options
 * @returns {AsyncGenerator<{id: string, event: string, data: any}>}
 */
export async function* openStream(path, { query, lastEventId, signal, onopen }) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE);
  const headers = { accept: 'text/event-stream', ...(lastEventId ? { 'last-event-id': lastEventId } : {}) };
  try {
    const response = await send('GET', path, { query, headers, signal: AbortSignal.any([signal, silence.signal]) });
    onopen?.();

    // The client has all events.
    if (response.status === 204) {
      return;
    }

    const parser = new EventParser();
    for (const reader = response.body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }

      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE);
      for (const event of parser.push(value)) {
        const data = JSON.parse(event.data);
        if (event.event === 'error') {
          throw new ApiError(data.error?.code ?? 503, data.error);
        }

        yield { ...event, data };
      }
    }
  } catch (error) {
    throw error instanceof ApiError || signal.aborted ? error : new ApiError(0);
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Splits the text of a stream into events, as the HTML standard defines them. */
export class EventParser {
  #rest = '';
  #id = '';
  #event = '';
  #data = [];

  /** Adds text, and returns the events that are complete. */
  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    const events = [];
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) {
          events.push({ id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') });
        }

        this.#event = '';
        this.#data = [];
      } else if (!line.startsWith(':')) {
        const colon = line.indexOf(':');
        this.#set(colon < 0 ? line : line.slice(0, colon), colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, ''));
      }
    }

    return events;
  }

  #set(name, value) {
    if (name === 'data') {
      this.#data.push(value);
    } else if (name === 'event') {
      this.#event = value;
    } else if (name === 'id') {
      this.#id = value;
    }
  }
}
