// Scrolls through chats in the console, from their end to their beginning and back. The browser must lay out only the turns near the screen, however long
// the chat is. Prints a line for each chat, with the times of its frames.
// Usage: long_chat.js ADDRESS SHORT_CHAT LONG_CHAT TURNS
const assert = require("node:assert");
const { join } = require("node:path");
const { Browser } = require("./browser.js");

const [address, shortChat, longChat, turns] = process.argv.slice(2);

// A few screens of short turns. Times aren't checked: a busy machine is slow with any chat.
const MOST_LAID_OUT = 200;

async function main() {
  const browser = await Browser.start(address);
  try {
    await scroll(browser, shortChat, 20);
    await scroll(browser, longChat, Number(turns));
    browser.check();
  } finally {
    await browser.close();
  }
}

async function scroll(browser, chat, count) {
  const page = await browser.open(`/console/#/${chat}`);
  await page.locator(".from-user .output").filter({ hasText: new RegExp(`^message ${count - 1}$`) }).waitFor();
  const { shown, laidOut, times } = await page.evaluate(scrollPage, count);
  assert.equal(shown, count, "The chat has other turns.");
  assert.ok(laidOut <= MOST_LAID_OUT, `${laidOut} turns were laid out at once.`);
  if (process.env.CHATS_SCREENSHOTS) {
    await page.screenshot({ path: join(process.env.CHATS_SCREENSHOTS, `long_chat_${count}.png`) });
  }

  times.sort((one, other) => one - other);
  const at = (share) => Math.round(times[Math.floor((times.length - 1) * share)]);
  console.log(`${count} turns: at most ${laidOut} laid out, ${times.length} frames, median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
  await page.close();
}

// In the page: loads all turns by scrolling up, then scrolls down, a screen at a time.
async function scrollPage(count) {
  const element = document.querySelector(".scroll");
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const turns = () => document.querySelectorAll("article.turn");
  const times = [];
  let laidOut = 0;
  let last = await frame();
  const step = async (move) => {
    move();
    const now = await frame();
    times.push(now - last);
    laidOut = Math.max(laidOut, [...turns()].filter((turn) => turn.checkVisibility({ contentVisibilityAuto: true })).length);
    last = await frame();
  };
  while (turns().length < count || element.scrollTop > 0) {
    await step(() => (element.scrollTop -= element.clientHeight));
  }

  const most = Math.min(400, element.scrollHeight / element.clientHeight);
  for (let i = 0; i < most; i++) {
    await step(() => (element.scrollTop += Math.max(element.clientHeight, element.scrollHeight / most)));
  }

  return { shown: turns().length, laidOut, times };
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
