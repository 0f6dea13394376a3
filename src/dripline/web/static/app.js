// What the pages do beside being read: live patches, keys, the theme, questions before what cannot be taken back.
// Without it every list, filter and form still works.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// The theme: the system's, until another is chosen. Several buttons may do one thing: in the account's menu and in More.
const themes = ["", "light", "dark"];
const buttons = (act) => $$(`[data-act="${act}"]`);
const say = (button, told) => { button.lastChild.textContent = ` ${told}`; };
function showTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  buttons("theme").forEach((button) => say(button, `Theme: ${theme || "as the system"}`));
}
function nextTheme() {
  const theme = themes[(themes.indexOf(localStorage.getItem("theme") || "") + 1) % themes.length];
  localStorage.setItem("theme", theme);
  showTheme(theme);
}
buttons("theme").forEach((button) => button.addEventListener("click", nextTheme));
showTheme(localStorage.getItem("theme") || "");

// Live: one stream for all tabs, held by a shared worker; a tab fetches its own page anew when something has changed,
// at most once a second and only while it is looked at, and takes over the parts that are marked data-live.
const liveButton = buttons("live")[0];
const fresh = { wanted: false, running: false, last: 0 };
let isLeaving = false;
let isLive = sessionStorage.getItem("live") !== "off";

function showLive() {
  buttons("live").forEach((button) => {
    button.setAttribute("aria-pressed", String(isLive));
    say(button, isLive ? "Live updates: on" : "Live updates: off");
  });
}
function toggleLive() {
  isLive = !isLive;
  sessionStorage.setItem("live", isLive ? "on" : "off");
  showLive();
  if (isLive) changed();
}
function changed() {
  fresh.wanted = true;
  if (!isLive || document.hidden || fresh.running) return;
  fresh.running = true;
  setTimeout(refresh, Math.max(0, fresh.last + 1000 - Date.now()));
}
async function refresh() {
  fresh.wanted = false;
  fresh.last = Date.now();
  try {
    if (isLeaving) return;
    const answer = await fetch(location.href, { headers: { "x-live": "1" } });
    if (answer.ok && !answer.redirected) patch(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch { /* the server is away: the stream tells when it is back */ } finally { fresh.running = false; }
  if (fresh.wanted) changed();
}
function patch(page) {
  for (const part of $$("[data-live]")) {
    const newer = page.getElementById(part.id);
    // Nothing is taken from under a hand: not what has the focus, nor an open menu or dialog, nor a choice of rows.
    const isBusy = part.contains(document.activeElement) && document.activeElement !== document.body
      || $("dialog[open], :popover-open, input:checked", part);
    if (!newer || isBusy || newer.innerHTML === part.dataset.was) continue;
    part.dataset.was = newer.innerHTML;
    const open = $$("details[open]", part).map((one) => $$("details", part).indexOf(one));
    part.replaceChildren(...newer.childNodes);
    open.forEach((index) => $$("details", part)[index]?.setAttribute("open", ""));
    prepare(part);
  }
  document.dispatchEvent(new CustomEvent("patched"));
}
// What a form has sent may end the page it stood on: it is not asked for again.
addEventListener("submit", (event) => { isLeaving = !event.defaultPrevented; });
addEventListener("pageshow", () => { isLeaving = false; });
if (liveButton) {
  liveButton.addEventListener("click", toggleLive);
  showLive();
  document.addEventListener("visibilitychange", () => { if (!document.hidden && fresh.wanted) changed(); });
  if (window.SharedWorker) {
    const worker = new SharedWorker("/static/stream.js", "dripline");
    worker.port.onmessage = (message) => { if (message.data === "over") location.reload(); else changed(); };
    worker.port.start();
    addEventListener("pagehide", () => worker.port.postMessage("gone"));
  } else {
    setInterval(() => { if (!document.hidden) changed(); }, 5000);
  }
}

// Times: exact ones under the pointer, in the reader's own zone; on a lead's page by the lead's clock, as its text is.
function prepare(root) {
  for (const time of $$("time[datetime]", root)) {
    const at = new Date(time.dateTime);
    const timeZone = time.closest("[data-zone]")?.dataset.zone;
    time.title = at.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long", timeZone });
  }
}
prepare(document);

// What cannot be taken back asks first.
document.addEventListener("submit", (event) => {
  const told = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (!told || event.target.dataset.sure) return;
  event.preventDefault();
  ask(told).then((sure) => {
    if (!sure) return;
    event.target.dataset.sure = "1";
    event.target.requestSubmit(event.submitter);
  });
});
function ask(told) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const text = document.createElement("p");
  text.textContent = told;
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "row";
  const no = document.createElement("button");
  no.textContent = "No";
  no.value = "no";
  no.className = "button";
  no.autofocus = true;
  const yes = document.createElement("button");
  yes.textContent = "Yes";
  yes.value = "yes";
  yes.className = "button danger";
  form.append(no, yes);
  dialog.append(text, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => {
    dialog.remove();
    done(dialog.returnValue === "yes");
  }));
}

