// What axe-core finds wrong on a page, and whether it fits its width.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const PAGES = {
  start: "/",
  results: `/?q=${encodeURIComponent("法治政府 朝阳")}&mode=any&region=430000&year=2020&year=2021`,
  loose: `/?q=${encodeURIComponent("双随机 的")}&mode=loose&group=duplicates`,
  long: `/?q=${encodeURIComponent("我们的法治政府怎样改善营商环境和行政复议")}&mode=any&year=2020`,
  nothing: `/?q=${encodeURIComponent("查无此词")}`,
  wrong: `/?q=${encodeURIComponent("(法治")}`,
  trends: `/trends?q=${encodeURIComponent("双随机")}&q=${encodeURIComponent("法治政府")}&year_from=2019`,
  provinces: `/trends?q=${encodeURIComponent("法治政府")}&by=province&region=430000&region=110105`,
  ofNothing: "/trends",
  api: "/api",
  wrongPage: "/?cursor=x",
  unread: `/trends?q=${encodeURIComponent("法治")}&q=${encodeURIComponent("(双随机")}`,
  places: `/concordance?q=${encodeURIComponent("法治政府")}&year=2020&sort=right`,
  sample: `/concordance?q=${encodeURIComponent("法治")}&sample=5&seed=7`,
  report: `/reports/r-430482-2020?q=${encodeURIComponent("法治")}#hit-2`,
  diff: "/reports/r-430482-2020/diff",
  panel: `/panel?example=environment&level=county&region=${encodeURIComponent("衡阳市")}`,
  own: "/panel?own=1&example=environment",
  broken: "/panel?example=digital&level=town",
  compare: "/compare?id=r-430482-2020&id=r-430424-2021",
  compare4: "/compare?id=r-430482-2020&id=r-430424-2021&id=r-110105-2022&id=r-430482-2019",
  compareVersions: "/compare?id=r-430482-2020@1&id=r-430482-2020@2",
  uncompared: "/compare?id=r-430482-2020",
  coverage: "/coverage",
  portals: "/portals",
  portal: "/portals/changning",
  missing: "/nothing-is-here",
};

export const access = async (page, base, name, lang, shot) => {
  const [path, hash] = PAGES[name].split("#");
  const joined = `${path}${path.includes("?") ? "&" : "?"}lang=${lang}${hash ? `#${hash}` : ""}`;
  await page.goto(base + joined);
  if (["start", "places", "long"].includes(name)) {
    await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
  }
  if (shot) await page.screenshot({ path: shot, fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name} is ${wide} pixels too wide`);
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    // The headings of a report are those of its author.
    rules: { "heading-order": { enabled: !location.pathname.startsWith("/reports/") } },
  }));
  const told = found.violations.map((violation) =>
    `${violation.id}: ${violation.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
  assert.deepEqual(told, [], name);
};
