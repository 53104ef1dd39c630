// Runs all browser tests one after the other; ends with 1 when one fails.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { PAGES, access } from "./access.mjs";
import { PAYLOADS, hostile, lines, portals } from "./hostile.mjs";
import { comparing, counting, journey, keyboard, starting } from "./journey.mjs";
import { Service } from "./service.mjs";

const shots = process.env.SHOTS;
if (shots) mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
let failed = 0;
let passed = 0;

// Words after the command choose the tests whose names have one of them.
const chosen = process.argv.slice(2);
const test = async (name, options, job) => {
  if (chosen.length > 0 && !chosen.some((word) => name.includes(word))) return;
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  try {
    await job(page);
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${error.stack}\n     at ${page.url()}`);
  } finally {
    await context.close();
  }
};

const service = await Service.start();
try {
  for (const width of [1280, 390]) {
    const viewport = { width, height: 900 };
    for (const scripts of [true, false]) {
      const options = { viewport, javaScriptEnabled: scripts };
      const how = `${width} wide, ${scripts ? "with" : "without"} scripts`;
      await test(`journey, ${how}`, options, (page) => journey(page, service.base, { scripts, width }));
      await test(`counting, ${how}`, options, (page) => counting(page, service.base, { width }));
      await test(`panel and comparing, ${how}`, options, (page) => comparing(page, service.base));
      await test(`keyboard, ${how}`, options, (page) => keyboard(page, service.base, { scripts }));
    }
    for (const colorScheme of ["light", "dark"]) {
      for (const lang of ["zh", "en"]) {
        for (const name of Object.keys(PAGES)) {
          const shot = shots && join(shots, `${name}-${width}-${colorScheme}-${lang}.png`);
          await test(`access, ${name}, ${width} wide, ${colorScheme}, ${lang}`, { viewport, colorScheme },
            (page) => access(page, service.base, name, lang, shot));
        }
      }
    }
  }
  for (const scripts of [true, false]) {
    await test(`starting a run, ${scripts ? "with" : "without"} scripts`, { javaScriptEnabled: scripts },
      (page) => starting(page, service));
  }
} finally {
  service.stop();
}

const bad = await Service.start(lines(), portals());
try {
  await test(`${PAYLOADS.length} hostile reports`, {}, (page) => hostile(page, bad));
} finally {
  bad.stop();
}
await browser.close();
console.log(`browser: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
