#!/usr/bin/env node
// A first chat. Usage: first_chat.js [ADDRESS [MODEL]]. First: npm ci
const path = require("node:path");
const { promisify } = require("node:util");
const grpc = require("@grpc/grpc-js");
const { loadSync } = require("@grpc/proto-loader");

const [address = "127.0.0.1:50051", model = "echo"] = process.argv.slice(2);
const protos = loadSync("genai/chats/v1/chats.proto", { includeDirs: [path.join(__dirname, "../../protos")], keepCase: true, longs: Number });
const chats = new (grpc.loadPackageDefinition(protos).genai.chats.v1.Chats)(address, grpc.credentials.createInsecure());
const call = (method, request) => promisify(chats[method]).call(chats, request);
const text = (content) => content.parts.map((part) => part.text).join("");

async function main() {
  const { name } = await call("CreateChat", { model });
  console.log(`created ${name}`);
  const sent = await call("SendMessage", { name, text: "Hello there!" });
  console.log(`answer: ${text(sent.response.candidates[0].content)}`);
  for await (const event of chats.SendMessageStream({ name, text: "One chunk a word." })) {
    if (event.chunk) console.log(`chunk at offset ${event.offset}: "${text(event.chunk.candidates[0].content)}"`);
  }
  for (const content of (await call("GetHistory", { name })).history) console.log(`${content.role}: ${text(content)}`);
}

main().finally(() => chats.close());
