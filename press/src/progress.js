// Shows on the page of progress what the dashboard knows.
(() => {
  const STATES = {
    solved: ["✓", "solved"],
    not_started: ["·", "not started"],
    fails: ["✗", "fails"],
    does_not_compile: ["✗", "does not compile"],
    tampered: ["!", "does not count"],
  };
  const list = document.querySelector("[data-progress]");
  // The links to sections, by the title of their page and their own.
  const sections = JSON.parse(list.querySelector("script.sections").textContent);

  // What a reader sees that the static page has not. Texts are set as text, never as HTML.
  function live(tag, name, ...content) {
    const element = document.createElement(tag);
    element.className = "live " + name;
    element.append(...content);
    return element;
  }

  // Only what differs: a text that is set again loses its selection, and is read aloud again.
  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
    element.hidden = !text;
  }

  // As `write`, and what is named in it is a link: a misconception, such as M29, to its row, and what
  // stands after `Book:` to its section.
  function writeDiagnosis(element, text) {
    if (element.textContent !== text) {
      const parts = [];
      let end = 0;
      for (const found of text.matchAll(/\bM\d+\b|(?<=Book: )([^"\n]+), "([^"]+)"/g)) {
        const [words, title, section] = found;
        const href = title
          ? sections[title]?.[section.replaceAll("`", "")]
          : "misconceptions.html#" + words.toLowerCase();
        if (!href) continue;
        parts.push(text.slice(end, found.index), link(href, words));
        end = found.index + words.length;
      }
      element.replaceChildren(...parts, text.slice(end));
    }
    element.hidden = !text;
  }

  function link(href, words) {
    const element = document.createElement("a");
    element.href = href;
    element.textContent = words;
    return element;
  }

  function code(text) {
    const element = document.createElement("code");
    // As mdBook's own script marks code, for its style.
    element.className = "hljs";
    element.textContent = text;
    return element;
  }

  // A long text scrolls in its box, by keyboard too.
  function box(name, label) {
    const element = live("pre", name);
    element.hidden = true;
    element.tabIndex = 0;
    element.role = "group";
    element.ariaLabel = label;
    // Arrows scroll it: mdBook, which turns pages on them, must not hear of that.
    element.addEventListener("keydown", (event) => {
      if (/^Arrow(Left|Right)$/.test(event.key)) event.stopPropagation();
    });
    return element;
  }

  const summary = live("p", "summary", "asking…");
  summary.role = "status";
  summary.ariaLive = "polite";
  const trouble = box("diagnosis", "What kept the workshop from judging");
  const next = live("p", "next-step");
  next.hidden = true;
  list.prepend(summary, trouble, next);

  const rows = new Map();
  for (const row of list.querySelectorAll("[data-exercise]")) {
    const details = row.querySelector("details");
    const state = live("span", "state");
    const test = live("p", "test");
    const diagnosis = box("diagnosis", "Diagnosis");
    state.hidden = test.hidden = true;
    const line = row.querySelector("summary");
    line.append(" ", state);
    line.after(test, diagnosis);
    const edit = row.querySelector(".edit");
    rows.set(row.dataset.exercise, { row, details, state, test, diagnosis, edit });
  }

  const stages = [...list.querySelectorAll("details.stage")].map((details) => {
    const count = live("span", "count");
    const bar = document.createElement("progress");
    const ids = [...details.querySelectorAll("[data-exercise]")].map((row) => row.dataset.exercise);
    bar.max = ids.length;
    bar.ariaHidden = "true"; // the count says the same
    const label = live("span", "stage-progress", bar, " ", count);
    label.hidden = true;
    details.querySelector("summary").append(label);
    return { details, label, bar, count, ids };
  });

  // Only when the learner turns to another exercise, or stage: what a reader has opened stays open.
  function unfold(shown) {
    const exercise = rows.get(shown)?.details;
    if (!exercise || list.dataset.exercise === shown) return;
    const before = rows.get(list.dataset.exercise)?.details;
    if (before) before.open = false;
    exercise.open = true;
    list.dataset.exercise = shown;
    const current = stages.find((stage) => stage.ids.includes(shown)).details;
    if (list.dataset.stage === current.dataset.stage) return;
    list.dataset.stage = current.dataset.stage;
    for (const { details } of stages) details.open = details === current;
    unfoldTarget();
  }

  // A link may lead to a row of a stage that is folded, and is to show what is in it.
  function unfoldTarget() {
    const target = document.querySelector(":target");
    const details = [target?.closest("details"), target?.querySelector("details")];
    const folded = details.filter((one) => one && !one.open);
    for (const one of folded) one.open = true;
    if (folded.length) target.scrollIntoView();
  }
  addEventListener("hashchange", unfoldTarget);
  unfoldTarget();

  function show(news) {
    const judged = new Map(news.exercises.map((exercise) => [exercise.id, exercise]));
    write(summary, summaryOf(news, judged));
    write(trouble, news.trouble ?? "");
    showNext(news.next);
    unfold(news.shown);
    for (const [id, parts] of rows) showRow(parts, judged.get(id), news.judging.includes(id));
    for (const stage of stages) {
      const solved = stage.ids.filter((id) => judged.get(id)?.state === "solved").length;
      stage.bar.value = solved;
      write(stage.count, `${solved} of ${stage.ids.length} solved`);
      stage.label.hidden = !news.watching;
    }
  }

  function summaryOf(news, judged) {
    if (!news.watching) {
      return "This server shows the book and judges nothing. Start cargo workshop in its place to see your answers judged here.";
    }
    if (news.judging.length > 1) return `${news.judging.length} exercises are being judged…`;
    if (news.judging.length === 1) return `${nameOf(news.judging[0])} is being judged…`;
    if (news.trouble) return "The exercises could not be judged:";
    if (!news.exercises.length) return "No exercise has been judged yet.";
    const solved = news.exercises.filter((exercise) => exercise.state === "solved").length;
    if (!news.next) return `All ${solved} exercises are solved.`;
    const counts = `${solved} of ${news.exercises.length} exercises are solved.`;
    const { state, test } = judged.get(news.shown) ?? {};
    if (!state || state === "not_started" || state === "solved") return counts;
    return `${counts} ${nameOf(news.shown)} ${STATES[state]?.[1] ?? state}${test ? ": " + test : ""}.`;
  }

  const nameOf = (id) => rows.get(id)?.row.dataset.name ?? id;

  function showNext(id) {
    const row = rows.get(id)?.row;
    next.hidden = !row;
    if (!row || next.dataset.id === id) return;
    next.dataset.id = id;
    const link = document.createElement("a");
    link.href = "#" + row.id;
    link.textContent = row.querySelector("strong").textContent;
    const strong = document.createElement("strong");
    strong.append("Next: ", link);
    next.replaceChildren(strong, ". ");
    const page = row.querySelector("a.reading");
    if (page) next.append("Read ", page.cloneNode(true), ". ");
    next.append("Edit ", row.querySelector("code.file").cloneNode(true), " and save it. ");
    next.append("Stuck? Its hints stand below.");
  }

  function showRow({ row, state, test, diagnosis, edit }, judged, isBeingJudged) {
    // What is the same stays as it is: a text that is selected, or being read, is left alone.
    const key = JSON.stringify([isBeingJudged, judged ?? null]);
    if (row.dataset.shown === key) return;
    row.dataset.shown = key;
    const [sign, word] = isBeingJudged ? ["…", "being judged…"] : (STATES[judged?.state] ?? ["", ""]);
    row.dataset.state = isBeingJudged ? "judging" : (judged?.state ?? "");
    state.hidden = !word;
    edit.hidden = judged?.state === "solved";
    const mark = document.createElement("span");
    mark.className = "sign";
    mark.ariaHidden = "true";
    mark.textContent = sign;
    const name = document.createElement("span");
    name.className = "word";
    name.textContent = word;
    state.replaceChildren(mark, " ", name);
    test.hidden = !judged?.test || isBeingJudged;
    if (!test.hidden) {
      const passed = judged.tests.filter((test) => test.passed).length;
      test.replaceChildren(code(judged.test), ` (${passed} of ${judged.tests.length} tests pass)`);
    }
    // While an exercise is judged again, what was said of it stays where it is being read.
    const isRead = diagnosis.contains(document.activeElement);
    writeDiagnosis(diagnosis, judged?.diagnosis ?? "");
    if (isRead && diagnosis.hidden) {
      // Solved while it was read: the focus stays in its row.
      row.tabIndex = -1;
      row.focus({ preventScroll: true });
    }
  }

  let last;

  async function ask() {
    if (document.hidden) return;
    try {
      const news = await (await fetch("/__progress")).text();
      if (news !== last) show(JSON.parse(news));
      last = news;
    } catch {
      // What stands here may be old: the next answer is shown, whatever it is.
      last = undefined;
      write(summary, "No answer. Is cargo workshop still running?");
    }
  }

  ask();
  setInterval(ask, 500);
})();
