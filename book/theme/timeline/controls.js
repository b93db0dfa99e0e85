// The bar below the drawing: buttons, a slider, the speed, and the keys that do the same.
(() => {
  "use strict";

  // How long a step is shown while playing at speed 1, in milliseconds.
  const PACE = 900;

  // Drawn, because the characters for them are missing in many fonts.
  const ICONS = {
    first: "M2 2h2v12H2zM14 2v12L5 8z",
    previous: "M10 2L4 8l6 6 1.5-1.5L7 8l4.5-4.5z",
    play: "M4 2v12l9-6z",
    pause: "M3 2h4v12H3zM9 2h4v12H9z",
    next: "M6 2l6 6-6 6-1.5-1.5L9 8 4.5 3.5z",
    last: "M2 2v12l9-6zM12 2h2v12h-2z",
  };

  // Gives a button its icon and its name.
  function dress(button, name) {
    button.innerHTML = `<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d="${ICONS[name]}" fill="currentColor"/></svg>`;
    button.title = timeline.words[name];
    button.setAttribute("aria-label", timeline.words[name]);
  }

  // Moves a position between 0 and count - 1, and calls show(position, playing) with each one.
  function controls(count, sentence, show) {
    let position = 0;
    let timer = 0;

    function go(to) {
      position = Math.max(0, Math.min(count - 1, to));
      slider.value = position;
      slider.setAttribute("aria-valuetext", `${position + 1} / ${count}: ${sentence(position)}`);
      counter.textContent = `${position + 1} / ${count}`;
      show(position, timer !== 0);
    }
    function pause() {
      if (!timer) return;
      clearInterval(timer);
      timer = 0;
      dress(play, "play");
      // Said now, since what played by was not.
      show(position, false);
    }
    function resume() {
      dress(play, "pause");
      timer = setInterval(() => {
        if (position < count - 1) go(position + 1);
        else pause();
      }, PACE / speed.value);
    }
    function toggle() {
      if (timer) return pause();
      if (position === count - 1) go(0);
      resume();
    }
    function jump(to) {
      pause();
      go(to);
    }

    const bar = document.createElement("div");
    bar.className = "timeline-bar";
    function button(name, action) {
      const button = document.createElement("button");
      button.type = "button";
      dress(button, name);
      button.addEventListener("click", action);
      bar.append(button);
      return button;
    }
    button("first", () => jump(0));
    button("previous", () => jump(position - 1));
    const play = button("play", toggle);
    play.className = "timeline-play";
    button("next", () => jump(position + 1));
    button("last", () => jump(count - 1));

    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", min: 0, max: count - 1, step: 1, value: 0 });
    slider.setAttribute("aria-label", timeline.words.step);
    slider.addEventListener("input", () => jump(Number(slider.value)));
    // mdBook takes a quick swipe to the right for its sidebar.
    slider.addEventListener("touchstart", (event) => event.stopPropagation(), { passive: true });
    const counter = document.createElement("span");
    counter.className = "timeline-counter";
    const speed = document.createElement("select");
    speed.title = timeline.words.speed;
    speed.setAttribute("aria-label", timeline.words.speed);
    for (const value of ["0.5", "1", "2", "4"]) {
      speed.add(new Option(`${value}×`, value, value === "1", value === "1"));
    }
    speed.addEventListener("change", () => {
      if (!timer) return;
      pause();
      resume();
    });
    bar.append(slider, counter, speed);

    const keys = {
      ArrowRight: () => jump(position + 1),
      ArrowLeft: () => jump(position - 1),
      Home: () => jump(0),
      End: () => jump(count - 1),
      " ": toggle,
    };
    // mdBook turns pages on arrow keys: what is meant for us must not reach it.
    function onKey(event) {
      const modified = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
      const action = modified ? undefined : keys[event.key];
      if (!action) return;
      event.stopPropagation();
      const isSpace = event.key === " ";
      // Arrows choose a speed, and space presses a button: that stays as it is everywhere.
      if (event.target === speed || (isSpace && event.target.matches("button, summary, a"))) return;
      event.preventDefault();
      // A key that is held down would start and stop it all the time.
      if (!(isSpace && event.repeat)) action();
    }

    return { bar, slider, jump, onKey };
  }

  window.timeline = { ...window.timeline, controls };
})();
