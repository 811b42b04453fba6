// GearTrain: nudge the first gear of a chain of functions, see how far each of the others turns.

const MARKS = 12;
const AROUND = 2 * Math.PI * 22; // the circle on which a turn is painted

/** What one nudge does: how far everything moves, the ratio of neighbours, the derivatives. */
function movement(nodes, chain, inputs, by) {
  const start = evaluated(nodes, inputs);
  const there = evaluated(nodes, { ...inputs, [chain[0]]: inputs[chain[0]] + by });
  const moved = Object.fromEntries(chain.map((name) => [name, there[name] - start[name]]));
  const ratio = {}, local = {};
  for (const [i, node] of nodes.entries()) {
    const [name, , names] = node;
    const before = chain[i];
    local[name] = locals(node, start)[names.indexOf(before)];
    ratio[name] = moved[before] ? moved[name] / moved[before] : local[name];
  }
  return { start, moved, ratio, local };
}

/** What one mark is worth: the nudge, or 2, 5, 10, ... of it, so that no gear turns once around. */
function mark_size(moves, by) {
  const farthest = Math.max(...moves.map(Math.abs));
  let size = Math.abs(by);
  for (let i = 0; farthest / size > MARKS - 1 && i < 30; i++) size *= [2, 2.5, 2][i % 3];
  return size;
}

function turn(gear, degrees) {
  for (const part of gear.querySelectorAll(".body, .hand")) {
    part.style.transform = `rotate(${degrees}deg)`; // a style turns smoothly, an attribute jumps
  }
  const arc = gear.querySelector(".turned");
  arc.setAttribute("stroke-dasharray", `${(Math.abs(degrees) / 360) * AROUND} ${AROUND}`);
  arc.setAttribute("transform", degrees >= 0 ? "rotate(-90)" : "scale(-1 1) rotate(-90)");
}

