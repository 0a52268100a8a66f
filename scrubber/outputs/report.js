"use strict";
// Filters, sorts, opens and prints the claims of the page, and keeps ticks and notes. Without it the page shows all
// claims, the worst first.
(() => {
  // What a link leads to is opened: the meaning of a code, or a claim.
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const closed = target?.closest("details");
    if (!closed) return;
    closed.open = true;
    target.scrollIntoView();
    (target.hasAttribute("tabindex") ? target : closed.querySelector("summary")).focus({ preventScroll: true });
  }

  // Some browsers cannot open what is closed by style sheet; open it for printing.
  if (!CSS.supports("selector(::details-content)")) {
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("details:not([open])")];
      for (const details of closed) details.open = true;
    });
    addEventListener("afterprint", () => closed.forEach((details) => (details.open = false)));
  }

  const list = document.getElementById("claims");
  if (!list) {
    addEventListener("hashchange", reveal);
    reveal();
    return;
  }

  const filters = document.getElementById("filters");
  const sorting = document.getElementById("sorting");
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const unkept = document.getElementById("unkept");
  const compareText = new Intl.Collator("en", { numeric: true }).compare;
  const LONGEST = 2000; // characters of a note
  const MOST_BYTES = 64 << 20; // of a file of ticks and notes
  const dispositions = ["clean", "flagged", "rejected"];

  // A row has a status, number, claim id, payer, dates, charge and codes, in this order.
  const rows = Array.from(list.children, (item, index) => {
    const data = item.dataset;
    const details = item.firstElementChild;
    const [file, order] = details.lastElementChild.id.match(/\d+/g);
    const faults = data.faults.split(" ").map((fault) => fault.split(":"));
    return {
      item,
      details,
      index,
      file,
      faults,
      payer: data.payer,
      provider: data.provider,
      claim: details.firstElementChild.children[2].textContent,
      date: data.date,
      order: Number(order),
      charge: data.charge === "" ? -Infinity : Number(data.charge),
      rank: dispositions.indexOf(item.className),
      findings: faults.reduce((sum, [, severity, count = 1]) => sum + (severity === "unchecked" ? 0 : Number(count)), 0),
      visible: true,
    };
  });
  const rowOf = new Map(rows.map((row) => [row.item, row]));

  // Ticks and notes. Each file has its own, under its SHA-256, in this browser and nowhere else.

  const files = list.dataset.files.split(" ").map((sha256) => `scrubber:${sha256}`);
  const kept = files.map((key) => {
    try {
      const found = JSON.parse(localStorage.getItem(key) ?? "{}");
      return found && typeof found === "object" ? found : {};
    } catch {
      return {};
    }
  });
  const workOn = (row) => kept[row.file - 1][row.order] ?? {};

  function keep(row, change) {
    set(row, change);
    store(row.file - 1);
    say();
  }

  function set(row, change) {
    const of = kept[row.file - 1];
    const work = { ...of[row.order], ...change };
    if (!work.done) delete work.done;
    if (!work.note) delete work.note;
    if (work.done || work.note) of[row.order] = work;
    else delete of[row.order];
    mark(row);
  }

  function store(file) {
    try {
      if (Object.keys(kept[file]).length) localStorage.setItem(files[file], JSON.stringify(kept[file]));
      else localStorage.removeItem(files[file]);
    } catch {
      unkept.hidden = false;
    }
  }

  function mark(row) {
    const { done, note } = workOn(row);
    row.tick.checked = Boolean(done);
    row.item.classList.toggle("done", Boolean(done));
    row.item.classList.toggle("noted", Boolean(note));
  }

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  for (const row of rows) {
    row.tick = element("input", { type: "checkbox", ariaLabel: `Done: claim ${row.claim}`, title: "Done" });
    row.item.prepend(element("label", { className: "tick" }, row.tick));
    mark(row);
  }
  list.addEventListener("change", (event) => {
    const row = rowOf.get(event.target.closest("[role=listitem]"));
    if (event.target === row?.tick) keep(row, { done: row.tick.checked });
  });

  // The note of a claim is made when the claim is first opened.
  list.addEventListener(
    "toggle",
    (event) => {
      const row = rowOf.get(event.target.parentElement);
      if (!row || !event.target.open || row.note) return;
      row.note = element("textarea", { rows: 2, maxLength: LONGEST, value: workOn(row).note ?? "" });
      row.note.addEventListener("input", () => keep(row, { note: row.note.value }));
      const print = element("button", { type: "button", textContent: "Print this claim" });
      print.addEventListener("click", () => printOne(row));
      const label = element("label", {}, element("span", { textContent: "Your note, kept in this browser" }), row.note);
      row.details.lastElementChild.append(element("div", { className: "note" }, label, print));
    },
    true,
  );

  // Loads ticks and notes that were saved as JSON. An entry belongs to a claim by the hash of its file, its number there
  // and its id. What is kept here stays: a tick is not taken away, and a note gets the loaded one as further lines.
  async function load(file) {
    let saved = null;
    try {
      if (file.size <= MOST_BYTES) saved = JSON.parse(await file.text());
    } catch {
      // no JSON: said below
    }
    if (!Array.isArray(saved)) return tell("This is no file of ticks and notes that this page has saved as JSON.");
    const byPlace = new Map(rows.map((row) => [`${files[row.file - 1]} ${row.order}`, row]));
    let loaded = 0;
    let strange = 0;
    for (const one of saved) {
      const row = byPlace.get(`scrubber:${one?.file_sha256} ${one?.claim}`);
      const note = typeof one?.note === "string" ? one.note.trim() : "";
      const done = one?.done === true;
      if (!row || row.claim !== one.claim_id) strange += 1;
      else if (done || note) {
        const { done: before, note: own = "" } = workOn(row);
        const joined = own.includes(note) ? own : own ? `${own}\n${note}` : note;
        set(row, { done: done || before, note: joined.slice(0, LONGEST) });
        if (row.note) row.note.value = workOn(row).note ?? "";
        loaded += 1;
      }
    }
    files.forEach((_, index) => store(index));
    filter();
    const others = strange ? ` ${plural(strange, "entry", "entries")} left out: of other files or claims.` : "";
    tell(`Ticks and notes of ${plural(loaded, "claim")} loaded.${others}`);
  }

  function tell(text) {
    const told = document.getElementById("loaded");
    told.textContent = text;
    told.hidden = false;
  }

  function printOne(row) {
    document.body.classList.add("one");
    row.item.classList.add("printed");
    print();
    row.item.classList.remove("printed");
    document.body.classList.remove("one");
  }

  // All claims that are shown, with their ticks and notes.
  function work() {
    return rows
      .filter((row) => row.visible)
      .map((row) => ({
        file_sha256: files[row.file - 1].slice("scrubber:".length),
        claim: row.order,
        claim_id: row.claim,
        disposition: dispositions[row.rank],
        charge: row.item.dataset.charge,
        codes: [...new Set(row.faults.map(([code]) => code))].join(" "),
        done: Boolean(workOn(row).done),
        note: workOn(row).note ?? "",
      }));
  }

  // A cell that no spreadsheet runs as a formula or changes into a number.
  function cell(value) {
    const text = String(value);
    const harmless = /^\s*[=+\-@]/.test(text) || (/^[\d\s.,:/()$%+-]+$/.test(text) && /^0\d|\d{12}|[^\d.]/.test(text));
    return `"${(harmless ? `'${text}` : text).replaceAll('"', '""')}"`;
  }

  function asCsv(found) {
    const names = ["file_sha256", "claim", "claim_id", "disposition", "charge", "codes", "done", "note"];
    const lines = found.map((one) => names.map((name) => cell(one[name])).join(","));
    return `\ufeff${[names.join(","), ...lines].join("\r\n")}\r\n`;
  }

  function save(name, type, text) {
    const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // Filters

  // The words of a claim, gathered when they are first searched.
  const words = (row) => (row.words ??= row.details.textContent.toLowerCase());

  const plural = (count, name, names = `${name}s`) => `${count.toLocaleString("en-US")} ${count === 1 ? name : names}`;

  const works = {
    todo: (row) => !workOn(row).done,
    done: (row) => Boolean(workOn(row).done),
    note: (row) => Boolean(workOn(row).note),
  };

  const chosen = () => Object.fromEntries(new FormData(filters));

  function filter() {
    const wanted = chosen();
    const search = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const fits =
        (!wanted.payer || row.payer === wanted.payer) &&
        (!wanted.provider || row.provider === wanted.provider) &&
        (!wanted.file || row.file === wanted.file) &&
        (!wanted.work || works[wanted.work](row)) &&
        ((!wanted.code && !wanted.severity) ||
          row.faults.some(
            ([code, severity]) =>
              (!wanted.code || code === wanted.code) && (!wanted.severity || severity === wanted.severity),
          )) &&
        search.every((word) => words(row).includes(word) || (workOn(row).note ?? "").toLowerCase().includes(word));
      if (fits !== row.visible) row.item.hidden = !(row.visible = fits);
    }
    say();
    remember();
  }

  function say() {
    const claims = rows.filter((row) => row.visible).length;
    const done = rows.filter((row) => workOn(row).done).length;
    nothing.hidden = claims > 0;
    list.hidden = claims === 0;
    const all = plural(rows.length, "claim");
    const counted = claims === rows.length ? all : `${claims.toLocaleString("en-US")} of ${all}${inWords()}`;
    shown.textContent = done ? `${counted}; ${done.toLocaleString("en-US")} done` : counted;
  }

  // The filters in words, so that a printed page shows what it leaves out.
  function inWords() {
    const texts = [];
    for (const field of filters.elements) {
      if (field.type === "radio" && field.checked && field.value) texts.push(field.nextElementSibling.textContent);
      if (field.tagName === "SELECT" && field.value) texts.push(field.selectedOptions[0].textContent);
      if (field.type === "search" && field.value.trim()) texts.push(`“${field.value.trim()}”`);
    }
    return texts.length ? `: ${texts.join(", ")}` : "";
  }

  // The filters stand in the address, behind "#?", so that a link or a bookmark keeps them.

  let sorted = "";

  function remember() {
    const given = new URLSearchParams(Object.entries(chosen()).filter(([, value]) => value));
    if (sorted) given.set("sort", sorted);
    const hash = given.size ? `#?${given}` : "";
    if (hash === location.hash || (!hash && !location.hash.startsWith("#?"))) return;
    try {
      history.replaceState(null, "", hash || location.pathname + location.search);
    } catch {
      location.replace(hash || "#"); // where a page may not change its address
    }
  }

  function restore() {
    if (!location.hash.startsWith("#?")) return reveal();
    const given = new URLSearchParams(location.hash.slice(2));
    filters.reset();
    for (const [name, value] of given) {
      const field = name === "sort" ? null : filters.elements[name];
      if (!field) continue;
      field.value = value;
      if (field.value !== value) filters.reset(); // the filter is of another report
    }
    const [by, direction] = (given.get("sort") ?? "").split(".");
    const button = sorting.querySelector(`[data-sort="${CSS.escape(by)}"]`);
    if (button && direction in opposite) sort(button, direction);
    filter();
  }

  // Sorting

  const opposite = { ascending: "descending", descending: "ascending" };

  const orders = {
    rank: (a, b) => a.rank - b.rank,
    order: (a, b) => a.file - b.file || a.order - b.order,
    claim: (a, b) => compareText(a.claim, b.claim),
    payer: (a, b) => compareText(a.payer, b.payer),
    date: (a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0),
    charge: (a, b) => (a.charge === b.charge ? 0 : a.charge - b.charge),
    findings: (a, b) => a.findings - b.findings,
  };

  function sort(button, direction) {
    point(button, direction);
    const sign = direction === "ascending" ? 1 : -1;
    const compare = orders[button.dataset.sort];
    const inOrder = rows.toSorted((a, b) => sign * compare(a, b) || a.index - b.index);
    list.replaceChildren(); // remove all at once: one by one takes far longer
    const fragment = document.createDocumentFragment();
    for (const row of inOrder) fragment.append(row.item);
    list.append(fragment);
    sorted = `${button.dataset.sort}.${direction}`;
    if (sorted === "rank.descending") sorted = "";
  }

  function point(button, direction) {
    for (const other of sorting.children) {
      other.setAttribute("aria-pressed", other === button);
      delete other.dataset.direction;
      other.removeAttribute("aria-description");
    }
    button.dataset.direction = direction;
    button.setAttribute("aria-description", direction);
  }

  function open(wanted) {
    for (const row of rows) if (row.visible) row.details.open = wanted;
  }

  let waiting;
  for (const kind of ["input", "change"]) {
    filters.addEventListener(kind, (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, event.target.type === "search" ? 150 : 0);
    });
  }
  filters.addEventListener("reset", () => setTimeout(filter));
  filters.addEventListener("submit", (event) => event.preventDefault());
  sorting.addEventListener("click", ({ target }) => {
    if (!target.dataset.sort) return;
    sort(target, target.dataset.direction ? opposite[target.dataset.direction] : target.dataset.first);
    remember();
  });
  const buttons = {
    "open-all": () => open(true),
    "close-all": () => open(false),
    print: () => print(),
    "save-csv": () => save("claims-worked-on.csv", "text/csv", asCsv(work())),
    load: () => loading.click(),
    "save-json": () => save("claims-worked-on.json", "application/json", `${JSON.stringify(work(), null, 1)}\n`),
  };
  const loading = document.getElementById("load-file");
  loading.addEventListener("change", async () => {
    if (loading.files.length) await load(loading.files[0]);
    loading.value = ""; // the same file can be chosen again
  });
  for (const [id, action] of Object.entries(buttons)) document.getElementById(id).addEventListener("click", action);

  // A bar of a chart links to its claims.
  document.querySelector("main").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-filter]");
    if (!link) return;
    event.preventDefault();
    filters.reset();
    filters.elements[link.dataset.filter].value = link.dataset.value;
    filter();
    const worklist = document.getElementById("worklist");
    worklist.scrollIntoView();
    worklist.focus({ preventScroll: true });
  });

  point(sorting.firstElementChild, "descending");
  for (const id of ["filters", "sorting", "actions"]) document.getElementById(id).hidden = false;
  list.classList.add("ticked");
  addEventListener("hashchange", restore);
  restore();
  filter(); // browsers keep the filters when a page is loaded again
})();
