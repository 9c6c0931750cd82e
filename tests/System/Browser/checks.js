// Checks of a page that don't depend on what it shows.
const assert = require("node:assert");
const axe = require("axe-core");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Asserts that axe reports nothing, in both themes. */
async function checkAccessibility(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(tags => window.axe.run(document, { runOnly: tags }), TAGS);
    const found = violations.flatMap(violation => violation.nodes.map(node => `${violation.id}: ${node.html} ${node.failureSummary}`));
    assert.equal(found.join("\n"), "", `${name}, ${colorScheme}:\n${found.join("\n")}`);
  }
}

/** Asserts that a narrow screen needs no horizontal scrolling. */
async function checkWidth(page, name) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(() => [...document.querySelectorAll("body, .main, .page, .scroll")].filter(element => element.scrollWidth > element.clientWidth + 1).map(element => element.className));
  assert.equal(wide.join(), "", `${name} is too wide.`);
  await page.setViewportSize(size);
}

module.exports = { checkAccessibility, checkWidth };