// Toasts: gone after eight seconds, held while they are read or have the focus.
for (const toast of $$("[data-toast]")) {
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
  if (!toast.classList.contains("bad")) setTimeout(leave, 8000);
  $("[data-dismiss]", toast)?.addEventListener("click", () => toast.remove());
}

// What is to be copied elsewhere; where the browser gives no clipboard away, it is chosen, for the keys that copy.
for (const button of $$("[data-copy]")) {
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      $("[data-told]", button).textContent = "Copied";
    } catch { field.focus(); }
  });
}

// Drawers: with a script they are modal, and Esc leads back to their list.
for (const drawer of $$("dialog[data-drawer]")) {
  drawer.close();
  drawer.showModal();
  drawer.addEventListener("cancel", (event) => { event.preventDefault(); location.assign(drawer.dataset.drawer); });
  drawer.addEventListener("click", (event) => { if (event.target === drawer) location.assign(drawer.dataset.drawer); });
}

// A row of filters goes by itself once something else is chosen; dates are asked for before.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form && (event.target.type !== "date" || event.target.value)) form.requestSubmit();
});

// Rows: the box in the head checks all; the bar of a table says how many are.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.type !== "checkbox" || !box.closest("form[data-rows]")) return;
  const form = box.closest("form[data-rows]");
  if (box.dataset.all !== undefined) $$("tbody input[type=checkbox]", form).forEach((one) => { one.checked = box.checked; });
  const many = $$("tbody input[type=checkbox]:checked", form).length;
  const told = $("[data-chosen]", form);
  if (told) told.textContent = many ? `${many} chosen` : "";
});

// A row opens where it is clicked; its name is the link.
document.addEventListener("click", (event) => {
  const row = event.target.closest(".table tbody tr");
  if (!row || event.target.closest("a, button, input, label, select, details") || String(getSelection())) return;
  $(".name a", row)?.click();
});

// What is chosen is in sight: a conversation opens at its end, a line that scrolls at its chosen one.
for (const thread of $$(".pane .thread, .phone .thread")) thread.scrollTop = thread.scrollHeight;
for (const one of $$(".rail [aria-current], .chips-scroll [aria-current]")) one.parentElement.scrollLeft = one.offsetLeft - 48;

// Keys: never while somebody writes, but that Ctrl and Enter send what was written.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("textarea")) return;
  event.target.form?.requestSubmit();
});
function step(by) {
  const rows = $$(".table .name a, .list.links a, a.chat");
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? 0 : at + by]?.focus();
}
function tick() {
  $("input[type=checkbox]", document.activeElement.closest("tr") ?? document.createElement("i"))?.click();
}
const sheet = $("#keys");
buttons("keys").forEach((button) => button.addEventListener("click", () => sheet.showModal()));
let waitsForPlace = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  if (waitsForPlace) {
    waitsForPlace = false;
    const place = $(`.nav a[data-key="${CSS.escape(event.key)}"]`);
    if (place) place.click();
    return;
  }
  if (event.key === "/" && $("#find")) { event.preventDefault(); $("#find").focus(); }
  else if (event.key === "g") waitsForPlace = true;
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "x") tick();
  else if (event.key === "r") toggleLive();
  else if (event.key === "t") nextTheme();
  else if (event.key === "?" && sheet) sheet.showModal();
});
