"use strict";
(() => {
  const rank = { watch: 1, warning: 2, critical: 3 };
  const form = document.querySelector("form");
  const list = document.getElementById("list");
  const cards = [...list.querySelectorAll("details.alert")];
  const bars = new Map([...document.querySelectorAll(".bar")].map((bar) => [bar.dataset.id, bar]));
  const lanes = [...document.querySelectorAll(".lane[data-key]")];
  const weeks = [...document.querySelectorAll("g.week")];
  const scale = Number(document.getElementById("weeks").dataset.scale);
  const height = Number(document.getElementById("weeks").dataset.height);
  const first = Date.parse(document.getElementById("weeks").dataset.first);
  let ordered = "opened";
  const count = document.getElementById("count");

  const passes = (card, wanted) =>
    rank[card.dataset.level] >= rank[wanted.level] &&
    (!wanted.signal || card.dataset.signal === wanted.signal) &&
    (!wanted.from || card.dataset.opened.slice(0, 10) >= wanted.from) &&
    (!wanted.to || card.dataset.opened.slice(0, 10) <= wanted.to) &&
    (!wanted.text || card.dataset.text.includes(wanted.text));

  function drawWeeks(shown) {
    const counts = weeks.map(() => ({ watch: 0, warning: 0, critical: 0 }));
    for (const card of shown) {
      const place = Math.floor((Date.parse(card.dataset.opened) - first) / 6048e5);
      counts[Math.min(Math.max(place, 0), weeks.length - 1)][card.dataset.level] += 1;
    }
    weeks.forEach((week, place) => {
      let bottom = height;
      for (const rect of week.querySelectorAll("rect")) {
        const tall = (counts[place][rect.dataset.level] / scale) * height;
        bottom -= tall;
        rect.setAttribute("y", bottom);
        rect.setAttribute("height", tall);
      }
      const said = Object.entries(counts[place]).map(([level, number]) => `${number} ${level}`).join(", ");
      week.querySelector("title").textContent = `week of ${week.dataset.week}: ${said}`;
    });
  }

  function filter() {
    const wanted = Object.fromEntries(new FormData(form));
    wanted.text = wanted.text.trim().toLowerCase();
    const shown = [];
    for (const card of cards) {
      const good = passes(card, wanted);
      card.hidden = !good;
      bars.get(card.id).hidden = !good;
      if (good) shown.push(card);
    }
    for (const lane of lanes) lane.hidden = !lane.querySelector(".bar:not([hidden])");
    drawWeeks(shown);
    const order = {
      opened: (a, b) => a.dataset.number - b.dataset.number,
      latest: (a, b) => b.dataset.number - a.dataset.number,
      gravest: (a, b) => rank[b.dataset.level] - rank[a.dataset.level] || b.dataset.peak - a.dataset.peak,
    }[wanted.order];
    if (wanted.order !== ordered) list.append(...[...cards].sort(order));
    ordered = wanted.order;
    count.textContent = `${shown.length} of ${cards.length} alerts shown`;
  }

  function open() {
    const card = location.hash && document.getElementById(location.hash.slice(1));
    if (!card || !card.matches("details.alert")) return;
    if (card.hidden) { form.reset(); form.elements.level.value = "watch"; filter(); }
    card.open = true;
    card.scrollIntoView();
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  document.getElementById("all").addEventListener("click", () => {
    const shown = cards.filter((card) => !card.hidden);
    const opening = shown.some((card) => !card.open);
    for (const card of shown) card.open = opening;
  });
  addEventListener("hashchange", open);
  for (const part of document.querySelectorAll(".controls")) part.hidden = false;
  filter();
  open();
})();
