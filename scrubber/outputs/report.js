"use strict";
// Filters, sorts, opens and prints the claims of the page. Without it the page shows all claims, the worst first.
(() => {
  const list = document.getElementById("claims");
  if (!list) return;

  const filters = document.getElementById("filters");
  const sorting = document.getElementById("sorting");
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const compareText = new Intl.Collator("en", { numeric: true }).compare;

  const rows = Array.from(list.children, (item, index) => {
    const data = item.dataset;
    return {
      item,
      details: item.querySelector("details"),
      index,
      payer: data.payer,
      provider: data.provider,
      file: data.file,
      claim: data.claim,
      date: data.date,
      order: Number(data.order),
      charge: data.charge === "" ? -Infinity : Number(data.charge),
      rank: Number(data.rank),
      findings: Number(data.findings),
      faults: data.faults.trim().split(" ").map((fault) => fault.split(":")),
      visible: true,
    };
  });

  // The words of a claim, gathered when they are first searched.
  const words = (row) => (row.words ??= row.item.textContent.toLowerCase());

  const plural = (count, name) => `${count.toLocaleString("en-US")} ${name}${count === 1 ? "" : "s"}`;

  function filter() {
    const wanted = Object.fromEntries(new FormData(filters));
    const search = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    let claims = 0;
    for (const row of rows) {
      const fits =
        (!wanted.payer || row.payer === wanted.payer) &&
        (!wanted.provider || row.provider === wanted.provider) &&
        (!wanted.file || row.file === wanted.file) &&
        ((!wanted.code && !wanted.severity) ||
          row.faults.some(
            ([code, severity]) =>
              (!wanted.code || code === wanted.code) && (!wanted.severity || severity === wanted.severity),
          )) &&
        search.every((word) => words(row).includes(word));
      if (fits !== row.visible) row.item.hidden = !(row.visible = fits);
      claims += fits;
    }
    nothing.hidden = claims > 0;
    list.hidden = claims === 0;
    shown.textContent =
      claims === rows.length ? plural(claims, "claim") : `${claims.toLocaleString("en-US")} of ${plural(rows.length, "claim")}${chosen()}`;
  }

  // The filters in words, so that a printed page shows what it leaves out.
  function chosen() {
    const texts = [];
    for (const field of filters.elements) {
      if (field.type === "radio" && field.checked && field.value) texts.push(field.nextElementSibling.textContent);
      if (field.tagName === "SELECT" && field.value) texts.push(field.selectedOptions[0].textContent);
      if (field.type === "search" && field.value.trim()) texts.push(`“${field.value.trim()}”`);
    }
    return texts.length ? `: ${texts.join(", ")}` : "";
  }

  const orders = {
    rank: (a, b) => a.rank - b.rank,
    order: (a, b) => a.file - b.file || a.order - b.order,
    claim: (a, b) => compareText(a.claim, b.claim),
    payer: (a, b) => compareText(a.payer, b.payer),
    date: (a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0),
    charge: (a, b) => (a.charge === b.charge ? 0 : a.charge - b.charge),
    findings: (a, b) => a.findings - b.findings,
  };

  function sort(button) {
    const opposite = { ascending: "descending", descending: "ascending" };
    const direction = button.dataset.direction ? opposite[button.dataset.direction] : button.dataset.first;
    mark(button, direction);
    const sign = direction === "ascending" ? 1 : -1;
    const compare = orders[button.dataset.sort];
    const sorted = rows.toSorted((a, b) => sign * compare(a, b) || a.index - b.index);
    list.replaceChildren(); // remove all at once: one by one takes far longer
    const fragment = document.createDocumentFragment();
    for (const row of sorted) fragment.append(row.item);
    list.append(fragment);
  }

  function mark(button, direction) {
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
  sorting.addEventListener("click", (event) => event.target.dataset.sort && sort(event.target));
  document.getElementById("open-all").addEventListener("click", () => open(true));
  document.getElementById("close-all").addEventListener("click", () => open(false));
  document.getElementById("print").addEventListener("click", () => print());

  // A bar of a chart links to its claims.
  document.querySelector("main").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-filter]");
    if (!link) return;
    filters.reset();
    filters.elements[link.dataset.filter].value = link.dataset.value;
    filter();
    document.getElementById("worklist").focus({ preventScroll: true });
  });

  // Some browsers cannot open closed claims by style sheet; open them for printing.
  if (!CSS.supports("selector(::details-content)")) {
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("details:not([open])")];
      for (const details of closed) details.open = true;
    });
    addEventListener("afterprint", () => closed.forEach((details) => (details.open = false)));
  }

  mark(sorting.firstElementChild, "descending");
  filters.hidden = false;
  sorting.hidden = false;
  filter(); // browsers keep the filters when a page is loaded again
})();
