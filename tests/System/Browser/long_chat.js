// Scrolls through long chats in the console, from their end to their beginning and back, and compares the times of the frames. Prints a line for each chat.
// Usage: long_chat.js ADDRESS SHORT_CHAT LONG_CHAT TURNS
const assert = require("node:assert");
const { join } = require("node:path");
const { Browser } = require("./browser.js");

const [address, shortChat, longChat, turns] = process.argv.slice(2);

// Slower than that, people notice it. A busy machine is slow with short chats, too.
const SMOOTH = 100;
const FACTOR = 3;

async function main() {
  const browser = await Browser.start(address);
  try {
    const usual = await scroll(browser, shortChat, 20);
    const long = await scroll(browser, longChat, Number(turns));
    assert.ok(long.median <= Math.max(SMOOTH, FACTOR * usual.median), `Half of the frames take ${long.median} ms, and ${usual.median} ms in a short chat.`);
    assert.ok(long.p95 <= Math.max(2 * SMOOTH, FACTOR * usual.p95), `One frame of twenty takes ${long.p95} ms, and ${usual.p95} ms in a short chat.`);
    browser.check();
  } finally {
    await browser.close();
  }
}

async function scroll(browser, chat, count) {
  const page = await browser.open(`/console/#/${chat}`);
  await page.locator(".from-user .output").filter({ hasText: new RegExp(`^message ${count - 1}$`) }).waitFor();
  const { shown, times } = await page.evaluate(scrollPage, count);
  assert.equal(shown, count, "The chat has other turns.");
  if (process.env.CHATS_SCREENSHOTS) {
    await page.screenshot({ path: join(process.env.CHATS_SCREENSHOTS, `long_chat_${count}.png`) });
  }

  times.sort((one, other) => one - other);
  const at = (share) => Math.round(times[Math.floor((times.length - 1) * share)]);
  const result = { median: at(0.5), p95: at(0.95) };
  console.log(`${count} turns: ${times.length} frames, median ${result.median} ms, p95 ${result.p95} ms`);
  await page.close();
  return result;
}

// In the page: loads all turns by scrolling up, then scrolls down, a screen at a time.
async function scrollPage(count) {
  const element = document.querySelector(".scroll");
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const number = () => document.querySelectorAll("article.turn").length;
  const times = [];
  let last = await frame();
  const step = async (move) => {
    move();
    const now = await frame();
    times.push(now - last);
    last = now;
  };
  while (number() < count || element.scrollTop > 0) {
    await step(() => (element.scrollTop -= element.clientHeight));
  }

  const most = Math.min(400, element.scrollHeight / element.clientHeight);
  for (let i = 0; i < most; i++) {
    await step(() => (element.scrollTop += Math.max(element.clientHeight, element.scrollHeight / most)));
  }

  return { shown: number(), times };
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
