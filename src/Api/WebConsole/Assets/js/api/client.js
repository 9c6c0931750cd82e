// Calls of the REST API, which is next to the console: /console/ and /v1/.

const ROOT = new URL('../', document.baseURI);
const KEY = 'chats.key';
const RETRIES = 5;

/** An error of the API, or of the connection to it (status 0). */
export class ApiError extends Error {
  constructor(status, body) {
    super(body?.message || (status === 0 ? 'The server can\'t be reached.' : `The server answered with status ${status}.`));
    this.status = status;
    const info = body?.details?.find(detail => detail.reason);
    this.reason = info?.reason ?? '';
    this.fields = body?.details?.flatMap(detail => detail.fieldViolations ?? []) ?? [];
  }

  /** Whether the same request can succeed later. */
  get isTransient() {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Reads the API key of this tab. */
export const readKey = () => sessionStorage.getItem(KEY) ?? '';

/** Stores the API key, until the tab is closed. */
export function writeKey(key) {
  if (key) {
    sessionStorage.setItem(KEY, key);
  } else {
    sessionStorage.removeItem(KEY);
  }
}

/** Returns the address of a path: `v1/chats`. */
export function urlOf(path, query = {}) {
  const url = new URL(path, ROOT);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '' && value !== false) {
      url.searchParams.set(name, String(value));
    }
  }

  return url;
}

/** Returns the header for a key or a token: `x-api-key`, or `authorization` for a JSON Web Token. Null without a key. */
export function credential(key) {
  return !key ? null : /^[\w-]+\.[\w-]+\.[\w-]+$/.test(key) ? ['authorization', `Bearer ${key}`] : ['x-api-key', key];
}

/** Returns the headers that each request needs. */
export function headersWith(headers = {}) {
  const header = credential(readKey());
  return header ? { ...headers, [header[0]]: header[1] } : headers;
}

/** Sends a request once, and returns the response if its status is a good one. */
export async function send(method, path, { query, body, headers, signal } = {}) {
  let response;
  try {
    response = await fetch(urlOf(path, query), {
      method,
      headers: headersWith(body === undefined ? headers : { 'content-type': 'application/json', ...headers }),
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
      cache: 'no-store',
      credentials: 'omit',
    });
  } catch (error) {
    throw error.name === 'AbortError' ? error : new ApiError(0);
  }

  if (!response.ok) {
    throw new ApiError(response.status, await readError(response));
  }

  return response;
}

/** Sends a request, and returns its JSON. Repeats it if it fails for a while: requests that change something have a request ID. */
export async function call(method, path, options = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await send(method, path, options);
      return await response.json();
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isTransient || attempt > (options.retries ?? RETRIES)) {
        throw error;
      }

      await pause(Math.min(200 * 2 ** attempt, 3000), options.signal);
    }
  }
}

/** Waits, unless the signal comes first. */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

/** Returns a new request ID. */
export function newRequestId() {
  // randomUUID exists only on secure origins.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

async function readError(response) {
  try {
    const body = await response.json();
    return (Array.isArray(body) ? body[0] : body).error;
  } catch {
    return undefined;
  }
}
