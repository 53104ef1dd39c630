// Suggestions under the box: a combobox with a list box (ARIA 1.2). What is suggested comes as JSON and is set as text.
"use strict";

(() => {
  const input = document.querySelector("input[data-suggest]");
  if (!input) return;
  const isChinese = document.documentElement.lang.startsWith("zh");
  const kinds = isChinese
    ? { region: "地区", title: "报告", word: "词语" }
    : { region: "Divisions", title: "Reports", word: "Words" };
  const lang = new URLSearchParams(location.search).get("lang");

  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", isChinese ? "检索建议" : "Suggestions");
  list.hidden = true;
  input.after(list);
  for (const [name, value] of [
    ["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"],
  ]) input.setAttribute(name, value);

  let options = [];
  let chosen = -1;
  let asking = null;
  let timer = 0;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (n) => {
    chosen = n;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === n)));
    if (n < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options[n].id);
      options[n].scrollIntoView({ block: "nearest" });
    }
  };
  // On the page of a search its mode, order and filters stay; a division takes the place of what was typed and of other divisions.
  const OWN = ["q", "cursor", "page", "back"];
  const go = (n) => {
    const link = new URL(options[n].dataset.link, location.href);
    if (link.pathname === "/" && location.pathname === "/") {
      for (const [name, value] of new URLSearchParams(location.search)) {
        if (!OWN.includes(name) && (name !== "region" || !link.searchParams.has("region")) && name !== "lang") {
          link.searchParams.append(name, value);
        }
      }
    }
    location.assign(link);
  };

  const show = (suggestions) => {
    list.replaceChildren();
    options = [];
    let kind = "";
    for (const suggestion of suggestions) {
      if (suggestion.kind !== kind) {
        kind = suggestion.kind;
        const heading = document.createElement("li");
        heading.setAttribute("role", "presentation");
        heading.textContent = kinds[kind] || "";
        list.append(heading);
      }
      const option = document.createElement("li");
      option.id = `suggestion-${options.length}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.lang = "zh-CN";
      option.dataset.link = suggestion.link;
      const text = document.createElement("span");
      text.textContent = suggestion.text;
      const note = document.createElement("small");
      note.textContent = suggestion.note;
      option.append(text, note);
      const n = options.push(option) - 1;
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => go(n));
      list.append(option);
    }
    chosen = -1;
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };

  const ask = async () => {
    if (asking) asking.abort();
    const q = input.value.trim();
    if (q === "") return close();
    asking = new AbortController();
    const query = new URLSearchParams({ q });
    if (lang) query.set("lang", lang);
    try {
      const answer = await fetch(`/suggest?${query}`, { signal: asking.signal });
      if (answer.ok && document.activeElement === input) show((await answer.json()).suggestions);
    } catch {
      // Typing went on, or the service is away; the form works without suggestions.
    }
  };

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, 150);
  });
  input.addEventListener("compositionend", () => { timer = setTimeout(ask, 150); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) {
        if (event.key === "ArrowDown") ask();
        return;
      }
      event.preventDefault();
      const n = options.length + 1;
      choose(((chosen + 1 + (event.key === "ArrowDown" ? 1 : -1) + n) % n) - 1);
    } else if (event.key === "Enter" && chosen >= 0 && !list.hidden) {
      event.preventDefault();
      go(chosen);
    }
  });
})();