function render({ model, el: host }) {
  const w = model.get("words");
  const [nodes, chain, nudges] = ["nodes", "chain", "nudges"].map((name) => model.get(name));
  const [first, last] = [chain[0], chain.at(-1)];
  const inputs = { ...model.get("inputs") };
  const tried = new Set();
  let size = 2, way = 0;

  const f = frame(host, model);
  f.root.classList.add("gear-train");
  const quantities = chain.map(quantity);
  const drives = chain.slice(1).map(drive);
  const mark = el("p", { class: "soft" });
  const table = el("table");
  f.stage.append(el("div", { class: "gear-row" }, quantities.map((q, i) => el("div", { class: "gear-card" }, q.node, drives[i]?.node))), mark, table);

  for (const { name, ...reach } of model.get("sliders")) {
    const set = (value) => {
      inputs[name] = value;
      tried.clear();
      draw();
    };
    const label = filled(w.start, { name });
    f.controls.append(slider({ label, ...reach, value: inputs[name], format: digits, oninput: set }).node);
  }
  const pushes = [[w.up, 1], [w.down, -1], [w.rest, 0]].map(([label, to]) => ({
    to,
    node: button(label, () => {
      way = to;
      draw();
    }),
  }));
  const choose = (i) => {
    size = i;
    draw();
  };
  f.controls.append(
    slider({
      label: w.size, min: 0, max: nudges.length - 1, step: 1, value: size,
      format: (i) => digits(nudges[i]), oninput: choose,
    }).node,
    el("div", { class: "bar" }, pushes.map((b) => b.node)),
  );

  /** One quantity: its gear, its value, how far it moved. */
  function quantity() {
    const gear = drawn(model.get("gear"));
    const [value, moved] = [el("p", { class: "value" }), el("p")];
    return { node: el("div", {}, gear, value, moved), gear, value, moved };
  }

  /** What drives the gear of `name`: the function, and how far it carries the nudge. */
  function drive(name) {
    const [ratio, local] = [el("p"), el("p", { class: "gradient" })];
    const node = el("div", { class: "gear-drive" }, el("p", {}, model.get("equations")[name]), arrow(), ratio, local);
    return { node, ratio, local };
  }

  function draw() {
    const by = way * nudges[size];
    const move = movement(nodes, chain, inputs, by || nudges[size]);
    const lost = !Object.values(move).flatMap(Object.values).every(Number.isFinite);
    const shown = way !== 0 && !lost;
    if (shown) tried.add(by);
    const unit = mark_size(shown ? Object.values(move.moved) : [0], nudges[size]);
    for (const [i, name] of chain.entries()) {
      const q = quantities[i];
      turn(q.gear, shown ? ((360 / MARKS) * move.moved[name]) / unit : 0);
      q.value.textContent = filled(w.is, { name, value: lost ? "?" : digits(move.start[name]) });
      q.moved.textContent = shown ? filled(w.moved, { name, by: digits(move.moved[name]) }) : "";
    }
    for (const [i, { ratio, local }] of drives.entries()) {
      const pair = { to: chain[i + 1], of: chain[i] };
      const numbers = { ratio: digits(move.ratio[pair.to]), local: digits(move.local[pair.to]) };
      ratio.textContent = filled(shown ? w.ratio : w.ratio_unknown, { ...pair, ...numbers });
      local.textContent = shown ? filled(w.derivative, { ...pair, ...numbers }) : "";
    }
    for (const { node, to } of pushes) node.setAttribute("aria-pressed", String(to === way));
    mark.textContent = filled(w.mark, { size: digits(unit) });
    fill_table(lost);
    f.say(lost ? w.nowhere : shown ? sentence(move) : at_rest(move.start));
  }

  function at_rest(start) {
    const names = [...model.get("sliders").map((s) => s.name), ...chain.slice(1)];
    const values = names.map((name) => filled(w.is, { name, value: digits(start[name]) })).join(w.comma);
    const rest = filled(w.at_rest, { values });
    return `${rest}${gap(rest)}${filled(w.ask, { nudge: first })}`;
  }

  function sentence({ moved, ratio, local }) {
    const parts = chain.map((name, i) => filled(i ? w.then : w.moved, { name, by: digits(moved[name]) }));
    const pair = { to: last, of: first };
    const whole = { ...pair, ratio: digits(moved[last] / moved[first]), factors: product(ratio) };
    const goal = { ...pair, local: digits(multiplied(local)), factors: product(local) };
    return filled(w.said, {
      moves: parts.join(w.comma), ratio: filled(w.ratio_chain, whole), derivative: filled(w.derivative_chain, goal),
    });
  }

  /** One row a nudge; the ratio stands there once the nudge was tried, up or down. */
  function fill_table(lost) {
    const names = { to: last, nudge: first };
    const head = [w.table_nudge, w.table_ratio, w.table_off].map((text) => filled(text, names));
    const rows = nudges.map((h, i) => {
      const down = way && i === size ? way < 0 : tried.has(-h) && !tried.has(h);
      const by = down ? -h : h;
      const cells = [w.untried, ""];
      if (tried.has(by) && !lost) {
        const move = movement(nodes, chain, inputs, by);
        const ratio = move.moved[last] / by;
        cells.splice(0, 2, digits(ratio), digits(ratio - multiplied(move.local)));
      }
      return el(
        "tr", { "aria-current": i === size && "true" },
        el("th", { scope: "row" }, digits(by)), cells.map((text) => el("td", {}, text)),
      );
    });
    table.replaceChildren(
      el("caption", {}, w.shrink),
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, rows),
    );
  }

  draw();
  return f.dispose;
}

function multiplied(factors) {
  return Object.values(factors).reduce((so, x) => so * x, 1);
}

function product(factors) {
  return Object.values(factors).map((x) => bracketed(digits(x))).join(" × ");
}

function arrow() {
  const attrs = { class: "cf", viewBox: "0 0 90 12", width: 90, height: 12, "aria-hidden": "true" };
  const parts = [["line v", "M2 6H80"], ["head v", "M88 6L78 1.5V10.5Z"]];
  return svg("svg", attrs, parts.map(([style, d]) => svg("path", { class: style, d })));
}

export default { render };
