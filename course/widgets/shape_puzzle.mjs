const CELL = 13;

/** A matrix as a grid of cells: blue and solid for a value, orange and dashed for a gradient. */
function gridPicture(rows, columns, gradient) {
  const [w, h] = [columns * CELL, rows * CELL];
  const lines = [];
  for (let r = 1; r < rows; r += 1) lines.push(`M0 ${r * CELL}H${w}`);
  for (let c = 1; c < columns; c += 1) lines.push(`M${c * CELL} 0V${h}`);
  return svg(
    "svg",
    { class: gradient ? "cf matrix of-gradient" : "cf matrix", viewBox: `-2 -2 ${w + 4} ${h + 4}`, width: w + 4, height: h + 4, "aria-hidden": "true" },
    svg("rect", { width: w, height: h }),
    svg("path", { d: lines.join("") }),
  );
}

/** A sign and what it stands before, in one line even on a phone. */
function together(sign, node) {
  return el("span", { class: "together" }, el("span", { class: "sign" }, sign), node);
}

/** Two slots, six tiles, a goal. `solved` is told about each goal that is found. */
function pairView(f, model, goal, which, solved) {
  const words = model.get("words");
  const tiles = model.get("tiles");
  const sizes = model.get("sizes")[which];
  const verdicts = model.get("verdicts");
  const shape = (tile) => `(${sizes[tile.rows]}, ${sizes[tile.columns]})`;
  const gradient = (tile) => tile.key.startsWith("d");
  const picture = (tile) => gridPicture(sizes[tile.rows], sizes[tile.columns], gradient(tile));
  const face = (tile) => [picture(tile), el("b", {}, tile.name), el("span", {}, shape(tile))];
  // A button's name in words, for ears; its letters and signs are for eyes.
  const spoken = (name, shown) => [
    el("span", { class: "for-ears" }, name), el("span", { class: "face", "aria-hidden": "true" }, ...shown),
  ];
  const sides = [words.left_slot, words.right_slot];
  const laid = [null, null];
  let next = 0;

  const slots = sides.map((_, k) => el("button", { type: "button", class: "slot", onclick: () => pick(k) }));
  const product = el("div", { class: "product" });
  const meeting = el("p", { class: "meeting", "aria-hidden": "true" });
  const buttons = tiles.map((tile) => {
    const b = el(
      "button",
      { type: "button", class: "tile" },
      ...spoken(filled(words.tile, { tile: tile.spoken, shape: shape(tile) }), face(tile)),
    );
    draggable(b, tile);
    return b;
  });
  const wanted = filled(words.wanted, { goal: goal.name, of: goal.name.slice(1), shape: shape(goal) });
  const body = el(
    "div",
    {},
    el("p", {}, wanted),
    el("div", { class: "slots" }, slots[0], together("@", slots[1]), together("=", product)),
    meeting,
    el("p", { class: "soft" }, words.tiles_hint),
    el("div", { class: "tiles", role: "group", "aria-label": words.tiles }, buttons),
  );

  /** Let a tile be dragged into a slot; a press without a move is a click. */
  function draggable(node, tile) {
    let from = null;
    let ghost = null;
    const over = (event) =>
      slots.findIndex((slot) => {
        const box = slot.getBoundingClientRect();
        return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      });
    const end = () => {
      ghost?.remove();
      from = ghost = null;
      for (const slot of slots) slot.classList.remove("over");
    };
    node.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      from = [event.clientX, event.clientY];
      node.setPointerCapture(event.pointerId);
    });
    node.addEventListener("pointermove", (event) => {
      if (!from) return;
      const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
      if (!ghost && Math.hypot(dx, dy) < 6) return;
      if (!ghost) {
        ghost = node.cloneNode(true);
        ghost.classList.add("ghost");
        ghost.setAttribute("aria-hidden", "true");
        ghost.tabIndex = -1;
        const [box, frame] = [node.getBoundingClientRect(), f.root.getBoundingClientRect()];
        ghost.style.left = `${box.left - frame.left}px`;
        ghost.style.top = `${box.top - frame.top}px`;
        ghost.style.width = `${box.width}px`;
        f.root.append(ghost);
      }
      ghost.style.transform = `translate(${dx}px, ${dy}px)`;
      slots.forEach((slot, k) => slot.classList.toggle("over", k === over(event)));
    });
    let dragged = false;
    node.addEventListener("pointerup", (event) => {
      dragged = ghost !== null;
      const slot = dragged ? over(event) : -1;
      end();
      if (slot >= 0) lay(tile, slot);
    });
    node.addEventListener("pointercancel", end);
    node.addEventListener("click", () => {
      if (!dragged) lay(tile, next);
      dragged = false;
    });
  }

  function lay(tile, k) {
    laid[k] = tile;
    next = laid[1 - k] ? k : 1 - k;
    show();
    if (!laid[0] || !laid[1]) return f.say(filled(words.half, { tile: tile.name, slot: sides[k] }));
    const verdict = judge();
    const right = verdict.kind === "fits";
    f.say(el("span", { class: right ? "right" : "wrong" }, right ? words.right : words.wrong), ` ${verdict.text}`);
    if (right) solved();
  }

  function pick(k) {
    next = k;
    const taken = laid[k] !== null;
    laid[k] = null;
    show();
    f.say(taken ? filled(words.taken_out, { slot: sides[k] }) : words.choose);
  }

  const judge = () => verdicts[`${which} ${goal.key} ${laid[0].key} ${laid[1].key}`];

  function show() {
    slots.forEach((slot, k) => {
      const tile = laid[k];
      const values = { slot: sides[k], tile: tile?.spoken, shape: tile && shape(tile) };
      slot.classList.toggle("next", k === next);
      slot.classList.toggle("filled", Boolean(tile));
      const name = filled(tile ? words.slot_filled : words.slot_empty, values);
      slot.replaceChildren(...spoken(name, tile ? face(tile) : [k === next ? words.here : words.empty]));
    });
    product.replaceChildren();
    meeting.replaceChildren();
    if (!laid[0] || !laid[1]) return;
    const [left, right] = laid;
    const verdict = judge();
    const clash = verdict.kind === "clash";
    const inner = (n) => el("span", { class: clash ? "inner clash" : "inner" }, String(n));
    meeting.append(
      `(${sizes[left.rows]}, `, inner(sizes[left.columns]), ") @ (", inner(sizes[right.rows]), `, ${sizes[right.columns]})`,
    );
    if (clash) product.append(el("span", {}, words.no_product));
    else product.append(gridPicture(sizes[left.rows], sizes[right.columns], true), el("span", {}, verdict.shape));
  }

  return {
    body,
    controls: [],
    start() {
      show();
      f.say(words.choose);
    },
  };
}

