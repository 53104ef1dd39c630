// From a query to an export, as somebody would go: with and without scripts, wide and narrow, with the keyboard alone.
import assert from "node:assert/strict";

const open = async (page, details) => {
  const summary = page.locator(`${details} > summary`);
  if (await summary.isVisible()) await summary.click();
};

export const journey = async (page, base, { scripts, width }) => {
  await page.goto(`${base}/?lang=zh`);
  await page.fill("#q", "法治政府");
  await page.press("#q", "Enter");
  await page.waitForURL(/q=/);
  assert.match(await page.textContent("[role=status]"), /12/);

  if (width < 960) await open(page, ".filters");
  await page.click(".facets a:text-is('2020')");
  await page.waitForURL(/year=2020/);
  assert.match(await page.textContent("[role=status]"), /3/);
  await page.goBack();
  assert.match(await page.textContent("[role=status]"), /12/);
  await page.goForward();

  await page.click(".hits h2 a:has-text('常宁市')");
  await page.waitForURL(/reports/);
  await page.click(".hitbar a[href='#hit-1']");
  assert.equal(new URL(page.url()).hash, "#hit-1");
  await page.click("mark:target + .hops a[href='#hit-2']");
  assert.equal(new URL(page.url()).hash, "#hit-2");
  assert.ok(await page.locator("#hit-2").isVisible());
  if (scripts) {
    await page.keyboard.press("n");
    assert.equal(new URL(page.url()).hash, "#hit-3");
    await page.keyboard.press("p");
    assert.equal(new URL(page.url()).hash, "#hit-2");
    await page.waitForFunction(() => /^2 \/ \d+$/.test(document.querySelector("[data-where]").textContent));
  }
  await open(page, "details.cite");
  assert.match(await page.textContent(".cite pre"), /常宁市2020年度法治政府建设工作情况报告/);

  await page.click("aside a[href*='/diff']");
  await page.waitForURL(/diff/);
  assert.match(await page.textContent(".diff ins >> nth=-1"), /健全长效机制/);

  await page.goto(`${base}/?lang=zh&q=${encodeURIComponent("法治政府")}&year=2020`);
  const csv = await page.request.get(base + await page.getAttribute(".take a:text-is('CSV')", "href"));
  assert.equal(csv.status(), 200);
  assert.equal((await csv.text()).trim().split("\n").length, 4);
  const lines = await page.request.get(base + await page.getAttribute(".take a:text-is('JSON Lines')", "href"));
  assert.deepEqual(JSON.parse((await lines.text()).trim().split("\n").at(-1)).count, 3);

  // What was typed is not lost to another way of matching, nor the filters to a suggestion.
  await page.fill("#q", "营商环境");
  await page.click(".tabs button:text-is('逐字匹配')");
  await page.waitForURL(/mode=exact/);
  const typed = new URL(page.url()).searchParams;
  assert.deepEqual([typed.get("q"), typed.get("year"), typed.getAll("mode")], ["营商环境", "2020", ["exact"]]);
  await page.press("#q", "Enter");
  await page.waitForURL((url) => url.searchParams.getAll("mode").join() === "exact");
  if (scripts) {
    await page.fill("#q", "");
    await page.type("#q", "changningshi");
    await page.click("#suggestions [role=option]:has-text('常宁市')");
    await page.waitForURL(/region=430482/);
    const kept = new URL(page.url()).searchParams;
    assert.deepEqual([kept.get("year"), kept.get("mode"), kept.get("q"), kept.get("lang")], ["2020", "exact", null, "zh"]);
    // Keys of one character can be switched off, and stay so.
    await page.goto(`${base}/?lang=zh&q=${encodeURIComponent("法治政府")}`);
    const keys = page.locator("[data-keys]");
    await keys.click();
    await page.reload();
    assert.equal(await keys.getAttribute("aria-pressed"), "false");
    await page.keyboard.press("/");
    assert.notEqual(await page.evaluate(() => document.activeElement.id), "q");
    await keys.click();
    await keys.evaluate((button) => button.blur());
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  } else {
    assert.ok(await page.locator("[data-keys]").isHidden());
  }

  // The values that a long query can be narrowed to are buttons, and what is chosen is a link.
  const q = "我们的法治政府怎样改善营商环境和行政复议";
  await page.goto(`${base}/?mode=any&lang=zh&q=${encodeURIComponent(q)}`);
  if (width < 960) await open(page, ".filters");
  await page.click(".facets button:text-is('2020')");
  await page.waitForURL(/year=2020/);
  const chosen = new URL(page.url()).searchParams;
  assert.deepEqual([chosen.get("q"), chosen.get("mode"), chosen.get("lang")], [q, "any", "zh"]);
  if (width < 960) await open(page, ".filters");
  await page.click(".facets a.on:text-is('2020')");
  await page.waitForURL((url) => !url.searchParams.has("year"));
  assert.equal(new URL(page.url()).searchParams.get("q"), q);
};

