// What every widget's render function has at hand. A widget's own file is appended to this one, so
// nothing is exported here; `export default { render }` stands at the end of the widget's file.

const SVG = "http://www.w3.org/2000/svg";
let serial = 0;

/** Return an id that no other element of the page has. */
function fresh(name = "cw") {
  serial += 1;
  return `${name}-${Date.now().toString(36)}-${serial}`;
}

function fill(node, attrs, children) {
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on") && typeof value === "function") {
      node.addEventListener(name.slice(2).toLowerCase(), value);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

/** Return an HTML element: `el("p", {class: "soft", onclick: f}, "text", child)`. */
function el(tag, attrs, ...children) {
  return fill(document.createElement(tag), attrs, children);
}

/** Return an SVG element, as `el` does. */
function svg(tag, attrs, ...children) {
  return fill(document.createElementNS(SVG, tag), attrs, children);
}

/** Return the `<svg>` of markup that Python drew. */
function drawn(markup) {
  const holder = el("div");
  holder.innerHTML = markup;
  return holder.querySelector("svg");
}

/** Say whether the reader asked for less motion. */
function reduced() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Put values into a text with named gaps: `filled("{a} x {b}", {a: 2, b: 3})`. */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (gap, name) => (name in values ? String(values[name]) : gap));
}

// ---------------------------------------------------------------- numbers

/** Return what Python's `f"{x:.<digits>g}"` gives. */
function general(x, digits) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  if (x === 0) return "0";
  const [mantissa, power] = x.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const bare = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent < -4 || exponent >= digits) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${bare(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  return bare(x.toFixed(digits - 1 - exponent));
}

/** Return a number as the pictures write it: `course.figures._any_graph.shown`. */
function fmt(x) {
  const size = Math.abs(x);
  const near = Math.round(x);
  const whole = x === 0 || (size > 0.5 && size < 1e7 && Math.abs(x - near) < 1e-9);
  const text = whole ? String(near) : general(x, size < 1e4 ? 4 : 6);
  return text.replaceAll("-", "−");
}

/** Return the number that a student typed, or NaN: "0.5", "1/2", "-2e-3", "2*1.1", "0,5". */
function parse_number(text) {
  const plain = text
    .trim()
    .replaceAll("−", "-")
    .replaceAll("×", "*")
    .replaceAll("÷", "/")
    .replaceAll(/\s+/g, "")
    .replace(/^(-?\d+),(\d+)$/, "$1.$2");
  const number = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?";
  if (!new RegExp(`^${number}(?:[*/]${number})*$`).test(plain)) return NaN;
  const parts = plain.match(new RegExp(`[*/]?${number}`, "g"));
  return parts.slice(1).reduce(
    (value, part) => (part[0] === "/" ? value / Number(part.slice(1)) : value * Number(part.slice(1))),
    Number(parts[0]),
  );
}

/** Say whether a student's number is right: 1 % off is, and so is what rounds to the shown digits. */
function is_close(got, want, { rtol = 1e-2, atol = 1e-6 } = {}) {
  return Math.abs(got - want) <= Math.max(rtol * Math.abs(want), atol);
}

// ---------------------------------------------------------------- the frame of a widget

/**
 * Build the section of a widget: heading, stage, controls, status line.
 *
 * Returns {root, stage, controls, say, listen, defer, dispose, change}. `say(text)` writes the
 * status line (a node or a list of nodes is welcome too); `listen(target, event, f)`,
 * `change(trait, f)` and `defer(f)` are undone by `dispose`, which render returns.
 */
function frame(host, model, { title = model.get("title") } = {}) {
  const words = model.get("words") ?? {};
  const stage = el("div", { class: "stage", role: "group", "aria-label": words.picture ?? "Picture" });
  const controls = el("div", { class: "controls" });
  const status = el("p", { class: "status", role: "status" });
  const heading = el("p", { class: "heading", "aria-hidden": "true" }, title);
  const root = el("section", { class: "course-widget", role: "group", "aria-label": title }, heading, stage, status, controls);
  const undo = [];
  const listen = (target, event, f, options) => {
    target.addEventListener(event, f, options);
    undo.push(() => target.removeEventListener(event, f, options));
  };
  const change = (trait, f) => {
    model.on(`change:${trait}`, f);
    undo.push(() => model.off(`change:${trait}`, f));
  };
  // JupyterLab takes arrow keys, letters and Enter as commands. They end here; what leaves a
  // field, moves the focus, or runs the cell goes on.
  listen(root, "keydown", (event) => {
    const leave = event.key === "Escape" || event.key === "Tab" || event.ctrlKey || event.metaKey || event.altKey;
    if (!leave && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
  });
  host.append(root);
  // Whoever has no mouse must get to what scrolls, and nowhere else; a stepper keeps its stage.
  const watcher = new ResizeObserver(() => {
    const scrolls = stage.scrollWidth > stage.clientWidth;
    stage.toggleAttribute("tabindex", scrolls || stage.hasAttribute("data-stepped"));
    if (stage.hasAttribute("tabindex")) stage.tabIndex = 0;
  });
  watcher.observe(stage);
  undo.push(() => watcher.disconnect());
  return {
    root,
    stage,
    controls,
    status,
    say: (...parts) => status.replaceChildren(...parts.flat()),
    listen,
    change,
    defer: (f) => undo.push(f),
    dispose: () => undo.splice(0).forEach((f) => f()),
  };
}

// ---------------------------------------------------------------- controls

/** Return a button; `key` is the `data-key` by which a widget's own code finds it again. */
function button(label, onclick, { key, ...attrs } = {}) {
  return el("button", { type: "button", "data-key": key, onclick, ...attrs }, label);
}

/** Return {node, input, set}: a native slider with its name and its value in sight. */
function slider({ label, min, max, step, value, format = fmt, oninput = () => {} }) {
  const input = el("input", { type: "range", min, max, step: step ?? "any", value });
  const shown = el("span", { class: "shown", "aria-hidden": "true" });
  const show = () => {
    const text = format(Number(input.value));
    shown.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => {
    show();
    oninput(Number(input.value));
  });
  const name = el("span", {}, label);
  name.id = fresh("cw-label");
  input.setAttribute("aria-labelledby", name.id);
  show();
  return {
    node: el("label", { class: "slider" }, name, input, shown),
    input,
    set(x) {
      input.value = x;
      show();
    },
  };
}

/** Return {node, inputs, set}: one choice of several; `options` are texts or [value, text]. */
function choice({ label, options, value, onchange = () => {} }) {
  const name = fresh("cw-choice");
  const pairs = options.map((o) => (Array.isArray(o) ? o : [o, o]));
  const inputs = pairs.map(([v]) => {
    const input = el("input", { type: "radio", name, value: v });
    input.checked = v === value;
    input.addEventListener("change", () => input.checked && onchange(v));
    return input;
  });
  const labels = pairs.map(([, text], i) => el("label", {}, inputs[i], el("span", {}, text)));
  return {
    node: el("fieldset", { class: "choice" }, el("legend", {}, label), labels),
    inputs,
    set(v) {
      inputs.forEach((input, i) => (input.checked = pairs[i][0] === v));
    },
  };
}

/** Return {node, input, value}: a field for a number; Enter calls `onenter(number, text)`. */
function number_field({ label, onenter = () => {}, value = "" }) {
  const input = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", value });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      onenter(parse_number(input.value), input.value);
    }
  });
  return {
    node: el("label", { class: "field" }, el("span", {}, label), input),
    input,
    value: () => parse_number(input.value),
  };
}

