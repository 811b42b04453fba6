const DASHES = { relu: null, tanh: "8 4", sigmoid: "2 4" };

/** A curve with its tangent above, its slope below, and the node that a gradient passes. */
function curveView(f, model) {
  const words = model.get("words");
  const curves = model.get("curves");
  const { min, step, count } = model.get("grid");
  const names = Object.keys(curves);
  const LEFT = 34, RIGHT = 322, TOP = 26, MIDDLE = 206, UPPER = 250, LOWER = 340, WIDTH = 332;
  let name = names[1];
  let i = Math.round((1 - min) / step);
  let dout = 2;

  const at = (index) => LEFT + ((RIGHT - LEFT) * index) / (count - 1);
  const number = (index) => Math.round((min + index * step) * 1e6) / 1e6;
  const height = (y) => {
    const [low, high] = curves[name].range;
    return MIDDLE - ((MIDDLE - TOP) * (y - low)) / (high - low);
  };
  const steep = (slope) => LOWER - (LOWER - UPPER) * slope;

  const clip = fresh("cw-clip");
  const paper = svg("g", { "aria-hidden": "true" });
  const tangent = svg("path", { class: "tangent", "clip-path": `url(#${clip})` });
  const triangle = svg("path", { class: "line i triangle", "clip-path": `url(#${clip})` });
  const plumb = svg("path", { class: "axis" });
  const diamond = svg("path", { class: "diamond" });
  const handle = svg(
    "g",
    {
      class: "handle", role: "slider", tabindex: "0", "data-own-keys": true, "aria-label": words.handle,
      "aria-orientation": "horizontal", "aria-valuemin": number(0), "aria-valuemax": number(count - 1),
    },
    svg("circle", { class: "ring", r: 15 }),
    svg("circle", { class: "knob", r: 8 }),
  );
  const plot = svg(
    "svg",
    { class: "cf plane", viewBox: `0 0 ${WIDTH} 366`, role: "group" },
    svg("clipPath", { id: clip }, svg("rect", { x: LEFT, y: TOP, width: RIGHT - LEFT, height: MIDDLE - TOP })),
    paper,
    svg("g", { "aria-hidden": "true" }, triangle, tangent, plumb, diamond),
    handle,
  );
  const node = nodePicture();
  const hint = el("p", { class: "soft" }, words.drag);
  const body = el("div", {}, el("div", { class: "side-by-side" }, plot, node.picture), hint);

  /** Return the path through a table, broken where it jumps: ReLU's slope has no value between. */
  function line(values, place, jump = Infinity) {
    return values
      .map((v, k) => `${k && Math.abs(v - values[k - 1]) < jump ? "L" : "M"}${at(k).toFixed(1)} ${place(v).toFixed(1)}`)
      .join("");
  }

  function label(text, x, y, attrs = {}) {
    return svg("text", { x, y, class: "soft", "font-size": 13, "text-anchor": "middle", ...attrs }, text);
  }

  function drawAxes() {
    const { y, slope, ticks } = curves[name];
    const far = { x: LEFT - 8, "text-anchor": "end" };
    const rules = [];
    for (let x = min; x <= -min; x += 2) {
      const place = at(Math.round((x - min) / step));
      rules.push(svg("path", { class: "grid", d: `M${place} ${TOP}V${MIDDLE}M${place} ${UPPER}V${LOWER}` }));
      rules.push(label(fmt(x), place, LOWER + 20));
    }
    for (const tick of ticks) {
      rules.push(svg("path", { class: tick ? "grid" : "axis", d: `M${LEFT} ${height(tick)}H${RIGHT}` }));
      rules.push(label(fmt(tick), 0, height(tick) + 4.5, far));
    }
    for (const tick of [0, 0.25, 0.5, 1]) {
      rules.push(svg("path", { class: tick ? "grid" : "axis", d: `M${LEFT} ${steep(tick)}H${RIGHT}` }));
      if (tick !== 0.25) rules.push(label(fmt(tick), 0, steep(tick) + 4.5, far));
    }
    const title = { class: "ink strong", "font-size": 14, "text-anchor": "start" };
    paper.replaceChildren(
      ...rules,
      label(filled(words.curve_title, { name: words[name] }), LEFT, TOP - 10, title),
      label(words.slope_title, LEFT, UPPER - 10, title),
      svg("path", { class: "line v", d: line(y, height), "clip-path": `url(#${clip})` }),
      svg("path", { class: "line g", d: line(slope, steep, 0.5) }),
    );
  }

  function show() {
    const x = number(i);
    const y = curves[name].y[i];
    const slope = curves[name].slope[i];
    const [px, py] = [at(i), height(y)];
    const run = 1 / step;
    const reach = (by) => `${at(i + by * run).toFixed(1)} ${height(y + by * slope).toFixed(1)}`;
    tangent.setAttribute("d", `M${reach(-2.5)}L${reach(2.5)}`);
    triangle.setAttribute("d", `M${px} ${py}H${at(i + run)}V${height(y + slope)}`);
    plumb.setAttribute("d", `M${px} ${py}V${steep(slope)}`);
    diamond.setAttribute("d", `M${px} ${steep(slope) - 7}l7 7l-7 7l-7 -7Z`);
    handle.setAttribute("transform", `translate(${px} ${py})`);
    const values = { name: words[name], x: fmt(x), y: fmt(y), slope: fmt(slope), dout: fmt(dout), dx: fmt(dout * slope) };
    handle.setAttribute("aria-valuenow", x);
    handle.setAttribute("aria-valuetext", filled(words.handle_value, values));
    plot.setAttribute("aria-label", filled(words.curve_alt, values));
    node.show(values);
    const kink = name === "relu" && x === 0 ? [words.at_kink] : [];
    f.say([words.tangent_says, ...kink, words.dx_says].map((text) => filled(text, values)).join(" "));
  }

  function move(index) {
    i = Math.max(0, Math.min(count - 1, index));
    show();
  }

  handle.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    const goal = event.key === "Home" ? 0 : event.key === "End" ? count - 1 : i + steps[event.key];
    if (Number.isNaN(goal)) return;
    event.preventDefault();
    move(goal);
  });
  const follow = (event) => {
    const box = plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDTH;
    move(Math.round(((x - LEFT) / (RIGHT - LEFT)) * (count - 1)));
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault(); // no selection of text, and the focus stays with the handle
    handle.focus({ preventScroll: true });
    plot.setPointerCapture(event.pointerId);
    follow(event);
  });
  plot.addEventListener("pointermove", (event) => plot.hasPointerCapture(event.pointerId) && follow(event));

  const controls = [
    choice({
      label: words.function,
      options: names.map((n) => [n, words[n]]),
      value: name,
      onchange(chosen) {
        name = chosen;
        drawAxes();
        show();
      },
    }).node,
    slider({
      label: words.dout, min: -3, max: 3, step: 0.5, value: dout,
      oninput(value) {
        dout = value;
        show();
      },
    }).node,
  ];
  return {
    body,
    controls,
    start() {
      drawAxes();
      show();
    },
  };
}

