// Commands that do in a terminal what the console does.

import { credential, readKey, urlOf } from './client.js';
import { server } from './server.js';

const quote = text => `'${text.replaceAll('\'', String.raw`'\''`)}'`;

// The secret itself doesn't belong in the clipboard.
const credentialOption = () => ({ 'x-api-key': '-H "x-api-key: $CHATS_API_KEY"', authorization: '-H "authorization: Bearer $CHATS_TOKEN"' })[credential(readKey())?.[0]];

/** Returns a curl command. */
export function curl(method, path, { query, body, isStream = false } = {}) {
  return [
    `curl${isStream ? ' -N' : ''}${method === 'GET' ? '' : ` -X ${method}`} ${quote(urlOf(path, query).href)}`,
    credentialOption(),
    isStream ? `-H ${quote('accept: text/event-stream')}` : null,
    body ? `-H ${quote('content-type: application/json')}` : null,
    body ? `-d ${quote(JSON.stringify(body))}` : null,
  ].filter(Boolean).join(' \\\n  ');
}

/** Returns a grpcurl command. */
export function grpcurl(method, request) {
  return [
    `grpcurl${server.isGrpcSecure ? '' : ' -plaintext'}`,
    credentialOption(),
    `-d ${quote(JSON.stringify(request))}`,
    `${location.hostname}:${server.grpcPort ?? 50051} genai.chats.v1.Chats/${method}`,
  ].filter(Boolean).join(' \\\n  ');
}
