// Markup and script in everything that comes from a page. Whatever ran would say so, and whatever became markup and did not
// run would be told of by the policy.
import assert from "node:assert/strict";

const RUN = "window.__ran=1";
const VECTORS = [
  `<script>${RUN}</script>`, `<img src=x onerror=${RUN}>`, `<svg onload=${RUN}>`, `<svg><script>${RUN}</script></svg>`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`, `<body onload=${RUN}>`, `<details open ontoggle=${RUN}>`,
  `<input autofocus onfocus=${RUN}>`, `<a href="javascript:${RUN}">a</a>`, `<math><mtext><script>${RUN}</script></mtext></math>`,
  `<style>@import 'javascript:${RUN}'</style>`, `<link rel=stylesheet href="data:text/css,*{}">`, `<base href="//evil.invalid/">`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`, `<object data="javascript:${RUN}"></object>`,
  `<form action="javascript:${RUN}"><button>a</button></form>`, `<video><source onerror=${RUN}></video>`,
  `<template><script>${RUN}</script></template>`, `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `{{constructor.constructor('${RUN}')()}}`,
];
const FRAMES = [
  (v) => v, (v) => `"${v}`, (v) => `'${v}`, (v) => `">${v}`, (v) => `'>${v}`, (v) => `</title>${v}`, (v) => `</mark>${v}`,
  (v) => `--></script>${v}`, (v) => v.toUpperCase().replaceAll("WINDOW.__RAN", "window.__ran"), (v) => v.replaceAll("<", "＜").replaceAll(">", "＞") + v,
];

export const PAYLOADS = VECTORS.flatMap((vector) => FRAMES.map((frame) => frame(vector)));

// With `more`, as a later version has it.
export const lines = (more = "") => PAYLOADS.map((payload, n) => ({
  id: `x-${n}`,
  url: n % 2 ? `javascript:${RUN}//${n}` : `https://www.example.gov.cn/x?${n}&${payload}`,
  title: `坏标题${n}${more}${payload}`,
  text: `一、${payload}\n坏正文${n}法治${payload}${more}法治\n单元${payload}\t${payload}${more}\n${payload}`,
  issuer: payload, source: payload, document_number: payload, index_number: payload,
  region_code: "430482", area_name: payload,
  titles_cited: [payload], cites: [payload],
  attachments: [{ url: `data:text/html,${payload}`, name: payload }, { url: `javascript:${RUN}`, name: `${n}` }],
}));

// Portals have such names too.
export const portals = () => PAYLOADS.filter((_, n) => n % 9 === 0).map((payload, n) => [`bad-${n}`, `坏门户${payload}`]);

const alert = async (service) => {
  const answer = await fetch(`${service.base}/api/v1/alerts`, {
    method: "POST",
    headers: { authorization: `Bearer ${service.key}`, "content-type": "application/json" },
    body: JSON.stringify({ name: `坏提醒${PAYLOADS.slice(0, 10).join("")}`.slice(0, 200), query: { q: "坏标题" } }),
  });
  assert.equal(answer.status, 201);
  return (await answer.json()).feed;
};

