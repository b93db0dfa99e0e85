// What the player says besides the sentences of the steps.
(() => {
  "use strict";

  const words = {
    first: "First step",
    previous: "Previous step",
    play: "Play",
    pause: "Pause",
    next: "Next step",
    last: "Last step",
    step: "Step",
    speed: "Speed",
    all: "All steps as text",
    // The states of a lane, as the legend names them.
    running: "running",
    asleep: "asleep: off the processor",
    idle: "connected",
    queued: "in the run queue",
    waiting: "waiting",
    // What else is drawn.
    dot: "a step",
    arrow: "from cause to effect",
  };

  window.timeline = { ...window.timeline, words };
})();
