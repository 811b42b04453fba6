// PathSum: follow each path from an input to the result, then say what they bring together.

function render({ model, el: host }) {
  const w = model.get("words");
  const [nodes, edges, paths] = ["nodes", "edges", "paths"].map((name) => model.get(name));
  const pair = { of: model.get("source"), to: model.get("output") };
  const inputs = { ...model.get("inputs") };
  const seen = new Set();
  let chosen = null, known = false;

  const f = frame(host, model);
  f.root.classList.add("path-sum");
  const picture = drawn(model.get("graph_drawing"));
  const ledger = el("ul");
  f.stage.append(picture, ledger);

  const paths_of = choice({
    label: w.path,
    options: [...paths.map((p, i) => [String(i), p.name]), ["all", w.all]],
    value: null,
    onchange: (value) => {
      chosen = value;
      draw();
      f.say(value === "all" ? together() : filled(w.stop, { sentence: along(Number(value)) }));
    },
  });
  const guess = number_field({ label: filled(w.guess, pair), onenter: judge });
  const { name, ...reach } = model.get("slider");
  const start = slider({
    label: name, ...reach, value: inputs[name],
    oninput: (value) => {
      inputs[name] = value;
      seen.clear();
      known = false;
      draw();
      f.say(finite() ? filled(w.ask, pair) : filled(w.nowhere, pair));
    },
  });
  f.controls.append(
    start.node, paths_of.node, guess.node,
    el("div", { class: "bar" },
      button(w.check, () => judge(guess.value())),
      button(w.reveal, () => finite() && reveal([]))),
  );

  const values = () => evaluated(nodes, inputs);
  const finite = () => [...Object.values(values()), ...slopes()].every(Number.isFinite);

  /** The local derivative of every edge. */
  function slopes() {
    const at = values();
    const of = Object.fromEntries(nodes.map((node) => [node[0], locals(node, at)]));
    return edges.map(([, target, slot]) => of[target][slot]);
  }

  function brought() {
    const local = slopes();
    return paths.map((p) => p.edges.reduce((so, i) => so * local[i], 1));
  }

  function sum() {
    return brought().reduce((so, x) => so + x, 0);
  }

  function along(i) {
    const local = slopes();
    const back = paths[i].edges.toReversed();
    return filled(back.length > 1 ? w.along : w.along_one, {
      path: capital(paths[i].name),
      ratios: back.map((e) => `d${edges[e][1]}/d${edges[e][0]}`).join(" × "),
      factors: back.map((e) => bracketed(digits(local[e]))).join(" × "),
      product: digits(brought()[i]),
    });
  }

  function whole() {
    return filled(w.sum, { ...pair, terms: brought().map((x) => bracketed(digits(x))).join(" + "), sum: digits(sum()) });
  }

  function together() {
    return known ? filled(w.stop, { sentence: whole() }) : filled(w.all_shown, pair);
  }

  function judge(got) {
    if (!finite()) return f.say(filled(w.nowhere, pair));
    if (Number.isNaN(got)) return f.say(w.not_a_number);
    if (is_close(got, sum())) return reveal([el("span", { class: "right" }, w.right), gap(w.right)]);
    f.say(el("span", { class: "wrong" }, w.wrong), gap(w.wrong), filled(slip(got), pair));
  }

  /** What a wrong number is, where it is a number of this graph. */
  function slip(got) {
    const terms = brought();
    const many = terms.length > 1;
    if (many && is_close(got, terms.reduce((so, x) => so * x, 1))) return w.is_product;
    if (many && is_close(got, sum() / terms.length)) return w.is_mean;
    if (many && terms.some((x) => is_close(got, x))) return w.is_one;
    if (is_close(got, values()[pair.to])) return w.is_value;
    return w.is_other;
  }

  function reveal(before) {
    known = true;
    chosen = "all";
    paths.forEach((_, i) => seen.add(i));
    paths_of.set("all");
    draw();
    f.say(before, filled(w.told, { whole: whole(), why: filled(w.why, pair), nudged: nudged() }));
  }

  function nudged() {
    const by = 0.001;
    const moved = evaluated(nodes, { ...inputs, [pair.of]: inputs[pair.of] + by })[pair.to] - values()[pair.to];
    return filled(w.nudged, { ...pair, by, moved: digits(moved), ratio: digits(moved / by) });
  }

  function draw() {
    const at = values();
    const local = slopes();
    const on = chosen === null ? [] : chosen === "all" ? paths.flatMap((p) => p.edges) : paths[chosen].edges;
    if (chosen !== null && chosen !== "all") seen.add(Number(chosen));
    const label = [];
    for (const text of picture.querySelectorAll("[data-value]")) {
      text.textContent = filled(w.is, { name: text.dataset.value, value: number_or_gap(at[text.dataset.value]) });
      label.push(text.textContent);
    }
    for (const [i, [source, target]] of edges.entries()) {
      const text = picture.querySelector(`[data-local="${i}"]`);
      text.textContent = filled(w.is, { name: `d${target}/d${source}`, value: number_or_gap(local[i]) });
      label.push(text.textContent);
      picture.querySelector(`[data-edge="${i}"]`).classList.toggle("on", on.includes(i));
    }
    picture.setAttribute("aria-label", label.join(w.comma));
    const lines = paths.map((p, i) =>
      seen.has(i) && finite() ? along(i) : filled(w.not_yet, { path: capital(p.name) }));
    ledger.replaceChildren(
      ...lines.map((text) => el("li", {}, text)),
      el("li", { class: "whole" }, known ? whole() : filled(w.sum_unknown, pair)),
    );
  }

  draw();
  f.say(filled(w.ask, pair));
  return f.dispose;
}

function number_or_gap(x) {
  return Number.isFinite(x) ? fmt(x) : "?";
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export default { render };
