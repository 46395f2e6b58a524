"use strict";
// What the pages do beyond HTML and htmx. Each of them works without it.

function localTimes(root) {
  for (const one of root.querySelectorAll("time[datetime]")) {
    const at = new Date(one.dateTime);
    if (!Number.isNaN(at.getTime()) && !one.title) {
      one.title = one.textContent;
      one.textContent = at.toLocaleString();
    }
  }
}

function copyButtons() {
  if (!navigator.clipboard) {
    return;
  }
  for (const one of document.querySelectorAll("button[data-copy]")) {
    one.hidden = false;
    one.addEventListener("click", async () => {
      await navigator.clipboard.writeText(one.dataset.copy);
      one.textContent = "Copied";
    });
  }
}

document.addEventListener("DOMContentLoaded", () => {
  localTimes(document);
  copyButtons();
});
document.addEventListener("htmx:afterSwap", (event) => localTimes(event.target));
document.addEventListener("htmx:sseClose", () => {
  for (const one of document.querySelectorAll("[data-ended]")) {
    one.hidden = false;
  }
});
