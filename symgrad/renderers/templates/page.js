// What one can do on the page: light the path of a name, fold and walk through the
// steps, change numbers, copy lines. All it knows stands in the page; it keeps nothing.
// One file, as it is copied whole into every page.
(() => {
  const data = JSON.parse(document.getElementById("symgrad-data").textContent);
  const all = (css, root = document) => [...root.querySelectorAll(css)];
  const tools = document.querySelector(".tools");
  const button = (name) => tools.querySelector(`[data-do=${name}]`);
  const status = tools.querySelector(".status");
  const steps = all(".step");
  const can = {};
  tools.hidden = false;

  // --- paths: one colour for each factor, in the picture and in the text

  const COLOURS = 8;
  const routes = new Map();
  const routesByName = new Map();
  for (const route of data.routes) {
    for (const number of [route.variable, ...route.picks]) routes.set(String(number), route);
    routesByName.set(data.names[route.variable], route);
  }
  const parts = all("svg g");
  const rows = all("tr[data-s], .field[data-s]");
  let lit = [];
  let pinned = null;

  function mark(elements, ...classes) {
    for (const element of elements) {
      const added = classes.filter((name) => !element.classList.contains(name));
      element.classList.add(...added);
      lit.push([element, added]);
    }
  }

  function light(route) {
    for (const [element, added] of lit) element.classList.remove(...added);
    lit = [];
    if (!route) return;
    const on = new Set([route.variable, ...route.names].map(String));
    mark(rows.filter((row) => on.has(row.dataset.s)), "lit");
    mark(all(`[data-n="${route.variable}"]`), "lit");
    const stages = new Set(route.names.map((number) => data.names[number]));
    mark(parts.filter((part) => stages.has(part.dataset.name)), "lit");
    route.factors.forEach((factor, place) => {
      const colour = `factor-${(place % COLOURS) + 1}`;
      const { of, by } = factor;
      mark(parts.filter(({ dataset }) =>
        dataset.of === of && (dataset.by === by || dataset.weight === by)), "lit", colour);
      for (const number of factor.names) {
        mark(all(`[data-n="${number}"]`), "lit", colour);
        mark(steps.filter((step) => step.dataset.s === String(number)), "lit", colour);
      }
    });
    const product = route.factors.map((factor) => `∂${factor.of}/∂${factor.by}`);
    status.textContent = `${data.names[route.variable]}: its factors are ${product.join(", ")}`;
  }

  function routeOf(element) {
    const { n, s, weight, by, name } = element.dataset ?? {};
    if (element.tagName === "SUMMARY") return routes.get(element.parentElement.dataset.s);
    if (element.matches?.("svg g")) return routesByName.get(weight ?? by ?? name);
    return routes.get(n ?? (element.matches?.("tr, .field") ? s : undefined));
  }

  function picked(element) {
    for (; element && element !== document; element = element.parentNode) {
      const route = routeOf(element);
      if (route) return route;
    }
    return null;
  }

  function clear() {
    pinned = null;
    light(null);
    status.textContent = "";
  }

  function pin(route) {
    pinned = route === pinned ? null : route;
    light(pinned);
  }

  function makeFocusable(element, name) {
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "button");
    element.setAttribute("aria-label", `path of ${name}`);
  }

  for (const svg of all("figure svg")) {
    const named = all(".weight, .bias, .node", svg).filter(routeOf);
    if (named.length) svg.setAttribute("role", "group");
    for (const part of named) {
      makeFocusable(part, part.dataset.weight ?? part.dataset.by ?? part.dataset.name);
    }
  }
  for (const row of all("tbody tr[data-s]").filter(routeOf)) {
    const name = row.cells[0].querySelector("math")?.parentNode;
    const holder = document.createElement("span");
    holder.append(...(name?.childNodes ?? []));
    name?.append(holder);
    makeFocusable(holder, data.names[row.dataset.s]);
  }
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") light(picked(event.target) ?? pinned);
  });
  document.addEventListener("focusin", (event) => {
    const route = picked(event.target);
    if (route) light(route);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("summary, input, button, select, label")) return;
    const route = picked(event.target);
    if (route) pin(route);
  });

  if (data.routes.length === 1) pin([...routes.values()][0]);

  // What is too wide for its place can be scrolled, so the keyboard must reach it.
  function reachable(cells) {
    for (const cell of cells) {
      if (cell.scrollWidth > cell.clientWidth) cell.tabIndex = 0;
      else cell.removeAttribute("tabindex");
    }
  }

  // --- steps: fold them, or show one after the other

  let walked = null;

  function walk(place) {
    walked = place === null ? null : Math.max(0, Math.min(steps.length - 1, place));
    const end = walked ?? steps.length - 1;
    steps.forEach((step, k) => (step.hidden = k > end));
    for (const section of all(".text > section")) {
      const before = steps.filter((step) =>
        section.compareDocumentPosition(step) & Node.DOCUMENT_POSITION_PRECEDING);
      const first = steps.findIndex((step) => section.contains(step));
      section.hidden = end < (first < 0 ? before.length - 1 : first);
    }
    button("walk").setAttribute("aria-pressed", String(walked !== null));
    for (const name of ["previous", "next"]) button(name).hidden = walked === null;
    if (walked === null) return;
    const step = steps[walked];
    step.open = true;
    step.querySelector("summary")?.focus({ preventScroll: true });
    status.textContent = `step ${walked + 1} of ${steps.length}`;
    step.scrollIntoView({ block: "nearest" });
  }

  function fold(closed) {
    for (const step of steps) step.open = !closed;
    button("fold").textContent = closed ? "Unfold all" : "Fold all";
  }

  can.walk = () => walk(walked === null ? 0 : null);
  can.next = () => walk(walked === null ? 0 : walked + 1);
  can.previous = () => walk(walked === null ? 0 : walked - 1);
  can.fold = () => fold(button("fold").textContent === "Fold all");
  window.addEventListener("beforeprint", () => fold(false));

  // --- numbers: the generated program, and what it gives under every line

  const MATHML = "http://www.w3.org/1998/Math/MathML";
  const SVG = "http://www.w3.org/2000/svg";
  const panel = document.querySelector(".panel");
  const fields = all(".field").map((field) => all("input", field).reverse());
  const hasLists = all(".field.list").length > 0;
  const numbers = new Map();
  const live = [];
  let shown = false;

  function written(value, digits = 6) {
    if (Number.isNaN(value)) return "no value";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    return String(Number(value.toPrecision(digits))).replaceAll("-", "−");
  }

  function made(name, ...content) {
    const element = document.createElementNS(MATHML, name);
    element.append(...content);
    return element;
  }

  function operator(sign, form) {
    const mo = made("mo", sign);
    mo.setAttribute("form", form);
    mo.setAttribute("stretchy", "false");
    return mo;
  }

  function numeral(value, digits) {
    const text = written(value, digits);
    const size = made("mn", text.replace("−", ""));
    return text.startsWith("−") ? made("mrow", operator("−", "prefix"), size) : size;
  }

  // A negative number stands in brackets, unless it stands alone between some.
  function enclosed(number, element) {
    const before = element.previousElementSibling?.textContent ?? "(";
    const after = element.nextElementSibling?.textContent ?? ")";
    const isAlone = before === "(" && after === ")" && element.parentNode.localName !== "math";
    if (number.localName === "mn" || isAlone) return number;
    return made("mrow", operator("(", "prefix"), number, operator(")", "postfix"));
  }

  // The formula with a number for each name; none where a derivative stands unworked.
  function substituted(right) {
    if (hasLists) return []; // a name has as many numbers as there are data
    const copy = right.cloneNode(true);
    for (const element of all("[data-n]", copy)) {
      const value = numbers.get(element.dataset.n);
      if (value === undefined || !copy.contains(element)) continue;
      const held = element.closest("msub");
      const whole = element.localName === "mfrac" && held ? held : element;
      const number = enclosed(numeral(value, 4), whole);
      const isPower = element.localName === "msubsup";
      whole.replaceWith(isPower ? made("msup", number, element.children[2]) : number);
    }
    if (all("mi", copy).some((mi) => ["d", "∂"].includes(mi.textContent))) return [];
    for (const mo of all("mo", copy)) if (mo.textContent === "\u2062") mo.textContent = "·";
    copy.querySelector("mo")?.remove();
    for (const math of all("math", copy)) math.removeAttribute("alttext");
    return [...copy.childNodes];
  }

  // One number, or the numbers of a list, which commas or spaces part.
  function read(field) {
    if (field.type === "number") return Number(field.value);
    return field.value.split(/[\s,;]+/).filter(Boolean).map((part) => Number(part));
  }

  function computed(given) {
    try {
      return values(...given);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      status.textContent = error.message; // lists of two lengths
      return data.values.slice(given.length).map(() => NaN);
    }
  }

  function compute() {
    const given = fields.map(([field]) => read(field));
    const found = [...given, ...computed(given)];
    data.values.forEach((number, k) => {
      if (!Array.isArray(found[k])) numbers.set(String(number), found[k]);
    });
    for (const output of all("output[data-value]")) {
      output.textContent = written(numbers.get(output.dataset.value));
    }
    if (!shown) return;
    for (const [right, cell] of live) {
      const value = numeral(numbers.get(right.dataset.s));
      const inside = substituted(right);
      const said = inside.map((node) => node.textContent).join("").trim();
      const same = /^[(−]*[0-9.e−]+\)?$/.test(said);
      const equals = made("math", made("mo", "≈"), value);
      const start = inside.length && !same ? [made("math", made("mo", "≈")), ...inside] : [];
      cell.replaceChildren(...start, equals);
    }
    reachable(live.map((row) => row[1]));
    for (const node of all("svg .node")) {
      const value = [...numbers].find(([k]) => data.names[k] === node.dataset.name)?.[1];
      if (value === undefined) continue;
      const box = node.querySelector(".shape").getBBox();
      const text = node.querySelector(".value") ?? document.createElementNS(SVG, "text");
      text.setAttribute("class", "value");
      text.setAttribute("x", box.x + box.width / 2);
      text.setAttribute("y", box.y + box.height + 14);
      text.setAttribute("text-anchor", "middle");
      text.textContent = written(value, 4);
      node.append(text);
    }
  }

  function showNumbers(on) {
    shown = on;
    button("numbers").setAttribute("aria-pressed", String(on));
    for (const element of [...live.flatMap((row) => row.slice(1)), ...all("svg .value")]) {
      element.toggleAttribute("hidden", !on);
    }
    document.body.classList.toggle("with-numbers", on);
    compute();
  }

  if (panel) {
    panel.hidden = false;
    panel.open = window.matchMedia("(min-width: 68rem)").matches;
    document.body.classList.add("live");
    for (const [number, slider] of fields) {
      slider?.addEventListener("input", () => { number.value = slider.value; compute(); });
      number.addEventListener("input", () => {
        if (slider) slider.value = number.value;
        compute();
      });
    }
    for (const reason of all(".reason:not(.given)")) {
      const right = reason.previousElementSibling;
      if (!data.values.includes(Number(right.dataset.s))) continue;
      const cells = ["left", "right now", "reason"].map((name) => {
        const cell = document.createElement("div");
        cell.className = name;
        cell.hidden = true;
        return cell;
      });
      reason.after(...cells);
      live.push([right, cells[1], cells[0], cells[2]]);
    }
    can.numbers = () => showNumbers(!shown);
    showNumbers(data.shown);
  }

  // --- copies of a line

  function mathml(right) {
    let left = right;
    while (left && !(left.matches(".left, .wide") && left.querySelector("math"))) {
      left = left.previousElementSibling;
    }
    const inside = [...(left ? all("math", left) : []), ...all("math", right)];
    const row = made("math", ...inside.flatMap((math) => [...math.cloneNode(true).childNodes]));
    row.setAttribute("display", "block");
    for (const element of all("[data-n]", row)) {
      element.removeAttribute("data-n");
      element.removeAttribute("class");
    }
    return new XMLSerializer().serializeToString(row);
  }

  async function copy(right, pressed) {
    const format = tools.querySelector("select").value;
    const text = format === "MathML" ? mathml(right) : right.dataset[format.toLowerCase()];
    if (text) await navigator.clipboard.writeText(text);
    status.textContent = text ? `copied as ${format}: ${text}` : `this line has no ${format}`;
    pressed.textContent = text ? "copied" : "none";
    setTimeout(() => (pressed.textContent = "copy"), 1500);
  }

  for (const right of all(".right[data-latex]")) {
    const pressed = document.createElement("button");
    pressed.type = "button";
    pressed.className = "copy";
    pressed.textContent = "copy";
    pressed.setAttribute("aria-label", `copy ${right.querySelector("math")?.getAttribute("alttext")}`);
    pressed.addEventListener("click", () => copy(right, pressed));
    right.nextElementSibling.append(" ", pressed);
  }

  // --- buttons and keys

  if (!document.querySelector(".long")) reachable(all(".right, .wide"));

  tools.addEventListener("click", (event) => can[event.target.dataset.do]?.());
  const KEYS = { n: can.next, p: can.previous, a: () => walk(null), Escape: clear };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const isTyping = event.target.closest("input, select, textarea");
    if (KEYS[event.key] && (!isTyping || event.key === "Escape")) KEYS[event.key]();
    const part = event.target.closest("[role=button]");
    if (part && ["Enter", " "].includes(event.key)) {
      event.preventDefault();
      pin(picked(part));
    }
  });
})();
