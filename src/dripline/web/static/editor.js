// The editor while somebody writes: the form is posted as it stands, and what stands beside its fields is taken over.
// Without it the Preview button does the same.

const PAUSE = 400;
const form = document.getElementById("editor");
let timer;
let asked = 0;
let isUnsaved = form.dataset.unsaved !== undefined;

async function look() {
  const turn = ++asked;
  const written = new URLSearchParams(new FormData(form));
  written.set("do", "look");
  try {
    const answer = await fetch(form.dataset.write, { method: "POST", body: written });
    if (!answer.ok || answer.redirected || turn !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const newer of page.body.children) take(newer);
  } catch { /* the server is away: the next change asks again */ }
}

function take(newer) {
  const part = document.getElementById(newer.id);
  // Nothing is taken from under a hand.
  if (!part || part.contains(document.activeElement) || part.innerHTML === newer.innerHTML) return;
  part.replaceChildren(...newer.childNodes);
}

form.addEventListener("input", () => {
  isUnsaved = true;
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
});
form.addEventListener("submit", () => { isUnsaved = false; });
addEventListener("beforeunload", (event) => { if (isUnsaved) event.preventDefault(); });
