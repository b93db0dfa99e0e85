// What each lane was doing, and when. Knows no document: data in, data out.
(() => {
  "use strict";

  // The stretches of each lane: { state, from, to }, where `from` is the step that began it, and
  // `to` the step that ended it, or the number of steps. A lane that is gone has none.
  function stretches(lanes, steps) {
    const all = lanes.map(() => []);
    steps.forEach(({ lane, state }, index) => {
      const last = all[lane].at(-1);
      if (last?.state === state) return;
      if (last) last.to = index;
      // A lane that is gone may begin again: its absence is remembered here, and left out below.
      all[lane].push({ state, from: index });
    });
    return all.map((lane) =>
      lane
        .map((stretch) => ({ ...stretch, to: stretch.to ?? steps.length }))
        .filter((stretch) => stretch.state !== "gone"),
    );
  }

  // The states that occur, in the order of their first use.
  function statesUsed(steps) {
    return [...new Set(steps.map((step) => step.state))].filter((state) => state !== "gone");
  }

  window.timeline = { ...window.timeline, stretches, statesUsed };
})();
