// Makes every figure of recorded steps in the page one that can be played.
//
// The page brings <figure class="timeline"> with a list of sentences, which is all there is without
// a script, and the data of the drawing as JSON beside it. So it works from file://.
(() => {
  "use strict";

  function mount(figure) {
    const { lanes, steps } = JSON.parse(figure.querySelector("script").textContent);
    const caption = figure.querySelector("figcaption");
    const list = figure.querySelector(".timeline-steps");
    const items = [...list.children];

    const drawing = timeline.draw(lanes, steps);
    const speech = captionOfTheStep(items);
    const { bar, slider, jump, onKey } = timeline.controls(
      steps.length,
      (step) => items[step].querySelector("span").textContent,
      (step, playing) => {
        drawing.show(step);
        // Nor what the slider itself has said.
        speech.say(step, playing || document.activeElement === slider);
        if (figure.dataset.step !== String(step)) figure.dataset.step = step;
      },
    );
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", caption.textContent);
    drawing.svg.addEventListener("click", (event) => {
      jump(drawing.stepAt(event.clientX));
      // So that the arrow keys go on from here: without a focus in the figure they turn the page.
      slider.focus({ preventScroll: true });
    });
    // A click anywhere in it gives it the focus, and the arrow keys to it.
    figure.tabIndex = -1;
    figure.addEventListener("keydown", onKey);

    const scroll = element("div", "timeline-scroll", drawing.svg);
    // What it shows is in the list, so nobody need stop here on the way through the page.
    scroll.tabIndex = -1;
    const lanesBox = element("div", "timeline-lanes", drawing.names, scroll);
    caption.after(lanesBox, bar, speech.node, legend(steps));
    foldAway(list);
    jump(0);
    followLinks(figure, items, jump);
    figure.classList.add("timeline-ready");
  }

  // A link to a step in the list, which is folded away, shows it in the drawing.
  function followLinks(figure, items, jump) {
    const steps = new Map(items.map((item, step) => [item.id && `#${item.id}`, step]));
    // The browser would open the list and go there.
    for (const item of items) item.removeAttribute("id");
    function follow(hash) {
      if (!hash || !steps.has(hash)) return;
      jump(steps.get(hash));
      // The arrow keys continue from there.
      figure.focus({ preventScroll: true });
      figure.scrollIntoView({ block: "nearest" });
    }
    // A click and no change of the address: a second click on one link is none.
    document.addEventListener("click", (event) => follow(event.target.closest?.("a")?.hash));
    follow(location.hash);
  }

  // The sentence of the step, and where in the code it comes from. The elements stay, and their text
  // changes: a link that has the focus must keep it.
  function captionOfTheStep(items) {
    const sentence = element("span", "");
    const source = element("a", "timeline-source");
    const node = element("p", "timeline-say", sentence, " ", source);
    function say(step, silently) {
      // Whoever listens to the page hears each step they go to, and not those that play by.
      sentence.setAttribute("aria-live", silently ? "off" : "polite");
      sentence.textContent = items[step].querySelector("span").textContent;
      const from = items[step].querySelector(".timeline-source");
      source.textContent = from?.textContent ?? "";
      source.title = from?.title ?? "";
      if (from?.href) source.href = from.href;
      else {
        // A link that leads nowhere cannot keep the focus.
        if (document.activeElement === source) node.parentElement.focus({ preventScroll: true });
        source.removeAttribute("href");
      }
    }
    return { node, say };
  }

  function element(tag, className, ...children) {
    const node = document.createElement(tag);
    node.className = className;
    node.append(...children);
    return node;
  }

  // The key to the drawing: the states of lanes, then dots and arrows.
  function legend(steps) {
    const entry = (key, name) => element("span", "", key, name);
    const used = new Set(steps.map((step) => step.state));
    used.delete("gone");
    const states = [...used].map((state) =>
      entry(element("i", `timeline-key timeline-key-${state}`), timeline.words[state] ?? state),
    );
    const marks = [entry(timeline.mark("dot"), timeline.words.dot)];
    if (steps.some(({ from }) => from !== undefined)) {
      marks.push(entry(timeline.mark("arrow"), timeline.words.arrow));
    }
    return element("div", "timeline-legend", ...states, ...marks);
  }

  // The list stays in the page, for who would rather read it; on paper it is open.
  function foldAway(list) {
    const details = element("details", "", element("summary", "", timeline.words.all));
    list.replaceWith(details);
    details.append(list);
    let wasOpen = false;
    window.addEventListener("beforeprint", () => {
      wasOpen = details.open;
      details.open = true;
    });
    window.addEventListener("afterprint", () => {
      details.open = wasOpen;
    });
  }

  for (const figure of document.querySelectorAll("figure.timeline")) {
    try {
      mount(figure);
    } catch (error) {
      // One bad figure is no reason to leave the others without a player: it stays a list.
      console.error("a timeline cannot be played:", error);
    }
  }
})();