/** The node of an activation with x and y above its arrows, dx and dout below them. */
function nodePicture() {
  const text = (x, y, style) => svg("text", { x, y, class: style, "font-size": 15, "text-anchor": "middle" });
  const name = text(150, 51, "ink inside");
  const labels = [text(52, 26, "v"), text(248, 26, "v"), text(248, 80, "g"), text(52, 80, "g")];
  const arrows = [[4, 96], [204, 296]].flatMap(([a, b]) => [
    svg("path", { class: "line v", d: `M${a} 40H${b - 8}` }),
    svg("path", { class: "head v", d: `M${b} 40l-10 -4.5v9Z` }),
    svg("path", { class: "line g", d: `M${b} 54H${a}` }),
    svg("path", { class: "open g", d: `M${a + 8} 49l-8 5l8 5` }),
  ]);
  const box = svg("rect", { class: "node", x: 100, y: 24, width: 100, height: 44, rx: 9 });
  return {
    picture: svg("svg", { class: "cf passage", viewBox: "0 0 300 96", "aria-hidden": "true" }, box, name, ...arrows, ...labels),
    show(values) {
      name.textContent = values.name;
      labels.forEach((label, i) => {
        const key = ["x", "y", "dout", "dx"][i];
        label.textContent = `${key} = ${values[key]}`;
      });
    },
  };
}

