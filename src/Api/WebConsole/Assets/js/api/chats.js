// The methods of the contract that the console uses.

import { call, send, newRequestId } from './client.js';

const turnPath = (name, turnId) => `v1/${name}/turns/${encodeURIComponent(turnId)}`;

export const listChats = (query, signal) => call('GET', 'v1/chats', { query, signal });

export const createChat = chat => call('POST', 'v1/chats', { body: { requestId: newRequestId(), ...chat } });

export const getChat = name => call('GET', `v1/${name}`);

export const updateChat = (name, chat, fields) => call('PATCH', `v1/${name}`, { query: { updateMask: fields.join(',') }, body: chat });

export const deleteChat = name => call('DELETE', `v1/${name}`, { query: { requestId: newRequestId() } });

export const listTurns = (name, query, signal) => call('GET', `v1/${name}/turns`, { query, signal });

export const getTurn = (name, turnId) => call('GET', turnPath(name, turnId));

export const cancelTurn = (name, turnId) => call('POST', `${turnPath(name, turnId)}:cancel`, { body: {} });

export const getHistory = (name, query) => call('GET', `v1/${name}/history`, { query });

export const rewind = (name, revision, expectedRevision) =>
  call('POST', `v1/${name}:rewind`, { body: { revision: String(revision), expectedRevision: String(expectedRevision), requestId: newRequestId() } });

export const fork = (name, revision, displayName) =>
  call('POST', `v1/${name}:fork`, { body: { revision: String(revision), displayName, requestId: newRequestId() } });

export const readTurnPath = (name, turnId) => `${turnPath(name, turnId)}:read`;

export const watchPath = name => `v1/${name}:watch`;

/** Sends a message, and returns when the chat has accepted it. The watch of the chat gets the events of its turn. */
export async function sendMessage(name, message) {
  const controller = new AbortController();
  for (let attempt = 1; ; attempt++) {
    try {
      // The turn continues without its reader.
      await send('POST', `v1/${name}:sendMessageStream`, { body: message, headers: { accept: 'text/event-stream' }, signal: controller.signal });
      controller.abort();
      return;
    } catch (error) {
      if (!error.isTransient || error.status === 429 || attempt >= 5) {
        throw error;
      }

      await new Promise(resolve => setTimeout(resolve, Math.min(200 * 2 ** attempt, 3000)));
    }
  }
}