// From a search to its trends, to the places of a number in their table, and to one of these in its report.
export const counting = async (page, base, { width }) => {
  await page.goto(`${base}/?lang=zh&q=${encodeURIComponent("法治政府")}&region=430000`);
  await page.click(".take a[href^='/trends']");
  await page.waitForURL(/trends/);
  const at = new URL(page.url()).searchParams;
  assert.deepEqual([at.get("q"), at.get("region")], ["法治政府", "430000"]);
  const drawn = await page.$eval("img.chart", async (image) => { await image.decode(); return image.naturalWidth; });
  assert.ok(drawn > 400, "the picture is drawn");
  await page.fill("input[name=q] >> nth=1", "双随机");
  await page.selectOption("select[name=measure]", "occurrences");
  await page.click("form.trends button");
  await page.waitForURL(/occurrences/);
  assert.deepEqual(new URL(page.url()).searchParams.getAll("q").slice(0, 2), ["法治政府", "双随机"]);
  assert.equal(new URL(page.url()).searchParams.get("region"), "430000");
  const csv = await page.request.get(base + await page.getAttribute(".take a:text-is('CSV')", "href"));
  assert.equal((await csv.text()).trim().split("\n").length, 9, "two queries, four years, a line of names");
  await page.goBack();
  await page.goForward();

  await page.click(".counts tbody tr:has(th:text-is('2020')) td a[href*='concordance'] >> nth=0");
  await page.waitForURL(/concordance/);
  const places = new URL(page.url()).searchParams;
  assert.deepEqual([places.get("year"), places.get("region")], ["2020", "430000"]);
  const total = Number((await page.textContent("[role=status] strong")));
  assert.equal(await page.locator(".kwic li").count(), total);
  // Matches stand below each other where there is room for it.
  const middles = await page.$$eval(".kwic mark", (marks) => marks.map((mark) => {
    const box = mark.getBoundingClientRect();
    return Math.round(box.left + box.width / 2);
  }));
  if (width >= 960) assert.ok(Math.max(...middles) - Math.min(...middles) <= 1, `${middles}`);
  await page.click(".sorts a:has-text('后文')");
  await page.waitForURL(/sort=right/);
  await page.fill("input[name=sample]", "2");
  await page.click(".draw button");
  await page.waitForURL(/sample=2/);
  assert.equal(await page.locator(".kwic li").count(), 2);
  await page.click(".kwic .line >> nth=0");
  await page.waitForURL(/reports/);
  assert.match(new URL(page.url()).hash, /^#p\d+$/);
  assert.ok(await page.locator(":target").count() === 1, "the paragraph is there");
  assert.match(await page.textContent("mark"), /法治/);
};

// A dictionary in, a table and a file out; then hits side by side.
export const comparing = async (page, base) => {
  await page.goto(`${base}/panel?own=1&lang=zh`);
  await page.fill("textarea", "环保: [a]\n环保: [b]\n");
  await page.click(".order button:text-is('统计')");
  assert.match(await page.textContent(".problem"), /第 2 行[^]*出现了两次/);
  assert.equal(await page.inputValue("textarea"), "环保: [a]\n环保: [b]\n");
  await page.fill("textarea", "");
  await page.setInputFiles("input[type=file]", { name: "a.csv", mimeType: "text/csv", buffer: Buffer.from("concept,term\n法治,法治政府\n") });
  await page.selectOption("select[name=level]", "county");
  await page.fill("#order input[name=region]", "衡阳市");
  await page.click(".order button:text-is('统计')");
  const row = page.locator("tr", { has: page.locator("th:has-text('常宁市')") });
  assert.equal(await row.locator("td").count(), 4);
  assert.match(await row.locator("td").first().textContent(), /^4 1\/1 · \d+$/);
  assert.equal(await page.locator("tr", { has: page.locator("th:has-text('衡山县')") }).locator("td.none").count(), 4);
  // The file is in the box now, and is sent again for the CSV.
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".take button:text-is('下载 CSV')")]);
  assert.equal(download.suggestedFilename(), "panel.csv");
  // The other language has the same dictionary and table.
  const [box, cell] = [await page.inputValue("textarea"), await row.locator("td").first().textContent()];
  await page.click("header button:text-is('English')");
  await page.waitForURL(/lang=en/);
  assert.equal(await page.textContent("h1"), "Concept panel");
  assert.equal(await page.inputValue("textarea"), box);
  assert.equal(await row.locator("td").first().textContent(), cell);

  await page.goto(`${base}/?lang=zh&q=${encodeURIComponent("法治政府")}&year=2021`);
  const boxes = page.locator(".hits input[type=checkbox]");
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.click(".picked button");
  await page.waitForURL(/compare/);
  assert.equal(await page.locator(".sides thead a").count(), 2);
  assert.ok(await page.locator(".scroll:has(.sides)").evaluate((box) => box.scrollWidth <= box.clientWidth), "the table fits");
  assert.ok(await page.locator(".side .in-all").count() > 0);
  const [left, right] = await Promise.all([0, 1].map((n) => page.locator(".side").first().locator(":scope > div").nth(n).boundingBox()));
  const isNarrow = page.viewportSize().width < 960;
  assert.ok(isNarrow ? right.y >= left.y + left.height : right.x >= left.x + left.width);
};