/** Small arrays x, dout and dx: predict each dx, turn signs of x around. */
function maskView(f, model) {
  const words = model.get("words");
  const { x, dout } = model.get("mask");
  const rows = x.length;
  const columns = x[0].length;
  const places = x.flatMap((line, r) => line.map((_, c) => [r, c]));
  let now = x.map((line) => [...line]);
  let known = new Set();
  let chosen = 0;

  const xs = places.map(([r, c], k) => el("button", { type: "button", onclick: () => flip(k) }));
  const dxs = places.map(([r, c], k) => el("button", { type: "button", onclick: () => choose(k) }));
  const douts = places.map(([r, c]) => el("span", { class: "gradient" }, fmt(dout[r][c])));

  function table(name, cells) {
    const lines = Array.from({ length: rows }, (_, r) =>
      el("tr", {}, cells.slice(r * columns, (r + 1) * columns).map((cell) => el("td", {}, cell))),
    );
    return el("table", { class: "cells" }, el("caption", {}, name), el("tbody", {}, lines));
  }

  const tables = [table("x", xs), table("dout", douts), table("dx", dxs)];
  const hint = el("p", { class: "soft" }, words.mask_flip_hint);
  const body = el("div", {}, el("div", { class: "side-by-side" }, tables), hint);
  const field = number_field({ label: "", onenter: judge });
  const prompt = field.node.firstChild;

  const values = (k) => {
    const [r, c] = places[k];
    const open = now[r][c] > 0;
    const value = { row: r + 1, column: c + 1, x: fmt(now[r][c]), dout: fmt(dout[r][c]) };
    return { ...value, open, dx: fmt(open ? dout[r][c] : 0), want: open ? dout[r][c] : 0 };
  };
  const reason = (k) => filled(values(k).open ? words.mask_open : words.mask_closed, values(k));

  function show() {
    places.forEach((_, k) => {
      const v = values(k);
      const seen = known.has(k);
      const state = v.open ? "open" : "closed";
      xs[k].replaceChildren(el("span", { class: "value" }, v.x), " ", el("small", {}, seen ? words[state] : ""));
      // The name of a button holds the words that it shows: who speaks to the page says those.
      xs[k].setAttribute("aria-label", filled(words.mask_flip, { ...v, x: seen ? `${v.x} ${words[state]}` : v.x }));
      const small = seen ? (v.open ? words.passes : words.blocked) : "";
      dxs[k].replaceChildren(el("span", { class: "gradient" }, seen ? v.dx : "?"), " ", el("small", {}, small));
      dxs[k].classList.toggle("blocked", seen && !v.open);
      const told = seen ? filled(v.open ? words.mask_passes : words.mask_blocked, v) : words.mask_unknown;
      dxs[k].setAttribute("aria-label", filled(words.mask_cell, { ...v, value: told }));
      for (const cell of [xs[k], dxs[k], douts[k]]) cell.parentNode.classList.toggle("chosen", k === chosen);
      if (k === chosen) dxs[k].setAttribute("aria-current", "true");
      else dxs[k].removeAttribute("aria-current");
    });
    prompt.textContent = filled(words.mask_prompt, values(chosen));
  }

  function choose(k) {
    chosen = k;
    field.input.value = "";
    show();
    f.say(known.has(k) ? reason(k) : filled(words.mask_ask, values(k)));
  }

  function settle(before) {
    const solved = chosen;
    known.add(solved);
    const next = places.map((_, k) => (solved + k) % places.length).find((k) => !known.has(k));
    if (next !== undefined) chosen = next;
    field.input.value = "";
    show();
    f.say(...before, reason(solved), next === undefined ? ` ${words.mask_done}` : "");
  }

  function judge(got) {
    const v = values(chosen);
    if (Number.isNaN(got)) return f.say(words.not_a_number);
    if (is_close(got, v.want)) return settle([el("span", { class: "right" }, words.right), " "]);
    const [r, c] = places[chosen];
    const why = got === now[r][c] ? words.mask_x : got === 0 || got === dout[r][c] ? words.mask_by_dout : words.mask_other;
    f.say(el("span", { class: "wrong" }, words.wrong), ` ${filled(why, v)}`);
  }

  function flip(k) {
    const [r, c] = places[k];
    now[r][c] = -now[r][c];
    known.delete(k);
    chosen = k;
    field.input.value = "";
    show();
    f.say(filled(words.mask_flipped, values(k)));
  }

  const controls = [
    field.node,
    button(words.check, () => judge(field.value()), { key: "check" }),
    button(words.reveal, () => settle([]), { key: "reveal" }),
    button(words.reveal_all, () => {
      known = new Set(places.keys());
      show();
      f.say(words.mask_done);
    }),
    button(words.again, () => {
      now = x.map((line) => [...line]);
      known = new Set();
      choose(0);
    }),
  ];
  return { body, controls, start: () => choose(chosen) };
}