export const hostile = async (page, service) => {
  const { base } = service;
  const feed = await alert(service);
  // The reports become another version, which the alert has to tell of.
  service.import(lines("改"));
  const told = [];
  page.on("dialog", (dialog) => { told.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("pageerror", (error) => told.push(`error: ${error.message}`));
  page.on("console", (message) => { if (/Content Security Policy|Refused/i.test(message.text())) told.push(message.text()); });
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) told.push(`asks for ${request.url().slice(0, 80)}`);
  });
  // A page that is to show `words`, or else would prove nothing.
  const look = async (path, words = "") => {
    await page.goto(base + path);
    const [ran, markup, text] = await page.evaluate(() => [window.__ran, document.querySelectorAll(
      `script:not([src='/assets/pages.js']), img:not([src^='/api/v1/trends?']), iframe, object, base, meta[http-equiv], foreignObject, main style, main link,
      a[href^='javascript:' i], a[href^='data:' i]`).length, document.documentElement.textContent]);
    assert.deepEqual([ran, markup], [undefined, 0], path);
    assert.deepEqual(told, [], path);
    assert.ok(text.includes(words), `${path} has no ${words}`);
  };
  for (let n = 0; n < PAYLOADS.length; n += 1) {
    await look(`/reports/x-${n}?q=${encodeURIComponent("法治")}`);
  }
  for (let n = 0; n < PAYLOADS.length; n += 1) await look(`/reports/x-${n}/diff?from=1&to=2`, `坏标题${n}改`);
  for (let n = 0; n < PAYLOADS.length; n += 4) {
    await look(`/compare?${[0, 1, 2, 3].map((more) => `id=x-${n + more}`).join("&")}`, `坏正文${n + 3}`);
  }
  await look(`/compare?id=${encodeURIComponent("x-0@1")}&id=x-0`, "坏正文0");
  // Together these have the places in all of them.
  for (const n of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 19]) {
    await look(`/concordance?mode=exact&limit=100&q=${encodeURIComponent(`坏正文${n}`)}`, `坏正文${n}`);
  }
  for (const payload of PAYLOADS.filter((_, n) => n % 20 === 0)) {
    await look(`/compare?id=${encodeURIComponent(payload)}&id=x-0`);
    await page.goto(`${base}/panel?own=1`);
    await page.fill("textarea", JSON.stringify({ [`概念${payload}`]: [payload, "法治"] }));
    await page.uncheck("input[value=region]");
    await page.uncheck("input[value=year]");
    await page.click(".order button >> nth=0");
    const ran = await page.evaluate(() => [window.__ran, document.querySelectorAll("main script, main img, main iframe, main svg").length]);
    assert.deepEqual([ran, told], [[undefined, 0], []], payload);
  }
  for (const payload of PAYLOADS.filter((_, n) => n % 10 === 0)) {
    await look(`/?mode=exact&q=${encodeURIComponent(payload)}`);
    await look(`/?lang=en&portal=${encodeURIComponent(payload)}`);
    await look(`/concordance?mode=exact&q=${encodeURIComponent(payload)}`);
    // Queries name the curves of the picture, which is looked at on its page and by itself.
    const asked = ["坏正文", payload].map((q) => `q=${encodeURIComponent(q)}`).join("&");
    for (const by of ["year", "county"]) {
      await look(`/trends?mode=exact&by=${by}&${asked}`, "坏正文");
      await look(`/api/v1/trends?mode=exact&by=${by}&format=svg&${asked}`, "坏正文");
    }
    await look(`/reports/${encodeURIComponent(payload.replaceAll("/", ""))}`);
  }
  for (const [path, words] of [
    ["/?q=坏标题&limit=100", "坏标题"], ["/?q=坏正文&limit=100&mode=loose", "坏正文"], ["/coverage", "常宁市"], ["/coverage?region=430482", "常宁市"],
    ["/portals", "坏门户"], ...portals().map(([id]) => [`/portals/${id}`, "坏门户"]),
  ]) await look(path, words);
  for (let n = 0; n < 10; n += 1) await look(`/api/v1/changes.atom?mode=exact&q=坏标题${n}`, `坏标题${n}`);
  const isTold = async () => (await (await fetch(base + feed)).text()).includes("改");
  for (const end = Date.now() + 30_000; !await isTold();) {
    assert.ok(Date.now() < end, "the alert tells of nothing");
    await page.waitForTimeout(200);
  }
  await look(feed, "坏提醒");
  // Suggestions are set as text too.
  await page.goto(`${base}/`);
  await page.fill("#q", "坏标题");
  await page.waitForSelector("[role=option]");
  assert.equal(await page.locator("[role=listbox] img, [role=listbox] script, [role=listbox] svg").count(), 0);
  assert.deepEqual(told, []);
};
