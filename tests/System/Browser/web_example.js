// Uses examples/web, a React page with useChat, in Chromium. Prints a line for each step; KILL asks the test to kill the chats' server and to start it again.
// Usage: web_example.js SERVER PORT
const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { join } = require("node:path");
const { Browser } = require("./browser.js");
const { checkAccessibility, checkWidth } = require("./checks.js");

const [server, port] = process.argv.slice(2);
const EXAMPLE = join(__dirname, "../../../examples/web");
const TYPES = { html: "text/html", css: "text/css", js: "text/javascript" };
const WORDS = "one two three four five six seven eight nine ten eleven twelve";
const SLOW = { labels: { "echo-delay-ms": "80" } };

const step = (name) => console.log(name);

/** Builds the page, and one with the lines in the README, and serves them. */
async function serve() {
  execFileSync("npm", ["run", "build", "--silent", "--", "--log-level=warning"], { cwd: EXAMPLE, stdio: ["ignore", "ignore", "inherit"] });
  const files = {
    "readme.html": '<!doctype html><title>Chat</title><main id="chat"></main><script type="module" src="readme.js"></script>',
    "readme.js": bundle(`${readme()}\nimport { createRoot } from "react-dom/client";\ncreateRoot(document.getElementById("chat")).render(<Chat id="readme" messages={[]} />);`),
  };
  const site = createServer((request, response) => {
    const file = request.url.split("?")[0].slice(1) || "index.html";
    try {
      response.setHeader("content-type", TYPES[file.split(".").at(-1)] ?? "text/plain");
      response.end(files[file] ?? readFileSync(join(EXAMPLE, "public", file)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => site.listen(Number(port), "127.0.0.1", resolve));
  return site;
}

function readme() {
  const [, lines] = /```jsx\n(.*?)```/s.exec(readFileSync(join(__dirname, "../../../README.md"), "utf8"));
  assert.ok(lines.trimEnd().split("\n").length <= 10);
  return lines.replace("http://127.0.0.1:8080", server);
}

function bundle(input) {
  const options = ["--bundle", "--format=esm", "--loader=jsx", "--jsx=automatic", '--define:process.env.NODE_ENV="production"', "--log-level=warning"];
  return execFileSync("node_modules/.bin/esbuild", options, { cwd: EXAMPLE, input, maxBuffer: 1 << 26 });
}

async function main() {
  const site = await serve();
  const browser = await Browser.start(`http://127.0.0.1:${port}`, server);
  const open = (chat, config, more = {}) => browser.open(`/?${new URLSearchParams({ server, chat, ...(config ? { config: JSON.stringify(config) } : {}), ...more })}`);
  try {
    const page = await open("page", SLOW);
    await send(page, "hello there");
    await shows(page, ["hello there", "hello there"]);
    step("plain");

    await send(page, WORDS);
    await page.locator(".assistant").last().filter({ hasText: /^one two three/ }).waitFor();
    await page.reload();
    await shows(page, ["hello there", "hello there", WORDS, WORDS]);
    step("reload");

    await page.getByRole("button", { name: "Regenerate" }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await shows(page, ["hello there", "hello there", WORDS, WORDS]);
    await page.getByRole("button", { name: "Send" }).waitFor();
    await page.reload();
    await shows(page, ["hello there", "hello there", WORDS, WORDS]);
    step("regenerate");

    await send(page, `stop ${WORDS}`);
    await page.locator(".assistant").last().filter({ hasText: /^stop one/ }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Send" }).waitFor();
    const stopped = await page.locator(".assistant").last().innerText();
    assert.ok(stopped.startsWith("stop one") && !stopped.endsWith("twelve"), stopped);
    step("stop");

    // A laptop that moves between networks.
    await send(page, `cut ${WORDS}`);
    await page.locator(".assistant").last().filter({ hasText: /^cut one/ }).waitFor();
    await page.context().setOffline(true);
    await page.context().setOffline(false);
    await page.locator(".assistant").last().filter({ hasText: new RegExp(`^cut ${WORDS}$`) }).waitFor();
    step("cut");

    const readmePage = await browser.open("/readme.html");
    await readmePage.getByRole("textbox").fill("ten lines");
    await readmePage.keyboard.press("Enter");
    await readmePage.locator("p").nth(1).filter({ hasText: /^ten lines$/ }).waitFor();
    step("readme");

    const tools = await open("tools", { labels: { "echo-call": "now" } });
    await send(tools, "What time is it?");
    await tools.locator(".assistant").filter({ hasText: /^\d{4}-\d\d-\d\dT/ }).waitFor();
    assert.equal(await tools.locator(".assistant").count(), 1);
    step("tools");

    const failing = await open("failing", { labels: { "echo-fail-at": "3" } });
    await send(failing, WORDS);
    await failing.getByRole("alert").filter({ hasText: "failed at chunk 3" }).waitFor();
    await shows(failing, [WORDS, "one two "]);
    const missing = await open("missing", null, { model: "missing" });
    await send(missing, "x");
    await missing.getByRole("alert").filter({ hasText: /^Model 'missing' is not available on this server\.$/ }).waitFor();
    step("error");

    await page.bringToFront();
    await send(page, `kill ${WORDS} ${WORDS}`);
    await page.locator(".assistant").last().filter({ hasText: /^kill one two/ }).waitFor();
    step("KILL");
    await page.locator(".assistant").last().filter({ hasText: new RegExp(`^kill ${WORDS} ${WORDS}$`) }).waitFor();
    await page.getByRole("alert").waitFor({ state: "detached" });
    assert.equal(await page.locator(".user").count(), 5);
    assert.equal(await page.locator(".assistant").count(), 5);
    step("kill");

    await checkAccessibility(page, "examples/web");
    await checkWidth(page, "examples/web");
    if (process.env.CHATS_SCREENSHOTS) {
      await page.screenshot({ path: join(process.env.CHATS_SCREENSHOTS, "web_example.png") });
    }

    browser.check();
    step("clean");
  } finally {
    await browser.close();
    site.close();
  }
}

async function send(page, text) {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
}

/** Waits until the page has these texts, and nothing else. */
async function shows(page, texts) {
  await page.waitForFunction((expected) => JSON.stringify([...document.querySelectorAll(".user, .assistant")].map((element) => element.textContent)) === expected, JSON.stringify(texts));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
