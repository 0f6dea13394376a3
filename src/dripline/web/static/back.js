// Back to where what was typed still stands: the page before, as the browser keeps it. Without a script it is opened anew.
for (const link of document.querySelectorAll('[data-act="back"]')) {
  link.addEventListener("click", (event) => { if (history.length > 1) { event.preventDefault(); history.back(); } });
}
