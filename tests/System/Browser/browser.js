// One browser without a window, and what its pages must never do: fail, or request something from another server.
const { chromium } = require("playwright-core");

const ARGUMENTS = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu"];

/** How Chromium is started. */
const LAUNCH = { executablePath: "/usr/bin/chromium", args: ARGUMENTS, chromiumSandbox: false };

class Browser {
  #browser;
  #context;
  #failures = [];
  #allowed;

  /** Starts the browser. Pages can only send requests to their own server, and to others that are named here. */
  static async start(address, ...others) {
    const browser = new Browser();
    browser.address = address;
    browser.#allowed = [address, ...others];
    browser.#browser = await chromium.launch(LAUNCH);
    browser.#context = await browser.#browser.newContext({ viewport: { width: 1280, height: 860 } });
    browser.#context.setDefaultTimeout(60_000);
    return browser;
  }

  /** Opens a tab. */
  async open(path) {
    const page = await this.#context.newPage();
    page.on("pageerror", error => this.#failures.push(`${error}`));
    page.on("console", message => message.type() === "error" && !isExpected(message.text()) && this.#failures.push(message.text()));
    page.on("request", request => this.#allowed.includes(new URL(request.url()).origin) || request.url().startsWith("data:") || this.#failures.push(`Request of ${request.url()}`));
    await page.goto(`${this.address}${path}`);
    return page;
  }

  /** Fails if a page did something that it must not do. */
  check() {
    if (this.#failures.length > 0) {
      throw new Error(this.#failures.join("\n"));
    }
  }

  async close() {
    await this.#browser.close();
  }
}

// Chromium reports each request without a good answer: those to the server that was killed, and those for chats that don't exist.
const isExpected = text => text.startsWith("Failed to load resource:");

module.exports = { Browser, LAUNCH };
