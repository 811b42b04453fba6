// NodeBench: choose a node and its numbers, predict what it sends back, compare, read the rule.

function render({ model, el: host }) {
  const w = model.get("words");
  const signs = model.get("signs");
  const tasks = model.get("tasks");
  const numbers = { ...model.get("numbers") };
  const known = { dx: false, dy: false };
  let op = model.get("op"), task = 0;

  const f = frame(host, model);
  f.root.classList.add("node-bench");
  const picture = drawn(model.get("node_drawing"));
  f.stage.append(picture);

  const nodes = choice({
    label: w.node,
    options: Object.keys(signs).map((sign) => [sign, w[`op${sign}`]]),
    value: op,
    onchange: (value) => {
      op = value;
      restart();
    },
  });
  const reach = model.get("reach");
  const sliders = Object.fromEntries(Object.keys(numbers).map((name) => [
    name,
    slider({
      label: w[name] ?? name, min: -reach, max: reach, step: 0.1, value: numbers[name],
      oninput: (value) => {
        numbers[name] = value;
        restart();
      },
    }),
  ]));
  const guesses = Object.fromEntries(["dx", "dy"].map((name) => [
    name, number_field({ label: filled(w.guess, { name }), onenter: judge }),
  ]));
  f.controls.append(
    nodes.node, ...Object.values(sliders).map((s) => s.node), guesses.dx.node, guesses.dy.node,
    el("div", { class: "bar" }, button(w.check, judge), button(w.reveal, reveal), button(w.another, another)),
  );

  /** All numbers of the node: x, y, out, dout, the local derivatives and the gradients. */
  function values() {
    const { x, y, dout } = numbers;
    const [local_x, local_y] = OPS[op].local(x, y);
    const out = OPS[op].value(x, y);
    return { x, y, out, dout, local_x, local_y, dx: dout * local_x, dy: dout * local_y };
  }

  const possible = () => op !== "/" || numbers.y !== 0;

  function restart() {
    for (const name of ["dx", "dy"]) {
      known[name] = false;
      guesses[name].input.value = "";
    }
    draw();
    say_question();
  }

  function say_question() {
    if (!possible()) return f.say(w.zero);
    const { x, y, out, dout } = values();
    f.say(filled(w.ask, { x: fmt(x), sign: signs[op], y: bracketed(fmt(y)), out: fmt(out), dout: fmt(dout) }));
  }

  function another() {
    task = (task + 1) % tasks.length;
    ["x", "y", "dout"].forEach((name, i) => {
      numbers[name] = tasks[task][i];
      sliders[name].set(tasks[task][i]);
    });
    restart();
  }

  function judge() {
    if (!possible()) return f.say(w.zero);
    const typed = ["dx", "dy"].filter((name) => guesses[name].input.value.trim() !== "");
    if (!typed.length) return f.say(w.empty);
    f.say(typed.map(verdict), done());
  }

  function verdict(name) {
    const got = guesses[name].value();
    if (Number.isNaN(got)) return line("wrong", filled(w.told, { name }), w.not_a_number);
    if (!is_close(got, values()[name])) return line("wrong", filled(w.wrong, { name }), slip(name, got));
    known[name] = true;
    draw();
    return line("right", filled(w.right, { name }), why(name));
  }

  function reveal() {
    if (!possible()) return f.say(w.zero);
    known.dx = known.dy = true;
    draw();
    f.say(["dx", "dy"].map((name) => line("", filled(w.told, { name }), why(name))), done());
  }

  function done() {
    if (!known.dx || !known.dy) return [];
    return [el("span", { class: "line" }, filled(w.done, { rule: w[`rule${op}`] }))];
  }

  function why(name) {
    const v = values();
    const side = name[1];
    const local = v[`local_${side}`];
    const reason = filled(w[side + op], { x: fmt(v.x), y: fmt(v.y), local: fmt(local) });
    return `${reason}${gap(reason)}${filled(w.send, { name, dout: fmt(v.dout), local: bracketed(fmt(local)), grad: fmt(v[name]) })}`;
  }

  /** What a wrong number is, where it is a number of this node; else how to measure. */
  function slip(name, got) {
    const v = values();
    const to = name[1], other = name === "dx" ? "dy" : "dx";
    const local = v[`local_${to}`];
    const known_slips = [
      [-v[name], w.is_negative], [v.dout, w.is_upstream], [local, w.is_local], [v[other], w.is_other],
      [v.dout + local, w.is_sum], [v.out, w.is_forward],
    ];
    const found = known_slips.find(([number]) => is_close(got, number));
    if (found) return filled(found[1], { to, dout: fmt(v.dout) });
    const by = 0.01;
    const moved = { ...v, [to]: v[to] + by };
    return filled(w.measure, {
      to, start: digits(v[to]), end: digits(v[to] + by), out: digits(v.out), new: digits(OPS[op].value(moved.x, moved.y)),
    });
  }

  function draw() {
    const v = values();
    for (const text of picture.querySelectorAll("[data-show]")) text.textContent = shown(text.dataset.show, v);
    const named = ["x", "y", "out"].map((name) => filled(w.is, { name, value: shown(name, v) }));
    const label = [...named, ...["dout", "dx", "dy"].map((name) => shown(name, v))].join(w.comma);
    picture.setAttribute("aria-label", filled(w.label, { node: w[`op${op}`], numbers: label }));
  }

  function shown(name, v) {
    if (name === "sign") return signs[op];
    const hidden = (name in known && !known[name]) || !Number.isFinite(v[name]);
    const value = hidden ? "?" : fmt(v[name]);
    return name.startsWith("d") ? filled(w.is, { name, value }) : value;
  }

  restart();
  return f.dispose;
}

function line(style, start, text) {
  return el("span", { class: "line" }, el("span", { class: style || null }, start), gap(start), text);
}

export default { render };
