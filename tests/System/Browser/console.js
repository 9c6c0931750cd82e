// Uses the console in Debian's Chromium, as a person would. Prints a line for each step; KILL asks the test to kill the server and to start it again.
// Usage: console.js ADDRESS
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { Browser } = require("./browser.js");
const { checkModules } = require("./modules.js");
const { checkAccessibility, checkWidth } = require("./checks.js");

const [address] = process.argv.slice(2);

const WORDS = "one two three four five six seven eight nine ten eleven twelve";
const SLOW = `${Array(4).fill(WORDS).join(" ")} end`;
const LONG = Array(20).fill(WORDS).join(" ");
const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> [x](javascript:window.hacked=1) "><svg onload=window.hacked=1>';

const step = name => console.log(name);

async function send(page, text) {
  await page.getByRole("textbox", { name: "Message", exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

const attempts = page => page.getByRole("region", { name: "Attempts" }).locator("tbody tr").evaluateAll(
  rows => rows.map(row => [...row.cells].map(cell => cell.textContent)));
const answers = page => page.locator(".from-model .output");
const messages = page => page.locator(".from-user .output");
const turn = (page, index) => page.locator("article.turn").nth(index);

/** Waits until an element has a text, and nothing else. */
async function waitForText(locator, text) {
  await locator.filter({ hasText: new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`) }).waitFor();
}

async function createChat(page, name, config) {
  await page.getByRole("link", { name: "New chat" }).first().click();
  await page.getByLabel("Model").fill("echo");
  await page.getByLabel("Display name").fill(name);
  await page.getByText("More settings").click();
  await page.getByLabel("Config").fill(JSON.stringify(config));
  await page.getByRole("button", { name: "Create chat" }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
}

async function main() {
  const browser = await Browser.start(address);
  try {
    const page = await browser.open("/console/");
    await checkModules(page);
    step("modules");

    await createChat(page, "Numbers", { labels: { "echo-delay-ms": "100" } });
    const chat = new URL(page.url()).hash;
    const second = await browser.open(`/console/${chat}`);
    await page.bringToFront();
    step("create");

    await send(page, SLOW);
    await answers(page).filter({ hasText: "two" }).waitFor();
    await page.reload();
    await answers(page).filter({ hasText: "three" }).waitFor();
    assert.ok(!(await answers(page).innerText()).includes("end"), "The stream was over before the page was loaded again.");
    await waitForText(answers(page), SLOW);
    step("reload");

    await waitForText(answers(second), SLOW);
    assert.equal(await turn(second, 0).getAttribute("data-turn"), await turn(page, 0).getAttribute("data-turn"));
    step("second tab");

    await send(page, `stop ${LONG}`);
    await answers(page).nth(1).filter({ hasText: "stop one" }).waitFor();
    await send(page, "queued");
    await page.getByText("Queued", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Cancel this message" }).click();
    await page.getByText("Queued", { exact: true }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("You stopped this response.").first().waitFor();
    await page.getByText("The model doesn't see this turn.").waitFor();
    step("stop");

    await turn(page, 0).hover();
    await turn(page, 0).getByRole("button", { name: "Edit message" }).click();
    await page.getByRole("textbox", { name: "Edit message" }).fill("edited words");
    await page.keyboard.press("Enter");
    await waitForText(answers(page), "edited words");
    await turn(page, 0).getByText("2/2").waitFor();
    assert.equal(await page.locator("article.turn").count(), 1);
    step("edit");

    await turn(page, 0).getByRole("button", { name: "Regenerate response" }).click();
    await turn(page, 0).getByText("3/3").waitFor();
    step("regenerate");

    await turn(page, 0).getByRole("button", { name: "Previous branch" }).click();
    await turn(page, 0).getByText("2/3").waitFor();
    await turn(page, 0).getByRole("button", { name: "Previous branch" }).click();
    await waitForText(messages(page).first(), SLOW);
    assert.equal(await page.locator("article.turn").count(), 2, "The branch has both turns again.");
    await turn(second, 0).getByText("1/3").waitFor();
    step("switch");

    await turn(page, 0).hover();
    await turn(page, 0).getByRole("button", { name: "Rewind to here" }).click();
    await turn(page, 1).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await turn(page, 1).waitFor();
    step("rewind");

    await turn(page, 0).hover();
    await turn(page, 0).getByRole("button", { name: "Fork the chat here" }).click();
    await page.getByRole("heading", { name: "Fork of Numbers", level: 1 }).waitFor();
    await waitForText(answers(page), SLOW);
    assert.equal(await page.locator("article.turn").count(), 1);
    step("fork");

    await page.getByRole("link", { name: "Settings of this chat" }).click();
    await page.getByText("Forked from").waitFor();
    await page.getByLabel("Display name").fill("Second try");
    await page.getByLabel("Config", { exact: true }).fill("{");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Not valid JSON").waitFor();
    await page.getByLabel("Config", { exact: true }).fill('{"temperature": 0.5}');
    await page.getByLabel("Labels", { exact: true }).fill("team=support");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Second try", level: 1 }).waitFor();
    await page.getByRole("searchbox").fill('labels.team = "support"');
    await waitForText(page.locator(".chat-title"), "Second try");
    await page.getByRole("searchbox").fill("numb");
    await waitForText(page.locator(".chat-title"), "Numbers");
    await page.getByRole("searchbox").fill("");
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download history" }).click()]);
    assert.equal(JSON.parse(readFileSync(await file.path(), "utf8")).history[1].parts[0].text, SLOW);
    await page.getByRole("button", { name: "Delete chat" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("The chat was deleted.").waitFor();
    await waitForText(page.locator(".chat-title"), "Numbers");
    step("settings");

    await createChat(page, HOSTILE, { labels: { "echo-call": JSON.stringify({ name: HOSTILE.replaceAll(/[^a-z]/g, ""), args: { text: HOSTILE } }) } });
    await send(page, HOSTILE);
    await page.getByRole("button", { name: "Send responses" }).click();
    await send(page, HOSTILE);
    await page.locator(".from-model .output").filter({ hasText: "javascript:window.hacked=1" }).last().waitFor();
    await page.goto(`${address}/console/#/chats/${"%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"}`);
    await page.getByRole("heading", { name: "Error" }).or(page.getByRole("heading", { name: "Not found" })).waitFor();
    for (const tab of [page, second]) {
      assert.equal(await tab.evaluate(() => window.hacked), undefined);
      assert.equal(await tab.locator("main img, main script, main iframe, a[href^=javascript]").count(), 0);
    }
    step("hostile text");

    await page.goto(`${address}/console/${chat}`);
    const third = await browser.open(`/console/${chat}`);
    await turn(third, 1).waitFor();
    await page.bringToFront();
    await send(page, `kill ${SLOW}`);
    await answers(page).last().filter({ hasText: "kill one two" }).waitFor();
    await third.evaluate(hash => { location.hash = hash; }, `${chat}/turns/${await turn(page, 2).getAttribute("data-turn")}`);
    await third.locator("tbody tr").filter({ hasText: "chunk" }).first().waitFor();
    step("KILL");
    await waitForText(answers(page).last(), `kill ${SLOW}`);
    await waitForText(answers(second).last(), `kill ${SLOW}`);
    await page.getByText("Reconnecting").waitFor({ state: "hidden" });
    step("kill");

    await turn(page, 2).getByRole("link", { name: "Details of the turn" }).click();
    await page.locator("tbody tr").filter({ hasText: "ended" }).waitFor();
    assert.equal(await page.locator("tbody summary").first().innerText(), "Attempt 2");
    await page.locator("tbody summary").first().click();
    await page.locator("tbody pre").filter({ hasText: '"started"' }).waitFor();
    await third.locator("tbody tr:not(.void)").filter({ hasText: "ended" }).waitFor();
    const [loaded, watched] = [await attempts(page), await attempts(third)];
    assert.deepEqual(loaded.map(row => [row[0], row[1], row[3].split(":")[0]]), [["1", "1", "Over"], ["2", "1000000001", "Completed"]]);
    assert.equal(loaded[0][2], "Not stored");
    assert.match(watched[0][2], /\d/);
    assert.deepEqual(watched[1], loaded[1]);
    step("turn");

    await page.goto(`${address}/console/${chat}`);
    for (const path of [chat, `${chat}/settings`, `${chat}/turns/${await turn(page, 0).getAttribute("data-turn")}`, "#/new", "#/settings", "#/"]) {
      await page.goto(`${address}/console/${path}`);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await checkAccessibility(page, path);
      await checkWidth(page, path);
    }
    step("accessible");

    browser.check();
    step("clean");
  } finally {
    await browser.close();
  }
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
