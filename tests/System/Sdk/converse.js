// Holds the conversations of a file with the SDK's chats, one after the other, and prints how each send ended.
// Usage: converse.js FILE BASE_URL; a line of output for each conversation, as JSON.
const { readFileSync } = require("node:fs");
const { GoogleGenAI } = require("@google/genai");

const [file, baseUrl] = process.argv.slice(2);
const ai = new GoogleGenAI({ vertexai: false, apiKey: "sdk-key", httpOptions: { baseUrl } });

async function send(chat, { message, config, stream }) {
  try {
    if (!stream) {
      await chat.sendMessage({ message, config });
    } else {
      for await (const _ of await chat.sendMessageStream({ message, config }));
    }
    return "ended";
  } catch (error) {
    return "failed";
  }
}

async function main() {
  for (const { model, config, history, sends } of JSON.parse(readFileSync(file, "utf8"))) {
    const chat = ai.chats.create({ model, config, history });
    const outcomes = [];
    for (const one of sends) outcomes.push(await send(chat, one));
    console.log(JSON.stringify(outcomes));
  }
}

main();
