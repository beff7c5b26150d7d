// Keeps every element with `data-live` fresh: fetches its HTML fragment again while that says
// `data-running`, and stops when it no longer does. Pages work without it (they reload themselves).
for (const place of document.querySelectorAll("[data-live]")) {
  let wait = 1000;
  const look = async () => {
    if (document.hidden) return void setTimeout(look, wait);
    try {
      const answer = await fetch(place.dataset.live, { headers: { accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (text !== place.dataset.last) {
        place.dataset.last = text;
        const parsed = new DOMParser().parseFromString(text, "text/html");
        place.replaceChildren(...parsed.body.childNodes);
      }
      wait = 1000;
    } catch {
      wait = Math.min(wait * 2, 30000);
    }
    if (place.querySelector("[data-running]")) setTimeout(look, wait);
    else place.setAttribute("aria-busy", "false");
  };
  if (place.querySelector("[data-running]")) setTimeout(look, wait);
}
