// What makes the pages quicker to use. Everything works without it: this file adds keys and buttons, and no content.
"use strict";

(() => {
  const box = document.querySelector("#q");
  const typing = (target) => target instanceof HTMLElement
    && (target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName));

  // The hits of a report: n is the next, p the one before.
  const bar = document.querySelector("[data-hits]");
  const last = bar ? Number(bar.dataset.hits) : 0;
  let at = 0;
  const shown = () => {
    const found = /^#hit-(\d+)$/.exec(location.hash);
    if (found && Number(found[1]) <= last) at = Number(found[1]);
    const where = bar && bar.querySelector("[data-where]");
    if (where && at > 0) where.textContent = `${at} / ${last}`;
  };
  const hop = (by) => {
    if (last === 0) return;
    const to = at === 0 ? (by > 0 ? 1 : last) : Math.min(last, Math.max(1, at + by));
    at = to;
    location.hash = `#hit-${to}`;
  };
  if (last > 0) {
    bar.querySelector("[data-where]").setAttribute("role", "status");
    addEventListener("hashchange", shown);
    shown();
  }

  // Keys of one character can be switched off: who speaks to the computer, or types blindly, presses them unawares.
  const KEYS = "gongbao-keys";
  const remembered = () => {
    try {
      return localStorage.getItem(KEYS);
    } catch {
      return null;
    }
  };
  let hasKeys = remembered() !== "off";
  const keys = document.querySelector("[data-keys]");
  if (keys && (box || bar)) {
    const say = () => keys.setAttribute("aria-pressed", String(hasKeys));
    say();
    keys.hidden = false;
    keys.addEventListener("click", () => {
      hasKeys = !hasKeys;
      say();
      try {
        localStorage.setItem(KEYS, hasKeys ? "on" : "off");
      } catch {
        // Then it holds for this page.
      }
    });
  }

  addEventListener("keydown", (event) => {
    if (!hasKeys || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "n") {
      hop(1);
    } else if (event.key === "p") {
      hop(-1);
    }
  });

  // What can be copied stands right behind the paragraph that the button is in.
  for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
    const text = button.parentElement.nextElementSibling;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text.textContent);
      if (!button.textContent.endsWith("✓")) button.textContent += " ✓";
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();
