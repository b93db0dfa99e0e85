// Reloads this page when the book was rebuilt: asks once, and the answer comes when there is news.
(() => {
  const generation = "GENERATION";
  const pause = () => new Promise((resume) => setTimeout(resume, 500));
  let request;
  let running = false;

  async function watch() {
    if (running) return;
    running = true;
    while (!document.hidden) {
      request = new AbortController();
      try {
        const answer = await fetch("/__reload/" + generation, { signal: request.signal });
        if (!answer.ok) await pause();
        else if ((await answer.text()) !== generation) return location.reload();
      } catch {
        // The server is being restarted, or the tab was hidden.
        await pause();
      }
    }
    running = false;
  }

  // A browser opens six connections to a server at most: hidden tabs must not hold them.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) request?.abort();
    else watch();
  });
  watch();
})();
