// Follows what is being done beside the answers: takes over the parts that say how far it is, each until it is over.
// A part that the page has no more was the last word of something else: then the page is opened anew.
const followed = new Set(document.querySelectorAll("[data-progress]"));
async function look() {
  try {
    const answer = await fetch(location.href, { headers: { "x-live": "1" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of followed) {
      const newer = page.getElementById(part.id);
      if (answer.redirected || !newer) { location.reload(); return; }
      part.replaceChildren(...newer.childNodes);
      if (newer.dataset.progress === undefined) followed.delete(part);
    }
  } catch { /* the server is away: the next look tells */ }
  if (followed.size) setTimeout(look, 1000);
}
if (followed.size) setTimeout(look, 1000);
