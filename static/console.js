// Every page works without this. With it: results while one types, keys, figures that are live, words said in passing.
(() => {
  "use strict";
  const find = document.querySelector("[data-find] input");
  const typing = target => target.closest("input, textarea, select, [contenteditable]");
  const get = async (address, signal) => {
    const answer = await fetch(address, { headers: { accept: "text/html" }, signal, credentials: "same-origin" });
    // A session that has ended leads to the door: go there as a click would.
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in") { location.assign(answer.url); throw new Error("signed out") }
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };
  // Put the part of another page with the same id in place of ours; focus and caret stay where they are.
  const swap = (page, id) => {
    const before = document.getElementById(id), after = page.getElementById(id);
    if (!before || !after || before.outerHTML === after.outerHTML) return;
    before.replaceWith(document.adoptNode(after));
    made.forEach(make => make(after));
    later(id);
  };
  // What is made of a part of a page: at first of all of it, then of each part that has changed.
  const made = [];
  const make = work => { made.push(work); work(document) };

  // Keys.
  let going = false;
  const rows = () => [...document.querySelectorAll("[data-rows] tbody tr, [data-rows] > li")].filter(row => row.querySelector("a"));
  const move = step => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex(row => row.hasAttribute("data-here"));
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    all[at]?.removeAttribute("data-here");
    next.setAttribute("data-here", "");
    next.querySelector("a").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") { document.querySelector(".me[open]")?.removeAttribute("open"); return }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (going) {
      going = false;
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click() }
      return;
    }
    switch (event.key) {
      case "/": if (find) { event.preventDefault(); find.focus(); find.select() } break;
      case "g": going = true; setTimeout(() => { going = false }, 1500); break;
      case "?": document.getElementById("keys")?.showModal(); break;
      case "j": event.preventDefault(); move(1); break;
      case "k": event.preventDefault(); move(-1); break;
    }
  });
  addEventListener("click", event => {
    const open = document.querySelector(".me[open]");
    if (open && !open.contains(event.target)) open.removeAttribute("open");
  });

  // Search: what the page of results says, while one types.
  if (find) {
    const form = find.form, box = Object.assign(document.createElement("div"), { className: "found sheet", hidden: true, id: "found" });
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", find.getAttribute("aria-label"));
    Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list" }).forEach(([name, value]) => find.setAttribute(name, value));
    form.append(box);
    let asked, soon, at = -1;
    const show = is => { box.hidden = !is; find.setAttribute("aria-expanded", String(is)); if (!is) { at = -1; find.removeAttribute("aria-activedescendant") } };
    const options = () => [...box.querySelectorAll("a")];
    const choose = to => {
      const all = options();
      if (!all.length) return;
      at = (to + all.length) % all.length;
      all.forEach((one, place) => one.setAttribute("aria-selected", String(place === at)));
      find.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    };
    const ask = async () => {
      asked?.abort();
      const text = find.value.trim();
      if (text.length < 2) return show(false);
      asked = new AbortController();
      try {
        const page = await get(`/customers?${new URLSearchParams({ q: text })}`, asked.signal);
        const results = page.getElementById("results");
        box.replaceChildren();
        for (const row of results?.querySelectorAll("[data-hit]") ?? []) {
          const link = Object.assign(document.createElement("a"), { href: row.querySelector("a").getAttribute("href"), id: `found-${box.childElementCount}` });
          link.setAttribute("role", "option");
          link.setAttribute("aria-selected", "false");
          link.tabIndex = -1;
          link.append(row.querySelector("a").textContent);
          const more = row.querySelector("small")?.textContent;
          if (more) link.append(Object.assign(document.createElement("small"), { textContent: more }));
          box.append(link);
          if (box.childElementCount >= 8) break;
        }
        const none = results?.querySelector(".empty b");
        if (!box.childElementCount && none) box.append(Object.assign(document.createElement("p"), { className: "faint", textContent: none.textContent }));
        at = -1;
        show(box.childElementCount > 0);
      } catch { /* another letter was typed, or the network is away: the form still works */ }
    };
    find.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(ask, 120) });
    find.addEventListener("keydown", event => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown") { event.preventDefault(); choose(at + 1) }
      else if (event.key === "ArrowUp") { event.preventDefault(); choose(at - 1) }
      else if (event.key === "Escape") { if (box.hidden) find.blur(); else { event.preventDefault(); show(false) } }
      else if (event.key === "Enter" && at >= 0 && !box.hidden) { event.preventDefault(); location.assign(options()[at].href) }
    });
    form.addEventListener("focusout", event => { if (!form.contains(event.relatedTarget)) setTimeout(() => show(false), 150) });
  }

  // Forms that only ask: what they ask for comes while one chooses. `data-live` names the parts that change.
  for (const form of document.querySelectorAll("form[data-live]")) {
    let asked, soon;
    const ask = async () => {
      asked?.abort();
      asked = new AbortController();
      const address = `${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`;
      try {
        const page = await get(address, asked.signal);
        for (const id of form.dataset.live.split(" ")) swap(page, id);
        history.replaceState(null, "", address);
      } catch { /* the button still works */ }
    };
    form.addEventListener("input", event => { clearTimeout(soon); soon = setTimeout(ask, event.target.matches("select, [type=checkbox], [type=radio]") ? 0 : 200) });
    form.addEventListener("submit", event => {
      if (event.submitter?.hasAttribute("data-whole")) return;
      event.preventDefault(); clearTimeout(soon); ask();
    });
  }

  // Parts that change by themselves: asked for again as long as they say so.
  const waiting = new Set();
  function later(id) {
    const seconds = Number(document.getElementById(id)?.dataset.again);
    if (!seconds || waiting.has(id)) return;
    waiting.add(id);
    setTimeout(async () => {
      waiting.delete(id);
      if (!document.hidden) try { swap(await get(location.href), id) } catch { /* next time */ }
      later(id);
    }, seconds * 1000);
  }
  for (const part of document.querySelectorAll("[data-again][id]")) later(part.id);

  // What happens in the shop, as it happens: parts that say so are asked for again, not more often than every two seconds.
  const live = [...document.querySelectorAll("[data-on-news][id]")];
  if (live.length && window.EventSource) {
    let soon;
    const news = new EventSource("/live");
    news.onmessage = () => {
      soon ??= setTimeout(async () => {
        soon = undefined;
        try { const page = await get(location.href); for (const part of live) swap(page, part.id) } catch { /* next time */ }
      }, 2000);
    };
    addEventListener("pagehide", () => news.close(), { once: true });
  }

  // Pictures as PNG: drawn by the browser from the SVG, twice as large as on the page.
  make(root => { for (const link of root.querySelectorAll("[data-png]")) {
    link.hidden = false;
    link.addEventListener("click", async event => {
      event.preventDefault();
      const svg = await (await fetch(link.href, { credentials: "same-origin" })).text();
      const [width, height] = (svg.match(/viewBox="[\d.-]+[ ,]+[\d.-]+[ ,]+([\d.]+)[ ,]+([\d.]+)"/)?.slice(1) ?? [720, 360]).map(Number);
      const sized = svg.replace("<svg", `<svg width="${width}" height="${height}"`);
      const picture = new Image();
      picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(sized)}`;
      await picture.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: width * 2, height: height * 2 });
      const pen = canvas.getContext("2d");
      pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--sheet");
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      Object.assign(document.createElement("a"), { href: canvas.toDataURL("image/png"), download: link.download }).click();
    });
  } });

  // A file dropped anywhere on its form.
  for (const form of document.querySelectorAll("form.drop")) {
    const file = form.querySelector("[type=file]");
    const over = is => event => { event.preventDefault(); form.toggleAttribute("data-over", is) };
    form.addEventListener("dragover", over(true));
    form.addEventListener("dragleave", over(false));
    form.addEventListener("drop", event => {
      over(false)(event);
      if (event.dataTransfer.files.length) { file.files = event.dataTransfer.files; form.requestSubmit() }
    });
  }

  // How often, for how much, within how long: asked of what was done; for what: of a consent; and of nothing else.
  const asks = select => {
    const kind = select.selectedOptions[0]?.dataset.kind;
    for (const more of select.closest(".condition")?.querySelectorAll("[data-for]") ?? [])
      more.hidden = kind !== more.dataset.for && ![...more.querySelectorAll("input, select")].some(field => field.value);
  };
  for (const select of document.querySelectorAll("[data-ask]")) { asks(select); select.addEventListener("input", () => asks(select)) }

  // What was done is said once: another visit of the same address does not say it again.
  const toast = document.querySelector("[data-toast]");
  if (toast) {
    const address = new URL(location.href);
    address.searchParams.delete("said");
    history.replaceState(null, "", address);
    setTimeout(() => { toast.hidden = true }, 6000);
  }
  // A button sends once.
  addEventListener("submit", event => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    const button = event.submitter;
    setTimeout(() => { if (button) button.disabled = true }, 0);
    addEventListener("pageshow", () => { if (button) button.disabled = false }, { once: true });
  });
  for (const back of document.querySelectorAll("[data-back]")) {
    if (history.length < 2) continue;
    back.hidden = false;
    back.addEventListener("click", event => { event.preventDefault(); history.back() });
  }

  // Figures of a chart: what the browser would show as a slow title, at once and on tap.
  const tip = Object.assign(document.createElement("div"), { className: "tip", hidden: true });
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  make(root => { for (const column of root.querySelectorAll(".plot .hit")) {
    const title = column.querySelector("title");
    if (!title) continue;
    const text = title.textContent;
    title.remove();
    const show = () => {
      tip.textContent = text; tip.hidden = false;
      const box = column.getBoundingClientRect(), size = tip.getBoundingClientRect();
      tip.style.left = `${Math.min(Math.max(8, box.left + box.width / 2 - size.width / 2), innerWidth - size.width - 8)}px`;
      tip.style.top = `${Math.max(8, box.top - size.height - 6)}px`;
    };
    column.addEventListener("pointerenter", show);
    column.addEventListener("pointerdown", show);
    column.addEventListener("pointerleave", () => { tip.hidden = true });
  } });
  addEventListener("scroll", () => { tip.hidden = true }, { passive: true });
})();