/** Which sum of dout is db? */
function sumView(f, model, which, solved) {
  const words = model.get("words");
  const { N, M } = model.get("sizes")[which];
  const sums = model.get("sums");
  const kinds = ["none", "rows", "columns", "all"];
  const shapes = { none: [N, M], rows: [N, 1], columns: [1, M], all: [1, 1] };
  const result = el("div", { class: "product" });
  const pick = choice({
    label: words.goal_db,
    options: kinds.map((kind) => [kind, words[`sum_${kind}`]]),
    onchange(kind) {
      const verdict = sums[`${which} ${kind}`];
      const right = verdict.kind === "fits";
      result.replaceChildren(gridPicture(...shapes[kind], true), el("span", {}, verdict.shape));
      f.say(el("span", { class: right ? "right" : "wrong" }, right ? words.right : words.wrong), ` ${verdict.text}`);
      if (right) solved();
    },
  });
  pick.node.classList.add("upright");
  const dout = el("div", { class: "product" }, gridPicture(N, M, true), el("b", {}, "dout"), el("span", {}, `(${N}, ${M})`));
  const ask = filled(words.db_ask, { shape: `(${M},)` });
  return {
    body: el("div", {}, el("p", {}, ask), el("div", { class: "slots" }, dout, pick.node, together("=", result))),
    controls: [],
    start: () => f.say(ask),
  };
}

