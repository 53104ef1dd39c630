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

export const lines = () => PAYLOADS.map((payload, n) => ({
  id: `x-${n}`,
  url: n % 2 ? `javascript:${RUN}//${n}` : `https://www.example.gov.cn/x?${n}&${payload}`,
  title: `坏标题${n}${payload}`,
  text: `一、${payload}\n坏正文${n}法治${payload}法治\n单元${payload}\t${payload}\n${payload}`,
  issuer: payload, source: payload, document_number: payload, index_number: payload,
  region_code: "430482", area_name: payload,
  titles_cited: [payload], cites: [payload],
  attachments: [{ url: `data:text/html,${payload}`, name: payload }, { url: `javascript:${RUN}`, name: `${n}` }],
}));

export const hostile = async (page, base) => {
  const told = [];
  page.on("dialog", (dialog) => { told.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("pageerror", (error) => told.push(`error: ${error.message}`));
  page.on("console", (message) => { if (/Content Security Policy|Refused/i.test(message.text())) told.push(message.text()); });
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) told.push(`asks for ${request.url().slice(0, 80)}`);
  });
  const look = async (path) => {
    await page.goto(base + path);
    const ran = await page.evaluate(() => [window.__ran, document.querySelectorAll(
      "script:not([src='/assets/pages.js']), img, iframe, object, base, meta[http-equiv], main style, main link, a[href^='javascript:' i], a[href^='data:' i]").length]);
    assert.deepEqual(ran, [undefined, 0], path);
    assert.deepEqual(told, [], path);
  };
  for (let n = 0; n < PAYLOADS.length; n += 1) {
    await look(`/reports/x-${n}?q=${encodeURIComponent("法治")}`);
  }
  for (let n = 1; n < PAYLOADS.length; n += 10) await look(`/compare?id=x-${n - 1}&id=x-${n}`);
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
    await look(`/reports/${encodeURIComponent(payload.replaceAll("/", ""))}`);
  }
  for (const path of ["/?q=坏标题&limit=100", "/?q=坏正文&limit=100&mode=loose", "/coverage", "/portals"]) await look(path);
  // Suggestions are set as text too.
  await page.goto(`${base}/`);
  await page.fill("#q", "坏标题");
  await page.waitForSelector("[role=option]");
  assert.equal(await page.locator("[role=listbox] img, [role=listbox] script, [role=listbox] svg").count(), 0);
  assert.deepEqual(told, []);
};
