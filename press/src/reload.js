// Reloads this page when the book was rebuilt.
setInterval(async () => {
  if (document.hidden) return;
  // Without an answer, the server is being restarted.
  const answer = await fetch("/__reload").catch(() => undefined);
  if (answer?.ok && (await answer.text()) !== "GENERATION") location.reload();
}, 500);