/** What is left of a gradient of 1 behind n activations, on an axis of powers of ten. */
function depthView(f, model) {
  const words = model.get("words");
  const { starts, left } = model.get("stacks");
  const names = Object.keys(left);
  const deepest = left[names[0]][0].length - 1;
  const LEFT = 46, RIGHT = 222, TOP = 30, UNIT = 11, LOWEST = 20;
  let n = 10;
  let start = 1;

  const at = (k) => LEFT + ((RIGHT - LEFT) * k) / deepest;
  const height = (value) => TOP + UNIT * Math.min(LOWEST, value > 0 ? -Math.log10(value) : LOWEST);
  const few = (value) => general(value, 2).replace("e-0", "e-").replaceAll("-", "−");
  const lines = names.map((name) => svg("path", { class: "line i", style: DASHES[name] && `stroke-dasharray: ${DASHES[name]}` }));
  const marks = names.map(() => svg("circle", { class: "fork", r: 4 }));
  const leads = names.map(() => svg("path", { class: "faint" }));
  const labels = names.map(() => svg("text", { class: "ink", x: RIGHT + 12, "font-size": 14 }));
  const plot = svg("svg", { class: "cf stack", viewBox: "0 0 350 298", role: "img" }, axes(), leads, lines, marks, labels);

  function axes() {
    const text = (x, y, anchor, ...parts) =>
      svg("text", { x, y, class: "soft", "font-size": 13, "text-anchor": anchor }, parts);
    const parts = [];
    for (let power = 0; power <= LOWEST; power += 4) {
      const y = TOP + UNIT * power;
      parts.push(svg("path", { class: power === LOWEST ? "axis" : "grid", d: `M${LEFT} ${y}H${RIGHT}` }));
      const raised = svg("tspan", { dy: -5, "font-size": 10 }, fmt(-power));
      parts.push(power ? text(LEFT - 7, y + 5, "end", "10", raised) : text(LEFT - 7, y + 5, "end", "1"));
    }
    for (let k = 0; k <= deepest; k += 5) {
      parts.push(svg("path", { class: "grid", d: `M${at(k)} ${TOP}V${TOP + UNIT * LOWEST}` }));
      parts.push(text(at(k), TOP + UNIT * LOWEST + 20, "middle", String(k)));
    }
    parts.push(text((LEFT + RIGHT) / 2, TOP + UNIT * LOWEST + 42, "middle", words.depth_axis));
    const title = text(LEFT, TOP - 12, "start", words.depth_title);
    title.setAttribute("class", "ink strong");
    return svg("g", {}, parts, title);
  }

  function show() {
    const tables = names.map((name) => left[name][starts.indexOf(start)]);
    const ends = tables.map((table, k) => ({ k, y: height(table[n]) + 5 })).sort((a, b) => a.y - b.y);
    // Labels of ends that lie close stand one below the other.
    ends.forEach((end, k) => (end.y = Math.max(end.y, k ? ends[k - 1].y + 16 : 0)));
    const over = ends.at(-1).y - (TOP + UNIT * LOWEST + 5);
    for (const [k, end] of [...ends.entries()].reverse()) {
      if (over > 0) end.y = Math.min(end.y, k === ends.length - 1 ? end.y - over : ends[k + 1].y - 16);
      labels[end.k].setAttribute("y", end.y);
    }
    tables.forEach((table, k) => {
      const points = table.slice(0, n + 1).map((v, j) => `${at(j).toFixed(1)} ${height(v).toFixed(1)}`);
      lines[k].setAttribute("d", `M${points.join("L")}`);
      marks[k].setAttribute("cx", at(n));
      marks[k].setAttribute("cy", height(table[n]));
      const y = Number(labels[k].getAttribute("y")) - 5;
      leads[k].setAttribute("d", `M${at(n)} ${height(table[n])}L${RIGHT + 8} ${y}`);
      labels[k].textContent = `${words[names[k]]}: ${few(table[n])}`;
    });
    const told = tables.map((table, k) => filled(words.depth_left, { name: words[names[k]], left: few(table[n]) }));
    const values = { n, start: fmt(start), left: told.join(" ") };
    plot.setAttribute("aria-label", filled(words.depth_alt, values));
    const blocked = tables[names.indexOf("relu")][n] === 0 ? ` ${words.depth_blocked}` : "";
    f.say(filled(words.depth_says, values) + blocked);
  }

  const controls = [
    slider({
      label: words.depth, min: 1, max: deepest, step: 1, value: n,
      oninput(value) {
        n = value;
        show();
      },
    }).node,
    slider({
      label: words.start, min: starts[0], max: starts.at(-1), step: starts[1] - starts[0], value: start,
      oninput(value) {
        start = value;
        show();
      },
    }).node,
  ];
  return { body: plot, controls, start: show };
}

function render({ model, el: host }) {
  const f = frame(host, model);
  f.root.classList.add("activation-explorer");
  const words = model.get("words");
  const makers = { curve: curveView, mask: maskView, depth: depthView };
  const views = model.get("views");
  const made = {};
  const holder = el("div", { class: "bar" });

  function open(name) {
    made[name] ??= makers[name](f, model);
    f.stage.replaceChildren(made[name].body);
    holder.replaceChildren(...made[name].controls);
    made[name].start();
  }

  if (views.length > 1) {
    const options = views.map((name) => [name, words[`view_${name}`]]);
    f.controls.append(choice({ label: words.view, options, value: views[0], onchange: open }).node);
  }
  f.controls.append(holder);
  open(views[0]);
  return f.dispose;
}
export default { render };
