// Uses the service over gRPC-Web with Connect's client for browsers. The arguments are the server's URL, and the
// contract as a descriptor set.
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

const [url, descriptors] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const chats = createClient(registry.getService("genai.chats.v1.Chats"), createGrpcWebTransport({ baseUrl: url }));

const chat = await chats.createChat({ model: "echo", config: { labels: { "echo-delay-ms": "1000" } } });
const sent = await chats.sendMessage({ name: chat.name, input: { case: "text", value: "one" } });

// Each chunk arrives before the next one is generated: a second apart, or half of that on a busy machine.
const times = [];
const kinds = [];
let turnId;
const onHeader = (headers) => (turnId = headers.get("turn-id"));
for await (const event of chats.sendMessageStream({ name: chat.name, input: { case: "text", value: "one two three" } }, { onHeader })) {
  kinds.push(event.event.case);
  times.push(Date.now());
  if (event.event.case === "ended") {
    turnId = event.event.value.turnId === turnId ? "same" : "different";
  }
}

let failure;
try {
  await chats.getChat({ name: "chats/missing" });
} catch (error) {
  const cause = ConnectError.from(error);
  failure = [Code[cause.code], cause.details.map((detail) => detail.type)];
}

console.log(JSON.stringify({ state: sent.turn.state, kinds, apart: times[3] - times[1] >= 500, turnId, failure }));
