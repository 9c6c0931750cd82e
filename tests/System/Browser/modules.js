// Checks of the console's modules that need no server: streams give the same result wherever they are cut.
const assert = require("node:assert");

const STREAM = 'retry: 1000\n\n: ping\n\nid: 1\nevent: chunk\ndata: {"a": 1}\n\nid: 2\r\ndata: x\r\ndata: y\r\n\r\ndata:no id\n\n';
const TEXT = "One  two\nthree `code` ``\n\n\n  four\n```js\nlet x = `1`;\n\n```\nfive\n~~~~\n~~~\n```\n~~~~\n``` not a fence ```\n  \nsix\n```\nopen";

async function checkModules(page) {
  const found = await page.evaluate(async ({ stream, text }) => {
    const { EventParser } = await import("/console/js/api/sse.js");
    const { TextFlow } = await import("/console/js/chat/text-flow.js");
    const { Branches } = await import("/console/js/chat/branches.js");
    const events = pieces => {
      const parser = new EventParser();
      return JSON.stringify(pieces.flatMap(piece => parser.push(piece)));
    };
    const blocks = pieces => {
      const flow = new TextFlow();
      pieces.forEach(piece => flow.append(piece));
      return JSON.stringify([...flow.element.children].map(child => [child.tagName, (child.querySelector("code") ?? child).textContent]));
    };
    const cuts = (whole, read) => new Set([read([whole]), read([...whole]), ...Array.from(whole, (_, at) => read([whole.slice(0, at), whole.slice(at)]))]);
    const branches = new Branches();
    for (const [revision, parentRevision] of [[1, 0], [2, 1], [3, 1], [4, 2], [5, 0], [4, 2]]) {
      branches.add({ revision: `${revision}`, parentRevision: `${parentRevision}` });
    }

    return {
      events: [...cuts(stream, events)],
      blocks: [...cuts(text, blocks)],
      siblings: branches.siblings({ parentRevision: "1" }),
      leaves: [1, 2, 3, 5].map(revision => branches.leaf(revision)),
    };
  }, { stream: STREAM, text: TEXT });

  assert.deepEqual(found.events.map(JSON.parse), [[
    { id: "1", event: "chunk", data: '{"a": 1}' }, { id: "2", event: "message", data: "x\ny" }, { id: "2", event: "message", data: "no id" },
  ]]);
  assert.deepEqual(found.blocks.map(JSON.parse), [[
    ["P", "One  two\nthree `code` ``"], ["P", "  four"], ["DIV", "let x = `1`;\n"], ["P", "five"], ["DIV", "~~~\n```"], ["P", "``` not a fence ```"], ["P", "six"], ["DIV", "open"],
  ]]);
  assert.deepEqual(found.siblings, [2, 3]);
  assert.deepEqual(found.leaves, [4, 4, 3, 5]);
}

module.exports = { checkModules };
