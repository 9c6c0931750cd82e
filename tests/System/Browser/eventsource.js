// Reads a turn, or watches a chat, with Chromium's own EventSource. Prints each event, until the turn has ended.
// Usage: eventsource.js URL
const { chromium } = require("playwright-core");
const { LAUNCH } = require("./browser.js");

const [url] = process.argv.slice(2);

async function main() {
  const browser = await chromium.launch(LAUNCH);
  try {
    const page = await browser.newPage();
    await page.exposeFunction("print", (line) => console.log(line));
    const over = new Promise((resolve) => page.exposeFunction("over", resolve));

    // Any page of the server: an EventSource can't send a request to another origin.
    await page.goto(new URL("/openapi/v1.json", url).href);
    await page.evaluate(readEvents, url);
    const failure = await over;
    if (failure) {
      throw new Error(failure);
    }
  } finally {
    await browser.close();
  }
}

function readEvents(address) {
  const source = new EventSource(address);
  for (const name of ["started", "chunk", "ended", "chat", "accepted", "turn", "deleted", "idle"]) {
    source.addEventListener(name, async (event) => {
      const data = JSON.parse(event.data);
      const isLast = name === "ended" || data.turn?.event?.ended;
      if (isLast) {
        source.close();
      }

      await window.print(JSON.stringify({ id: event.lastEventId, name, data }));
      if (isLast) {
        window.over();
      }
    });
  }

  source.onerror = () => source.readyState === EventSource.CLOSED && window.over("The EventSource has given up.");
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
