#!/usr/bin/env node
// Streams that resume, and sends that are made once. Kill the server while it prints, and start it again. Usage: durable_chat.js [ADDRESS]
const { randomUUID } = require("node:crypto");
const path = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const { promisify } = require("node:util");
const grpc = require("@grpc/grpc-js");
const { loadSync } = require("@grpc/proto-loader");

const protos = loadSync("genai/chats/v1/chats.proto", { includeDirs: [path.join(__dirname, "../../protos")], keepCase: true, longs: Number, enums: String });
// The channel has no limit for messages, and the service is told so. Otherwise, it leaves out the data of parts that are too large for gRPC's default, 4 MiB.
const unlimited = (options, next) => new grpc.InterceptingCall(next(options), {
  start: (metadata, listener, start) => { metadata.set("x-chat-max-message-bytes", "-1"); start(metadata, listener); },
});
const options = {
  "grpc.initial_reconnect_backoff_ms": 100, "grpc.max_reconnect_backoff_ms": 1000, "grpc.max_receive_message_length": -1, interceptors: [unlimited],
};
const { Chats } = grpc.loadPackageDefinition(protos).genai.chats.v1;
const chats = new Chats(process.argv[2] ?? "127.0.0.1:50051", grpc.credentials.createInsecure(), options);

// Whether to resume, or to send again: the service is unavailable, or the error isn't the service's own, which has details.
const isTransient = ({ code, metadata }) => code === grpc.status.UNAVAILABLE || (
  [grpc.status.INTERNAL, grpc.status.UNKNOWN, grpc.status.CANCELLED].includes(code) && !metadata.get("grpc-status-details-bin").length);

// Sends a request until there is a response. The id of the request makes it safe.
async function call(method, request) {
  for (let pause = 100; ; pause = Math.min(pause * 2, 5000)) {
    try {
      return await promisify(chats[method]).call(chats, request);
    } catch (error) {
      if (!isTransient(error)) throw error;
      await sleep(pause);
    }
  }
}

// Yields what the model says, each piece once, whatever happens to the connection or the server.
async function* stream(name, text) {
  const send = { name, text, request_id: randomUUID() };
  let turnId = "", offset = 0, said = "", shown = "", pause = 100;
  while (true) {
    try {
      // The id of the request makes a second send the same turn. Once the turn is known, it is read from where it broke off.
      const events = turnId ? chats.ReadTurn({ name, turn_id: turnId, after_offset: offset }) : chats.SendMessageStream(send);
      for await (const event of events) {
        if (event.offset <= offset) continue;
        [offset, pause] = [event.offset, 100];
        if (event.started) {
          [turnId, said] = [event.started.turn_id, ""]; // Again, with a higher attempt: what earlier attempts said is void.
        } else if (event.chunk) {
          for (const part of event.chunk.candidates[0]?.content?.parts ?? []) said += part.thought ? "" : (part.text ?? "");
          if (!said.startsWith(shown) && !shown.startsWith(said)) throw new Error("The new attempt says something else.");
          if (said.length > shown.length) {
            yield said.slice(shown.length);
            shown = said;
          }
        } else if (event.ended.state !== "STATE_COMPLETED") throw new Error(event.ended.error?.message ?? event.ended.state);
        else return;
      }
    } catch (error) {
      if (!isTransient(error)) throw error;
      await sleep(pause);
      pause = Math.min(pause * 2, 5000);
    }
  }
}

async function main() {
  const config = { labels: { "echo-delay-ms": "100" } };
  const { name } = await call("CreateChat", { model: "echo", config, request_id: randomUUID() });
  console.log(`created ${name}`);
  for await (const piece of stream(name, "These words come one by one, even if the server is killed between them.")) console.log(piece.trim());
  const again = { name, text: "Once.", request_id: randomUUID() };
  const [first, second] = [await call("SendMessage", again), await call("SendMessage", again)];
  console.log(`sent twice, one turn: ${first.turn.turn_id === second.turn.turn_id}`);
}

main().finally(() => chats.close());
