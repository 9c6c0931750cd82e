// A client's walk through the service; prints what it saw as JSON. Usage: chats.js ADDRESS CHAT_ID
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");
const { promisify } = require("node:util");

const root = path.join(__dirname, "../../..");
const { credentials, loadPackageDefinition, status } = createRequire(path.join(root, "examples/node/"))("@grpc/grpc-js");
const { loadSync } = createRequire(path.join(root, "examples/node/"))("@grpc/proto-loader");

const [address, chatId] = process.argv.slice(2);
const protos = loadSync("genai/chats/v1/chats.proto", { includeDirs: [path.join(root, "protos")], keepCase: true, longs: Number, oneofs: true });
const chats = new (loadPackageDefinition(protos).genai.chats.v1.Chats)(address, credentials.createInsecure(), {
  "grpc.service_config": fs.readFileSync(path.join(root, "protos/genai/chats/v1/chats_grpc_service_config.json"), "utf8"),
});
const call = (method, request) => promisify(chats[method]).call(chats, request);

const content = (role, ...texts) => ({ role, parts: texts.map((text) => ({ text })) });
const said = (contents) => contents.map((c) => [c.role, (c.parts ?? []).map((part) => part.text)]);
const history = async (name, curated) => said((await call("GetHistory", { name, curated })).history);

async function send(name, text) {
  const { response, turn } = await call("SendMessage", { name, text });
  const [candidate] = response.candidates;
  return {
    answer: said([candidate.content])[0],
    finish_reason: candidate.finish_reason,
    tokens: response.usage_metadata.total_token_count,
    revision: turn.revision,
  };
}

async function stream(name, text) {
  const events = [];
  for await (const event of chats.SendMessageStream({ name, text })) events.push(event);
  return {
    kinds: events.map((event) => event.event),
    offsets: events.map((event) => event.offset),
    chunks: events.filter((event) => event.chunk).map((event) => event.chunk.candidates[0].content.parts[0].text),
    curated: events.at(-1).ended.curated,
  };
}

async function main() {
  const { name: plain } = await call("CreateChat", { model: "echo" });
  const { name: seeded } = await call("CreateChat", {
    model: "echo",
    chat_id: chatId,
    history: [content("user", "Hi."), content("model", "Hello."), content("user", "Lost?"), { role: "model" }],
    config: { temperature: 0.5, system_instruction: content("user", "Be brief."), labels: { "echo-repeat": "2" } },
  });
  const { config } = await call("GetChat", { name: seeded });
  const seen = {
    config: [config.temperature, said([config.system_instruction])[0], config.labels],
    plain: { config: Boolean((await call("GetChat", { name: plain })).config), send: await send(plain, "Hello there!") },
    seeded: { send: await send(seeded, "Again! ") },
    stream: await stream(plain, "One chunk a word."),
    history: await history(plain, false),
    comprehensive: await history(seeded, false),
    curated: await history(seeded, true),
  };
  for (const name of [plain, seeded]) await call("DeleteChat", { name });
  await call("GetChat", { name: seeded }).catch((error) => (seen.deleted = status[error.code]));
  console.log(JSON.stringify(seen));
}

main().finally(() => chats.close());
