// Uses the AI SDK's chat like a page would. Prints a line for each step; KILL asks the test to kill the server that runs the turn, and to start another one.
// Usage: ui_chat.mjs URL (all | restart)
import assert from "node:assert/strict";
import { lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { Server, answers, breaking, plain, texts, until } from "./ui_client.mjs";

const [url, scenario] = process.argv.slice(2);
const server = new Server(url);
const ECHO = { model: "echo" };
const WORDS = "one two three four five six seven eight nine ten";
const LONG = `${WORDS} ${WORDS} ${WORDS} ${WORDS} end`;
const slow = (milliseconds, labels = {}) => ({ ...ECHO, config: { labels: { "echo-delay-ms": `${milliseconds}`, ...labels } } });
const failed = (status) => (error) => (assert.equal(error.statusCode, status), true);

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

async function stopped() {
  const chat = server.chat({ body: slow(50) });
  const sent = chat.sendMessage({ text: LONG }, { body: slow(50, { "echo-repeat": "100" }) });
  await answers(chat, "one two ");
  await server.stop(chat.id);
  await sent;
  assert.deepEqual([chat.status, chat.lastMessage.metadata.state, chat.lastMessage.parts.at(-1).state], ["ready", "STATE_CANCELLED", "done"]);
  await isAsLoaded(chat);
  await server.stop(chat.id);

  // The page's stop only closes the connection: the turn goes on, and can be followed again.
  const left = chat.sendMessage({ text: `again ${WORDS}` });
  await answers(chat, "again one ");
  await chat.stop();
  await left;
  await chat.resumeStream();
  assert.equal(texts(chat).at(-1), `again ${WORDS}`);
  await isAsLoaded(chat);
}

async function cut() {
  for (const events of [1, 3, 8]) {
    const chat = server.chat({ body: slow(20), fetch: breaking(events) });
    await chat.sendMessage({ text: WORDS });
    assert.equal(chat.status, "error");
    await chat.resumeStream();
    assert.deepEqual([chat.status, texts(chat)], ["ready", [WORDS, WORDS]]);
    await isAsLoaded(chat);

    // The turn ended while the connection was broken.
    await chat.sendMessage({ text: `${WORDS}.` });
    assert.equal(chat.status, "error");
    await until(async () => (await server.get(chat.id)).activeTurnId === undefined);
    await chat.resumeStream();
    assert.deepEqual(texts(chat), [WORDS, WORDS, `${WORDS}.`, `${WORDS}.`]);
    await isAsLoaded(chat);
  }
}

async function nothing() {
  const chat = server.chat({ id: "nothing" });
  await chat.resumeStream();
  assert.deepEqual([chat.status, chat.messages], ["ready", []]);
  assert.deepEqual(await server.messages("nothing"), []);
  assert.equal((await fetch(`${server.api}/nothing/stream`)).status, 204);
  assert.equal((await fetch(`${server.api}/nothing/stop`, { method: "POST" })).status, 204);
}

// vercel/ai#18457: a page that resumes a turn whose message it doesn't have showed the answer before it twice.
async function resumed() {
  const chat = server.chat({ body: slow(100) });
  await chat.sendMessage({ text: "first" });
  const before = plain(chat.messages);
  const sent = chat.sendMessage({ text: LONG });
  await answers(chat, "one ");

  const unaware = server.chat({ id: chat.id, messages: before });
  const loaded = server.chat({ id: chat.id, messages: await server.messages(chat.id) });
  assert.deepEqual(texts(loaded), ["first", "first", LONG]);
  await Promise.all([unaware.resumeStream(), loaded.resumeStream(), sent]);

  assert.deepEqual(texts(unaware), ["first", "first", LONG]);
  assert.deepEqual(plain(unaware.messages.slice(0, 2)), before);
  assert.deepEqual(texts(loaded), ["first", "first", LONG, LONG]);
  await isAsLoaded(chat);
  await isAsLoaded(loaded);
}

async function branches() {
  const chat = server.chat({ body: ECHO });
  await chat.sendMessage({ text: "one" });
  await chat.sendMessage({ text: "two" });
  const [first, second] = chat.messages.filter((message) => message.role === "assistant").map((message) => message.id);

  await chat.regenerate();
  assert.deepEqual(texts(chat), ["one", "one", "two", "two"]);
  assert.notEqual(chat.lastMessage.id, second);
  await isAsLoaded(chat);
  await chat.regenerate({ messageId: chat.lastMessage.id });
  await isAsLoaded(chat);

  // The edited message keeps its ID on the page.
  const edited = chat.messages[0].id;
  await chat.sendMessage({ text: "uno", messageId: edited });
  assert.deepEqual(texts(chat), ["uno", "uno"]);
  await chat.sendMessage({ text: "eins", messageId: edited });
  await chat.regenerate();
  await chat.sendMessage({ text: "zwei" });
  assert.deepEqual(texts(chat), ["eins", "eins", "zwei", "zwei"]);
  await isAsLoaded(chat);
  const siblings = (await server.turns(chat.id, "?allBranches=true")).filter((turn) => turn.parentRevision === undefined);
  assert.equal(siblings.length, 4);
  assert.equal(siblings[0].turnId, first);

  // An edit that fails changes nothing, and can be tried again.
  await chat.sendMessage({ text: "ein anderes Wort", messageId: chat.messages[2].id }, { body: { config: { labels: { "echo-fail-at": "2" } } } });
  assert.equal(chat.status, "error");
  assert.deepEqual(texts(await server.messages(chat.id)), ["eins", "eins", "zwei", "zwei"]);
  await chat.regenerate();
  assert.deepEqual(texts(chat), ["eins", "eins", "ein anderes Wort", "ein anderes Wort"]);
  await isAsLoaded(chat);
}

// The turn that the page replaces leaves nothing.
async function editedWhileRunning() {
  const chat = server.chat({ body: ECHO });
  await chat.sendMessage({ text: "first" });
  const sent = chat.sendMessage({ text: LONG }, { body: slow(1000) });
  await answers(chat, "one ");
  await chat.stop();
  await sent;

  await chat.sendMessage({ text: "edited", messageId: chat.messages.at(-2).id });
  assert.deepEqual([chat.status, texts(chat)], ["ready", ["first", "first", "edited", "edited"]]);
  await isAsLoaded(chat);
  assert.equal((await server.turns(chat.id, "?allBranches=true")).length, 2);
}

// The turns of the source have no request IDs in the fork.
async function forked() {
  const source = server.chat({ body: ECHO });
  await source.sendMessage({ text: "one" });
  await source.sendMessage({ text: "two" });
  await server.fork(source.id, "forked");

  const chat = server.chat({ id: "forked", body: ECHO, messages: await server.messages("forked") });
  assert.equal(new Set(chat.messages.map((message) => message.id)).size, 4);
  await chat.sendMessage({ text: "three" });
  await chat.sendMessage({ text: "zwei", messageId: chat.messages[2].id });
  assert.deepEqual(texts(chat), ["one", "one", "zwei", "zwei"]);
  await chat.regenerate({ messageId: chat.messages[1].id });
  assert.deepEqual(texts(chat), ["one", "one"]);
  await isAsLoaded(chat);
  await isAsLoaded(source);
}

async function files() {
  const chat = server.chat({ body: ECHO });
  const url = "data:image/png;base64,iVBORw0KGgo=";
  await chat.sendMessage({ text: "see", files: [{ type: "file", mediaType: "image/png", url }] });
  assert.equal(texts(chat).at(-1), "see");
  assert.deepEqual((await server.messages(chat.id))[0].parts, [{ type: "file", mediaType: "image/png", url }, { type: "text", text: "see" }]);
  await chat.sendMessage({ parts: [{ type: "data-x", data: 1 }] });
  assert.throws(() => { throw chat.error; }, failed(400));
  assert.equal(chat.error.message, "messages[2].parts[0].type must be text or file.");
}

async function killed() {
  const chat = server.chat({ body: slow(150) });
  const sent = chat.sendMessage({ text: LONG });
  await answers(chat, "one two three ");
  console.log("KILL");
  await sent;
  while (chat.status === "error") {
    assert.ok(chat.error instanceof TypeError, `${chat.error}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await chat.resumeStream();
  }

  assert.deepEqual(texts(chat), [LONG, LONG]);
  assert.equal(chat.lastMessage.metadata.attempt, 2);
  await isAsLoaded(chat);
}

// The stream stays open, and another server runs the turn.
async function restarted() {
  const types = [];
  const listening = async (url, init) => {
    const response = await fetch(url, init);
    const [page, log] = response.body.tee();
    log.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream({ write: (text) => void types.push(...Array.from(text.matchAll(/"type":"([a-z-]+)"/g), (match) => match[1])) }));
    return new Response(page, { headers: response.headers });
  };
  const chat = server.chat({ id: scenario, body: slow(150), fetch: listening, messages: await server.messages(scenario) });
  const sent = chat.sendMessage({ text: LONG });
  await answers(chat, "one two three ");
  console.log("KILL");
  await sent;

  assert.equal(chat.status, "ready");
  assert.deepEqual(texts(chat), ["first", "first", LONG, LONG]);
  assert.equal(types.filter((type) => type === "reset-step").length, 1);
  assert.ok(chat.lastMessage.metadata.attempt > 1);
  await isAsLoaded(chat);
}

if (scenario === "restart") {
  await step("restart", restarted);
} else {
  await step("plain", plainChat);
  await step("joined", joined);
  await step("tools", tools);
  await step("errors", errors);
  await step("stop", stopped);
  await step("cut", cut);
  await step("204", nothing);
  await step("resume", resumed);
  await step("branches", branches);
  await step("edit while running", editedWhileRunning);
  await step("fork", forked);
  await step("files", files);
  await step("kill", killed);
}