// Presses Tab until what the selector names has the focus, and it is seen to have it.
const tabTo = async (page, selector) => {
  for (let n = 0; n < 150; n += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate((wanted) => {
      const focused = document.activeElement;
      if (!focused || !focused.matches(wanted)) return null;
      return getComputedStyle(focused).outlineStyle;
    }, selector);
    if (at !== null) {
      assert.notEqual(at, "none", `${selector} has the focus and does not show it`);
      return;
    }
  }
  assert.fail(`the keyboard does not reach ${selector}`);
};

export const keyboard = async (page, base, { scripts }) => {
  await page.goto(`${base}/coverage?lang=en`);
  await tabTo(page, "header.site nav a[href^='/?']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/\?lang=en/);
  if (scripts) {
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    await page.keyboard.type("朝阳");
    await page.waitForSelector("[role=option]");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.getAttribute("#q", "aria-activedescendant"), "suggestion-0");
    await page.keyboard.press("Escape");
    assert.equal(await page.getAttribute("#q", "aria-expanded"), "false");
    await page.fill("#q", "");
  } else {
    await page.goto(`${base}/?lang=en`);
    if (await page.evaluate(() => document.activeElement.id) !== "q") await tabTo(page, "#q");
  }
  await page.keyboard.type("法治政府");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=%/);
  if (!await page.isVisible(".facets")) {
    await tabTo(page, ".filters > summary");
    await page.keyboard.press("Enter");
  }
  await tabTo(page, ".facets a[href$='year=2020']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/year=2020/);
  await tabTo(page, "a.skip.inline");
  await page.keyboard.press("Enter");
  await tabTo(page, ".hits h2 a[href*='r-430482-2020']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/reports/);
  await tabTo(page, ".hitbar a[href='#hit-1']");
  await page.keyboard.press("Enter");
  await tabTo(page, ".hops a[href='#hit-2']");
  await page.keyboard.press("Enter");
  assert.equal(new URL(page.url()).hash, "#hit-2");
  await tabTo(page, "aside a[href*='/diff']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/diff/);
  await page.goBack();
  await page.waitForURL(/reports\/r-430482-2020\?/);
  await tabTo(page, "a[href^='/?q=']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/\?q=.*year=2020/);
  await tabTo(page, ".take a[href^='/trends']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/trends/);
  await tabTo(page, ".take a[href*='format=csv']");
  const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  assert.match(file.suggestedFilename(), /\.csv$/);
};

// A run is started with a key, and without one it is not.
export const starting = async (page, service) => {
  const portal = `${service.base}/portals/changning?lang=en`;
  await page.goto(portal);
  await page.fill("input[name=key]", "gb_wrong");
  await page.click(".run button");
  // The form is there again, and says what was wrong.
  assert.match(await page.textContent(".run [role=alert]"), /not known/);
  await page.fill("input[name=key]", service.key);
  await page.click(".run button");
  await page.waitForURL(/job=\d+/);
  assert.ok(!page.url().includes("gb_"), "the key is in no address");
  assert.match(await page.textContent("p.done"), /job \d+/i);
};
