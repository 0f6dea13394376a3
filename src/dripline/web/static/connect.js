// Connecting a sender: the account is asked about as it is written, and what is refused keeps what was written, for a
// secret is in no page that comes back.
const form = document.querySelector("[data-connect]");
const told = document.getElementById("checks");
const checking = document.getElementById("checking");
let waits = 0;
let asked = 0;

const needed = () => [...form.querySelectorAll("[required]")].filter((one) => one.dataset.asked !== "no");
const isWritten = () => needed().every((one) => one.value.trim());

async function post(address, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  return fetch(address, { method: "POST", body, headers: { "x-live": "1" } });
}
async function take(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const newer = page.getElementById("checks");
  if (newer) told.replaceChildren(...newer.childNodes);
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const wrong of page.querySelectorAll("[aria-invalid]")) document.getElementById(wrong.id)?.setAttribute("aria-invalid", "true");
}
async function check() {
  const mine = ++asked;
  checking.hidden = false;
  try {
    const answer = await post(form.dataset.connect);
    if (mine === asked) await take(answer);
  } catch { /* the server is away: the next letter asks again */ } finally { if (mine === asked) checking.hidden = true; }
}
form.addEventListener("input", (event) => {
  if (event.target.dataset.asked === "no") return;
  clearTimeout(waits);
  if (isWritten()) waits = setTimeout(check, 800);
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(waits);
  asked += 1;
  checking.hidden = false;
  const button = event.submitter;
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await post(button.formAction || form.action, button);
    if (answer.redirected) { location.assign(answer.url); return; }
    await take(answer);
    told.scrollIntoView({ block: "nearest" });
  } catch { form.submit(); } finally { button.removeAttribute("aria-busy"); checking.hidden = true; }
});
