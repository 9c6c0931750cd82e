#!/usr/bin/env node
// 250 streams, and 1,800 cancellations, on one channel. Usage: many_streams.js ADDRESS. Prints what it measured as JSON.
const { createRequire } = require("node:module");
const path = require("node:path");
const { promisify } = require("node:util");
const examples = createRequire(path.join(__dirname, "../../../examples/node/x.js"));
const grpc = examples("@grpc/grpc-js");
const { loadSync } = examples("@grpc/proto-loader");

const STREAMS = 250, CANCELLED = 90, ROUNDS = 20;
const protos = loadSync("genai/chats/v1/chats.proto", { includeDirs: [path.join(__dirname, "../../../protos")], keepCase: true, longs: Number, enums: String });
const { Chats } = grpc.loadPackageDefinition(protos).genai.chats.v1;
const chats = new Chats(process.argv[2], grpc.credentials.createInsecure(), { "grpc.max_receive_message_length": -1 });
const call = (method, request) => promisify(chats[method]).call(chats, request);

const started = (stream) => new Promise((resolve, reject) => stream.once("data", resolve).once("error", reject));
const ended = (stream) => new Promise((resolve) => {
  let last = "", text = "";
  stream.on("data", (event) => {
    text += event.chunk?.candidates[0]?.content?.parts?.[0]?.text ?? "";
    last = event.ended?.state ?? last;
  }).on("error", (error) => resolve(`${last || error.code} ${last ? text : error.details}`)).on("end", () => resolve(`${last} ${text}`));
});
const timed = async (promise) => {
  const start = performance.now();
  await promise;
  return performance.now() - start;
};

async function main() {
  const { name } = await call("CreateChat", { model: "echo", config: { labels: { "echo-delay-ms": "600000" } } });
  const sent = chats.SendMessageStream({ name, text: "never ends" });
  const turn_id = (await started(sent)).started.turn_id;
  const streams = [sent, ...Array.from({ length: STREAMS - 1 }, () => chats.ReadTurn({ name, turn_id }))];
  const ends = streams.map(ended);
  await Promise.all(streams.slice(1).map(started));
  const get = await timed(call("GetChat", { name }));

  // Streams of other turns, which have nothing to do with the cancellations.
  const words = Array.from({ length: 40 }, (_, i) => `w${i}`).join(" ");
  const others = [];
  for (let i = 0; i < 5; i++) {
    const other = (await call("CreateChat", { model: "echo", config: { labels: { "echo-delay-ms": "100" } } })).name;
    others.push(ended(chats.SendMessageStream({ name: other, text: words })));
  }

  for (let round = 0; round < ROUNDS; round++) {
    const short = Array.from({ length: CANCELLED }, () => chats.ReadTurn({ name, turn_id }).on("error", () => {}));
    await Promise.all(short.map(started));
    short.forEach((stream) => stream.cancel());
  }

  const cancel = await timed(call("CancelTurn", { name, turn_id }));
  const states = await Promise.all(ends);
  console.error(`GetChat took ${get.toFixed()} ms, CancelTurn ${cancel.toFixed()} ms.`);
  console.log(JSON.stringify({
    states: [...new Set(states.map((state) => state.split(" ")[0]))], others: [...new Set(await Promise.all(others))], withinASecond: get < 1000 && cancel < 1000,
  }));
}

main().finally(() => chats.close());
