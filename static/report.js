// The report works without this. With it: definitions and figures also show on hover, and the rail says where one is.
(() => {
  "use strict";
  const hovers = matchMedia("(hover: hover)").matches;
  const place = (box, around) => {
    const at = around.getBoundingClientRect(), size = box.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), innerWidth - size.width - 8);
    const below = at.bottom + 6 + size.height < innerHeight;
    const top = below ? at.bottom + 6 : Math.max(8, at.top - size.height - 6);
    Object.assign(box.style, { position: "fixed", positionArea: "none", inset: "auto", margin: "0", left: `${left}px`, top: `${top}px` });
  };

  // Definitions: the popover opens by itself on tap and Enter; here it is put beside its word, and opens on hover.
  for (const word of document.querySelectorAll(".what")) {
    const box = document.getElementById(word.getAttribute("popovertarget"));
    if (!box || !box.showPopover) continue;
    let soon;
    word.removeAttribute("title");
    word.addEventListener("click", () => requestAnimationFrame(() => box.matches(":popover-open") && place(box, word)));
    if (!hovers) continue;
    word.addEventListener("pointerenter", () => { soon = setTimeout(() => { if (!box.matches(":popover-open")) box.showPopover(); place(box, word) }, 150) });
    word.addEventListener("pointerleave", () => { clearTimeout(soon); if (box.matches(":popover-open")) box.hidePopover() });
  }

  // Figures of a chart: what the browser would show as a slow title, at once and on tap.
  const tip = Object.assign(document.createElement("div"), { className: "tip", hidden: true });
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  for (const column of document.querySelectorAll(".plot .hit")) {
    const title = column.querySelector("title");
    if (!title) continue;
    const text = title.textContent;
    title.remove();
    const show = () => { tip.textContent = text; tip.hidden = false; place(tip, column) };
    column.addEventListener("pointerenter", show);
    column.addEventListener("pointerdown", show);
    column.addEventListener("pointerleave", () => { tip.hidden = true });
  }
  addEventListener("scroll", () => { tip.hidden = true }, { passive: true });

  // Where one is.
  const links = new Map([...document.querySelectorAll(".rail a")].map(a => [a.hash.slice(1), a]));
  const seen = new IntersectionObserver(entries => {
    for (const entry of entries) if (entry.isIntersecting) {
      for (const a of links.values()) a.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const id of links.keys()) { const section = document.getElementById(id); if (section) seen.observe(section) }
  const rail = document.querySelector(".rail details");
  if (rail && innerWidth <= 1000) rail.open = false;
})();