/** One cell of dW at a time: a row of x transposed, a column of dout. */
function cellView(f, model) {
  const words = model.get("words");
  const { xT, dout, cells } = model.get("hand");
  const places = cells.flatMap((line, r) => line.map((_, c) => [r, c]));
  const known = new Set();
  let chosen = 0;

  const table = (name, lines) =>
    el("table", { class: "cells" }, el("caption", {}, name),
      el("tbody", {}, lines.map((line) => el("tr", {}, line.map((cell) => el("td", {}, cell))))));
  const buttons = cells.map((line, r) =>
    line.map((_, c) => el("button", { type: "button", onclick: () => choose(places.findIndex(([a, b]) => a === r && b === c)) })),
  );
  const left = table("xᵀ", xT.map((line) => line.map((v) => el("span", { class: "value" }, fmt(v)))));
  const right = table("dout", dout.map((line) => line.map((v) => el("span", { class: "gradient" }, fmt(v)))));
  const product = table("dW", buttons);
  const body = el("div", { class: "slots" }, left, together("@", right), together("=", product));
  const field = number_field({ label: "", onenter: judge });
  const prompt = field.node.firstChild;

  const place = (k) => ({ row: places[k][0] + 1, column: places[k][1] + 1 });
  const cell = (k) => cells[places[k][0]][places[k][1]];

  function mark(node, rows, columns) {
    for (const [r, line] of [...node.rows].entries()) {
      for (const [c, td] of [...line.cells].entries()) td.classList.toggle("chosen", rows(r) && columns(c));
    }
  }

  function show() {
    const [row, column] = places[chosen];
    const all = () => true;
    mark(left, (r) => r === row, all);
    mark(right, all, (c) => c === column);
    mark(product, (r) => r === row, (c) => c === column);
    places.forEach(([r, c], k) => {
      const value = known.has(k) ? fmt(cell(k).value) : null;
      buttons[r][c].replaceChildren(el("span", { class: "gradient" }, value ?? "?"));
      buttons[r][c].setAttribute("aria-label", filled(words.cell, { ...place(k), value: value ?? words.cell_unknown }));
      if (k === chosen) buttons[r][c].setAttribute("aria-current", "true");
      else buttons[r][c].removeAttribute("aria-current");
    });
    prompt.textContent = filled(words.cell_prompt, place(chosen));
  }

  function choose(k) {
    chosen = k;
    field.input.value = "";
    show();
    f.say(known.has(k) ? `${cell(k).ask} ${cell(k).why}` : cell(k).ask);
  }

  function settle(before) {
    known.add(chosen);
    field.input.value = "";
    show();
    f.say(...before, cell(chosen).why, known.size === places.length ? ` ${words.cells_done}` : ` ${words.cell_choose}`);
  }

  function judge(got) {
    if (Number.isNaN(got)) return f.say(words.not_a_number);
    if (is_close(got, cell(chosen).value)) return settle([el("span", { class: "right" }, words.right), " "]);
    const other = places.findIndex((_, k) => k !== chosen && cell(k).value === got);
    const why = got === cell(chosen).sum ? words.cell_sum : other >= 0 ? filled(words.cell_other, place(other)) : words.cell_hint;
    f.say(el("span", { class: "wrong" }, words.wrong), ` ${why}`);
  }

  return {
    body,
    controls: [
      field.node,
      button(words.check, () => judge(field.value()), { key: "check" }),
      button(words.reveal, () => settle([]), { key: "reveal" }),
    ],
    start: () => choose(chosen),
  };
}

/** What stands in place of the cells until dW is put together. */
function lockedView(f, model, unlock) {
  const words = model.get("words");
  return {
    body: el("p", {}, words.cell_locked),
    controls: [button(words.cell_unlock, unlock, { key: "unlock" })],
    start: () => f.say(words.cell_locked),
  };
}

function render({ model, el: host }) {
  const f = frame(host, model);
  f.root.classList.add("shape-puzzle");
  const words = model.get("words");
  const goals = ["dx", "dW", "db", "cell"];
  const found = new Set();
  const holder = el("div", { class: "bar" });
  let goal = "dx";
  let which = "different";

  const pick = choice({
    label: words.goal,
    options: goals.map((key) => [key, words[`goal_${key}`]]),
    value: goal,
    onchange(key) {
      goal = key;
      open();
    },
  });
  const size = choice({
    label: words.sizes,
    options: Object.keys(model.get("sizes")).map((key) => [key, words[`sizes_${key}`]]),
    value: which,
    onchange(key) {
      which = key;
      open();
    },
  });
  const again = button(words.again, () => open(), { key: "again" });

  function solved() {
    found.add(goal);
    const text = filled(words.done, { goal: words[`goal_${goal}`] });
    pick.inputs[goals.indexOf(goal)].nextSibling.textContent = text;
  }

  function view() {
    const done = () => solved();
    if (goal === "db") return sumView(f, model, which, done);
    if (goal !== "cell") return pairView(f, model, model.get("goals").find((g) => g.key === goal), which, done);
    if (found.has("dW")) return cellView(f, model);
    return lockedView(f, model, () => {
      found.add("dW");
      open();
      const tiles = model.get("tiles").map((t) => t.key);
      const fitting = tiles.flatMap((a) => tiles.map((b) => model.get("verdicts")[`different dW ${a} ${b}`]));
      f.say(fitting.find((verdict) => verdict.kind === "fits").text);
      f.root.querySelector(".cells button").focus({ preventScroll: true });
    });
  }

  function open() {
    const { body, controls, start } = view();
    f.stage.replaceChildren(body);
    holder.replaceChildren(...controls);
    size.node.hidden = goal === "cell";
    start();
  }

  f.controls.append(holder, pick.node, size.node, again);
  open();
  return f.dispose;
}
export default { render };
