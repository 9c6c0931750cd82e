// Uses the console of a server that needs API keys. Prints a line for each step.
// Usage: keys.js ADDRESS KEY OTHER_KEY
const assert = require("node:assert");
const { Browser } = require("./browser.js");
const { checkAccessibility } = require("./checks.js");

const [address, key, otherKey] = process.argv.slice(2);
const step = (name) => console.log(name);

async function main() {
  const browser = await Browser.start(address);
  try {
    const page = await browser.open("/console/#/new");
    await page.getByText("Authentication required.").waitFor();
    assert.equal(await page.getByLabel("API key or token").getAttribute("type"), "password");
    await checkAccessibility(page, "the question for a key");
    step("asks");

    await enter(page, "wrong");
    await page.getByText("Invalid credentials.").waitFor();
    step("wrong key");

    await enter(page, key);
    await page.goto(`${address}/console/#/new`);
    await create(page, "Secret");
    await page.getByRole("textbox", { name: "Message", exact: true }).fill("one two three");
    await page.keyboard.press("Enter");
    await page.locator(".from-model .output").filter({ hasText: /^one two three$/ }).waitFor();
    step("key");

    // The key is in this tab only: not in cookies, the address, or what another tab sees.
    assert.deepEqual(await page.evaluate(() => [document.cookie, Object.values(sessionStorage)]), ["", [key]]);
    assert.ok(!(await page.evaluate(() => Object.values(localStorage).join())).includes(key));
    assert.ok(!page.url().includes(key));
    await page.reload();
    await page.locator(".from-model .output").filter({ hasText: /^one two three$/ }).waitFor();
    const chat = new URL(page.url()).hash;
    const other = await browser.open(`/console/${chat}`);
    await other.getByText("Authentication required.").waitFor();
    step("tab");

    // Another tenant sees neither the list nor the chat.
    await enter(other, otherKey);
    await other.goto(`${address}/console/${chat}`);
    await other.getByRole("heading", { name: "Not found" }).waitFor();
    assert.equal(await other.locator(".chat-title").filter({ hasText: "Secret" }).count(), 0);
    step("tenant");

    // Without the key, the page asks for it again.
    await page.goto(`${address}/console/#/settings`);
    await enter(page, "");
    await page.getByText("Authentication required.").waitFor();
    step("removed");

    browser.check();
    step("clean");
  } finally {
    await browser.close();
  }
}

async function enter(page, value) {
  await page.getByLabel("API key or token").fill(value);
  await page.getByRole("button", { name: "Save" }).click();
}

async function create(page, name) {
  await page.getByLabel("Model").fill("echo");
  await page.getByLabel("Display name").fill(name);
  await page.getByRole("button", { name: "Create chat" }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
