// Facts about the server, which the console needs for its own texts.

import { urlOf } from './client.js';

/** The facts: version, grpcPort, isGrpcSecure, needsKey, hasEcho. */
export const server = { version: '', grpcPort: undefined, isGrpcSecure: false, needsKey: false, hasEcho: false };

/** Reads the facts. */
export async function loadServer() {
  try {
    Object.assign(server, await (await fetch(urlOf('console/server.json'), { credentials: 'omit' })).json());
  } catch {
    // The console works without them.
  }
}
