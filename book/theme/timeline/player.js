// Makes every figure of recorded steps in the page one that can be played.
//
// The page brings <figure class="timeline"> with a list of sentences, which is all there is without
// a script, and the data of the drawing as JSON beside it. So it works from file://.
(() => {
  "use strict";

  function mount(figure) {
    const { lanes, steps } = JSON.parse(figure.querySelector("script").textContent);
    const list = figure.querySelector(".timeline-steps");
    const items = [...list.children];
    const sentence = (step) => items[step].querySelector("span").textContent;

    const drawing = timeline.draw(lanes, steps);
    const lanesBox = box("timeline-lanes", drawing.names, box("timeline-scroll", drawing.svg));
    const said = document.createElement("p");
    said.className = "timeline-say";

    const { bar, jump, onKey } = timeline.controls(steps.length, sentence, (step, playing) => {
      drawing.show(step);
      // Whoever listens to the page hears each step they go to, and not those that play by.
      said.setAttribute("aria-live", playing ? "off" : "polite");
      const copies = [...items[step].childNodes].map((node) => node.cloneNode(true));
      said.replaceChildren(...copies);
      figure.dataset.step = step;
    });
    drawing.svg.addEventListener("click", (event) => jump(drawing.stepAt(event.clientX)));
    figure.addEventListener("keydown", onKey);

    figure.querySelector("figcaption").after(lanesBox, bar, said, legend(steps));
    foldAway(list);
    jump(0);
    figure.classList.add("timeline-ready");
  }

  function box(name, ...children) {
    const node = document.createElement("div");
    node.className = name;
    node.append(...children);
    return node;
  }

  function legend(steps) {
    const entries = timeline.statesUsed(steps).map((state) => {
      const entry = document.createElement("span");
      const key = document.createElement("i");
      key.className = `timeline-key timeline-key-${state}`;
      entry.append(key, timeline.words[state] ?? state);
      return entry;
    });
    return box("timeline-legend", ...entries);
  }

  // The list stays in the page, for who would rather read it; on paper it is open.
  function foldAway(list) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = timeline.words.all;
    list.replaceWith(details);
    details.append(summary, list);
    let wasOpen = false;
    window.addEventListener("beforeprint", () => {
      wasOpen = details.open;
      details.open = true;
    });
    window.addEventListener("afterprint", () => {
      details.open = wasOpen;
    });
  }

  document.querySelectorAll("figure.timeline").forEach(mount);
})();
