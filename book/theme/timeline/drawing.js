// The drawing: a lane for each thread or client, time from left to right, one step a column.
(() => {
  "use strict";

  // In pixels. Columns are as wide as lets the whole drawing be seen on a desk, within limits.
  const NARROWEST = 12;
  const WIDEST = 20;
  const WHOLE = 720;
  const ROW = 30;
  const BAR = 16;

  function element(name, attributes, parent) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    parent?.append(node);
    return node;
  }

  // Returns { names, svg, show(step), stepAt(clientX) }. The names stand beside the drawing, so
  // that they stay where they are when it scrolls.
  function draw(lanes, steps) {
    const column = Math.max(NARROWEST, Math.min(WIDEST, WHOLE / steps.length));
    const width = column * steps.length;
    const height = ROW * lanes.length;
    const x = (step) => column * (step + 0.5);
    const y = (lane) => ROW * (lane + 0.5);

    const size = { viewBox: `0 0 ${width} ${height}`, width, height };
    // On paper it gets narrower and keeps its height, so that names stay beside their lanes.
    const squeezed = { preserveAspectRatio: "none", "aria-hidden": "true" };
    const svg = element("svg", { class: "timeline-drawing", ...size, ...squeezed });
    lanes.forEach((_, lane) => {
      const line = { x1: 0, x2: width, y1: y(lane), y2: y(lane) };
      element("line", { class: "timeline-lane", ...line }, svg);
      // A state lasts until the next one.
      const own = steps.map((step, index) => ({ ...step, index })).filter((step) => step.lane === lane);
      const changes = own.filter(({ state }, i) => state !== own[i - 1]?.state);
      changes.forEach(({ state, index }, i) => {
        const end = i + 1 < changes.length ? x(changes[i + 1].index) : width;
        if (state !== "gone") drawState(svg, state, x(index), end, y(lane));
      });
    });
    steps.forEach((step, index) => {
      drawDot(svg, x(index), y(step.lane));
      if (step.from !== undefined) drawArrow(svg, x(index), y(step.from), y(step.lane));
    });

    // What has not happened yet is behind a veil, and the head stands at its edge. At the first step there
    // is none: nothing has been played, and a picture that is all faded looks switched off.
    const veil = element("rect", { class: "timeline-veil", y: 0, height }, svg);
    const head = element("line", { class: "timeline-head", y1: 0, y2: height }, svg);
    return {
      names: names(lanes),
      svg,
      show(step) {
        const edge = Math.min(x(step) + column / 2, width - 0.5);
        head.setAttribute("x1", edge);
        head.setAttribute("x2", edge);
        veil.setAttribute("x", edge);
        veil.setAttribute("width", step === 0 ? 0 : width - edge);
        keepInView(svg.parentElement, edge / width);
      },
      stepAt(clientX) {
        const box = svg.getBoundingClientRect();
        const inside = ((clientX - box.left) / box.width) * width;
        return Math.floor(inside / column);
      },
    };
  }

  function names(lanes) {
    const box = document.createElement("div");
    box.className = "timeline-names";
    box.setAttribute("aria-hidden", "true");
    for (const lane of lanes) {
      const name = document.createElement("span");
      name.style.height = `${ROW}px`;
      name.textContent = lane;
      box.append(name);
    }
    return box;
  }

  function drawState(svg, state, from, to, middle) {
    const line = { x1: from, x2: to, y1: middle, y2: middle };
    const bar = { x: from, width: to - from, y: middle - BAR / 2, height: BAR, rx: 3 };
    const isLine = ["idle", "waiting"].includes(state);
    element(isLine ? "line" : "rect", { class: `timeline-${state}`, ...(isLine ? line : bar) }, svg);
  }

  function drawDot(svg, x, y) {
    element("circle", { class: "timeline-dot", cx: x, cy: y, r: 3 }, svg);
  }

  function drawArrow(svg, x, from, to) {
    const direction = Math.sign(to - from);
    const tip = to - direction * 4;
    element("line", { class: "timeline-arrow", x1: x, x2: x, y1: from, y2: tip }, svg);
    const back = tip - direction * 6;
    const path = `M${x} ${tip}L${x - 4} ${back}L${x + 4} ${back}z`;
    element("path", { class: "timeline-arrowhead", d: path }, svg);
  }

  // One dot or one arrow, for the legend.
  function mark(name) {
    const size = { viewBox: "0 0 12 22", width: 12, height: 22, "aria-hidden": "true" };
    const svg = element("svg", { class: "timeline-mark", ...size });
    if (name === "dot") drawDot(svg, 6, 11);
    else drawArrow(svg, 6, 1, 24);
    return svg;
  }

  // Scrolls a drawing that is wider than its box when the head comes near an edge, and not before: it
  // must not run away from a finger that has just touched it.
  function keepInView(box, share) {
    if (!box) return;
    const head = share * box.scrollWidth - box.scrollLeft;
    if (head < box.clientWidth * 0.05 || head > box.clientWidth * 0.95) {
      box.scrollLeft += head - box.clientWidth * 0.66;
    }
  }

  window.timeline = { ...window.timeline, draw, mark };
})();
