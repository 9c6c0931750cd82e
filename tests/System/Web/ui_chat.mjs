// Uses the AI SDK's chat like a page would. Prints a line for each step.
// Usage: ui_chat.mjs URL
import assert from "node:assert/strict";
import { lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { Server, plain, texts, until } from "./ui_client.mjs";

const [url] = process.argv.slice(2);
const server = new Server(url);
const ECHO = { model: "echo" };
const WORDS = "one two three four five six seven eight nine ten";
const slow = (milliseconds, labels = {}) => ({ ...ECHO, config: { labels: { "echo-delay-ms": `${milliseconds}`, ...labels } } });

async function step(name, run) {
  await run();
  console.log(name);
}

/** The page has what the server would give it if it were loaded now. */
async function isAsLoaded(chat) {
  const loaded = await server.messages(chat.id);
  assert.deepEqual(plain(chat.messages.map(({ role, parts }) => ({ role, parts }))), loaded.map(({ role, parts }) => ({ role, parts })));
  assert.deepEqual(plain(chat.messages.filter((message) => message.role === "assistant")), loaded.filter((message) => message.role === "assistant"));
}

async function plainChat() {
  const chat = server.chat({ body: ECHO });
  await chat.sendMessage({ text: "Hello there!" });
  await chat.sendMessage({ text: "Again, please." });

  assert.equal(chat.status, "ready");
  assert.deepEqual(texts(chat), ["Hello there!", "Hello there!", "Again, please.", "Again, please."]);
  const turns = await server.turns(chat.id);
  assert.deepEqual(turns.map((turn) => turn.requestId), chat.messages.filter((message) => message.role === "user").map((message) => message.id));
  assert.deepEqual(turns.map((turn) => turn.turnId), chat.messages.filter((message) => message.role === "assistant").map((message) => message.id));
  const { metadata } = chat.lastMessage;
  assert.deepEqual([metadata.revision, metadata.state, metadata.usage.totalTokenCount], ["2", "STATE_COMPLETED", 4]);
  await isAsLoaded(chat);
  assert.deepEqual((await server.messages(chat.id, "?limit=1")).map((message) => message.metadata.turnId), [turns[1].turnId, turns[1].turnId]);
  assert.equal((await server.messages(chat.id, "?revision=1")).length, 2);
}

// A double click, or a proxy that sends a request again.
async function joined() {
  const message = { id: "once", role: "user", parts: [{ type: "text", text: WORDS }] };
  const [first, second] = [1, 2].map(() => server.chat({ id: "joined", body: slow(10), messages: [] }));
  await Promise.all([first.sendMessage(message), second.sendMessage(message)]);

  assert.deepEqual(texts(first), [WORDS, WORDS]);
  assert.deepEqual(plain(first.messages), plain(second.messages));
  assert.equal((await server.turns("joined")).length, 1);
}

async function tools() {
  const calls = [];
  const body = { ...ECHO, config: { labels: { "echo-call": '[{"name": "now", "args": {"zone": "UTC"}}, {"name": "place", "args": {}}]', "echo-call-rounds": "2" } } };
  const chat = server.chat({
    body,
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
    onToolCall: ({ toolCall }) => {
      calls.push([toolCall.toolName, toolCall.input]);
      const output = toolCall.toolName === "now" ? { output: { hour: 12 } } : { state: "output-error", errorText: "no position" };
      chat.addToolOutput({ tool: toolCall.toolName, toolCallId: toolCall.toolCallId, ...output });
    },
  });
  await chat.sendMessage({ text: "When and where?" });
  await until(async () => chat.status === "ready" && chat.lastMessage.parts.at(-1).type === "text");

  assert.deepEqual(calls.slice(0, 2), [["now", { zone: "UTC" }], ["place", {}]]);
  assert.equal(calls.length, 4);
  assert.equal(chat.messages.length, 2, "The outputs continue the message.");
  const shown = chat.lastMessage.parts.map((part) => [part.type, part.state, part.output ?? part.errorText]);
  const round = [["step-start", undefined, undefined], ["tool-now", "output-available", { hour: 12 }], ["tool-place", "output-error", "no position"]];
  assert.deepEqual(shown, [...round, ...round, round[0], ["text", "done", undefined]]);
  assert.equal((await server.turns(chat.id)).length, 3);
  await isAsLoaded(chat);

  // A page that was closed meanwhile.
  const other = server.chat({ id: chat.id, messages: [chat.messages[0]] });
  await other.resumeStream();
  assert.deepEqual(plain(other.messages), plain(chat.messages));

  // The page is loaded while the calls wait, and answers them.
  const late = server.chat({ body });
  await late.sendMessage({ text: "When and where?" });
  const loaded = server.chat({ id: late.id, body, messages: await server.messages(late.id), sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls });
  assert.deepEqual(loaded.lastMessage.parts.map((part) => part.state), [undefined, "input-available", "input-available"]);
  for (const part of loaded.lastMessage.parts.slice(1)) {
    await loaded.addToolOutput({ tool: part.type, toolCallId: part.toolCallId, output: "x" });
  }

  await until(() => loaded.status === "ready" && loaded.lastMessage.parts.length === 6);
  assert.equal(loaded.messages.length, 2);
  await isAsLoaded(loaded);

  // A message instead of the outputs abandons the calls.
  await loaded.sendMessage({ text: "Never mind." }, { body: { config: {} } });
  assert.equal(texts(loaded).at(-1), "Never mind.");
}

async function errors() {
  const body = { ...ECHO, config: { labels: { "echo-fail-at": "3" } } };
  const seen = [];
  const chat = server.chat({ body, onError: (error) => seen.push(error.message) });
  await chat.sendMessage({ text: WORDS });
  assert.equal(chat.status, "error");
  assert.match(chat.error.message, /failed at chunk 3/);
  assert.deepEqual(texts(chat), [WORDS, "one two "]);
  assert.equal(chat.lastMessage.metadata.error.reason, "MODEL_UNAVAILABLE");
  await isAsLoaded(chat);

  // The page's button to try again.
  await chat.regenerate({ body: { config: {} } });
  assert.equal(chat.status, "ready");
  assert.deepEqual(texts(chat), [WORDS, WORDS]);
  await isAsLoaded(chat);

  // Nothing was generated.
  await chat.sendMessage({ text: "fails" }, { body: { config: { labels: { "echo-fail-at": "1" } } } });
  assert.equal(chat.status, "error");
  await chat.regenerate({ body: { config: {} } });
  assert.deepEqual(texts(chat), [WORDS, WORDS, "fails", "fails"]);
  await isAsLoaded(chat);

  // Errors before the stream: their text is the message.
  await chat.sendMessage({ text: "x" }, { body: { model: "no-such-model" } });
  assert.deepEqual([chat.error.statusCode, chat.error.message], [400, "Model 'no-such-model' is not available on this server."]);
  const missing = server.chat();
  await missing.sendMessage({ text: "x" });
  assert.match(missing.error.message, /^model is required, because the chat/);
  const gone = server.chat({ id: "gone", body: ECHO, messages: plain(chat.messages) });
  await gone.sendMessage({ text: "x" });
  assert.deepEqual([gone.error.statusCode, gone.error.message], [404, "Chat 'chats/gone' not found."]);
  assert.equal(seen.length, 3);
}

await step("plain", plainChat);
await step("joined", joined);
await step("tools", tools);
await step("errors", errors);