/**
 * Return {node, go, at, stop, recount}: First, Back, Play, Step, Last, and the same by keys.
 *
 * `f` is what `frame` returned: Left, Right, Home, End and Space then work everywhere in the
 * widget but in a field or slider, and `dispose` stops the clock. `show(i)` draws step i of
 * 0 .. count - 1. Play is left out for whoever asked for less motion.
 */
function stepper({ f, count, at = 0, show, words = {}, pause = 1400 }) {
  let here = at;
  let clock = null;
  const play = button(words.play ?? "Play", () => (clock === null ? start() : stop()), { key: "play" });
  const first = button(words.first ?? "First", () => jump(0), { key: "first" });
  const back = button(words.back ?? "Back", () => jump(here - 1), { key: "back" });
  const step = button(words.step ?? "Step", () => jump(here + 1), { key: "step" });
  const last = button(words.last ?? "Last", () => jump(count - 1), { key: "last" });
  const buttons = reduced() ? [first, back, step, last] : [first, back, play, step, last];
  const node = el("div", { class: "bar steps", role: "group", "aria-label": words.steps ?? "Steps" }, buttons);

  function go(i) {
    here = Math.max(0, Math.min(count - 1, i));
    // aria-disabled, not disabled: a button that has the focus must not lose it
    for (const b of [first, back]) b.setAttribute("aria-disabled", String(here === 0));
    for (const b of [step, last]) b.setAttribute("aria-disabled", String(here === count - 1));
    show(here);
  }
  function jump(i) {
    stop();
    if (i !== here) go(i);
  }
  function stop() {
    if (clock !== null) clearInterval(clock);
    clock = null;
    play.textContent = words.play ?? "Play";
  }
  function start() {
    if (here === count - 1) go(0);
    clock = setInterval(() => {
      if (!node.isConnected || here >= count - 1) return stop();
      go(here + 1);
      if (here === count - 1) stop();
    }, pause);
    play.textContent = words.pause ?? "Pause";
  }
  function keys(event) {
    if (node.hidden) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target.closest("input, select, textarea, [data-own-keys]")) return;
    const moves = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: count - 1 };
    if (event.key in moves) {
      event.preventDefault();
      jump(Math.max(0, Math.min(count - 1, moves[event.key])));
    } else if (event.key === " " && !event.target.closest("button, a, summary, [role=button]")) {
      event.preventDefault();
      if (!reduced()) play.click();
    }
  }
  if (f) {
    const name = f.stage.getAttribute("aria-label");
    f.stage.setAttribute("aria-label", filled(words.by_keys ?? "{picture}; the arrow keys step", { picture: name }));
    f.stage.setAttribute("data-stepped", "");
    f.stage.tabIndex = 0;
    f.listen(f.root, "keydown", keys);
    f.defer(stop);
  } else {
    node.addEventListener("keydown", keys);
  }
  go(here);
  return {
    node,
    go,
    stop,
    at: () => here,
    recount(n) {
      count = n;
      go(Math.min(here, n - 1));
    },
  };
}
