// The AI SDK's chat, as the hooks for React, Vue, and Svelte use it, with its published transport.
import { AbstractChat, DefaultChatTransport } from "ai";

class State {
  status = "ready";
  error = undefined;
  messages;

  constructor(messages) {
    this.messages = messages;
  }

  pushMessage = (message) => (this.messages = [...this.messages, message]);
  popMessage = () => (this.messages = this.messages.slice(0, -1));
  replaceMessage = (index, message) => (this.messages = this.messages.with(index, structuredClone(message)));
  snapshot = (value) => structuredClone(value);
}

export class Chat extends AbstractChat {
  constructor({ messages = [], ...init }) {
    super({ ...init, state: new State(messages) });
  }
}

/** A server, and its routes that aren't of the transport. */
export class Server {
  constructor(url) {
    this.url = url;
    this.api = `${url}/api/ui/chat`;
  }

  /** Creates a chat's client. The body is sent with each request. */
  chat({ id = crypto.randomUUID(), body, fetch, ...init } = {}) {
    return new Chat({ id, transport: new DefaultChatTransport({ api: this.api, body, fetch }), ...init });
  }

  async messages(id, query = "") {
    return (await this.#fetch(`${this.api}/${id}/messages${query}`)).json();
  }

  async stop(id) {
    await this.#fetch(`${this.api}/${id}/stop`, { method: "POST" });
  }

  async turns(id, query = "") {
    return (await (await this.#fetch(`${this.url}/v1/chats/${id}/turns${query}`)).json()).turns ?? [];
  }

  async get(id) {
    return (await this.#fetch(`${this.url}/v1/chats/${id}`)).json();
  }

  async fork(id, chatId) {
    await this.#fetch(`${this.url}/v1/chats/${id}:fork`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ chatId }) });
  }

  async #fetch(url, init) {
    const response = await fetch(url, init);
    if (!response.ok) {
      throw new Error(`${response.status} ${await response.text()}`);
    }

    return response;
  }
}

/** Returns a value as JSON has it: without undefined members. */
export const plain = (value) => JSON.parse(JSON.stringify(value));

export const texts = (chat) => (chat.messages ?? chat).map((message) => message.parts.filter((part) => part.type === "text").map((part) => part.text).join(""));

/** Waits until a condition is true. The chat has no events for it. */
export async function until(condition) {
  while (!(await condition())) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until the beginning of the response is shown. */
export const answers = (chat, beginning) => until(() => chat.lastMessage?.role === "assistant" && texts(chat).at(-1).startsWith(beginning));

/** A fetch with connections that break after a number of events, as browsers report it. */
export function breaking(events) {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (init.method !== "POST" || !response.ok) {
      return response;
    }

    let text = "";
    const cut = new TransformStream({
      transform(piece, controller) {
        text += piece;
        const whole = text.split("\n\n").filter((event) => event.startsWith("data: "));
        controller.enqueue(piece);
        if (whole.length > events) {
          controller.error(new TypeError("network error"));
        }
      },
    });
    return new Response(response.body.pipeThrough(new TextDecoderStream()).pipeThrough(cut).pipeThrough(new TextEncoderStream()), { headers: response.headers });
  };
}
