// GradientCheckMap: everything was measured in Python; here it is looked up.

const ORDER = ["W1", "W2", "b1", "b2"];
// Two digits: of 1.3e-5 and 9.8e-6 one passes and one does not.
const short = (x) => x.toExponential(1).replace("-", "−").replace("+", "");
const fine = (x) => general(x, 6).replaceAll("-", "−");

function power_of(error) {
  return error > 0 ? String(Math.floor(Math.log10(error))).replace("-", "−") : "=";
}

function heat(error) {
  return error > 0 ? Math.min(Math.max((Math.log10(error) + 10) / 9, 0), 1) : 0;
}

function render({ model, el: host }) {
  const f = frame(host, model);
  const words = model.get("words");
  const steps = model.get("steps");
  let network = "right";
  let step = steps.indexOf("1e-02");

  f.root.classList.add("check-map");
  f.stage.setAttribute("aria-label", words.stage);
  const tables = Object.fromEntries(ORDER.map((name) => [name, table(name)]));
  const plot = el("div", { class: "plot" });
  f.stage.append(
    el("div", { class: "parts" }, el("div", { class: "maps" }, ORDER.map((name) => tables[name].node)), plot),
    el("p", { class: "soft" }, words.reading),
  );

  const h = slider({
    label: words.h,
    min: 0,
    max: steps.length - 1,
    step: 1,
    value: step,
    format: (i) => plain(steps[i]),
    oninput: (i) => {
      step = i;
      show();
    },
  });
  const which = choice({
    label: words.network,
    options: Object.keys(model.get("networks")).map((key) => [key, words[key]]),
    value: network,
    onchange: (key) => {
      network = key;
      draw();
    },
  });
  f.controls.append(h.node, which.node);

  // 1e-02 is written 1e−2.
  function plain(text) {
    return text.replace(/e-0?/, "e−");
  }

  // A grid of cells with one tab stop; the arrow keys walk in it.
  function table(name) {
    const claims = model.get("networks").right.claims[name];
    const rows = Array.isArray(claims[0]) ? claims : [claims];
    const caption = el("p", { class: "name", id: fresh() });
    const cells = rows.map((row, i) =>
      row.map((_, j) => {
        const cell = el("div", {
          class: "cell",
          role: "gridcell",
          tabindex: i + j === 0 ? 0 : -1,
          onfocus: () => tell(name, i, j),
          onpointerenter: () => tell(name, i, j),
          onkeydown: (event) => walk(event, name, i, j),
        });
        return cell;
      }),
    );
    const grid = el(
      "div",
      { class: "grid", role: "grid", "aria-labelledby": caption.id },
      cells.map((row) => el("div", { class: "row", role: "row" }, row)),
    );
    return { node: el("div", { class: "map" }, caption, grid), caption, cells, flat: !Array.isArray(claims[0]) };
  }

  function walk(event, name, i, j) {
    const move = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (!move) return;
    event.preventDefault();
    const { cells } = tables[name];
    const next = cells[i + move[0]]?.[j + move[1]];
    if (!next) return;
    for (const cell of cells.flat()) cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  function of_cell(values, name, i, j) {
    return tables[name].flat ? values[j] : values[i][j];
  }

  function detail(name, i, j) {
    const { claims, elements } = model.get("networks")[network];
    return filled(words.element, {
      name,
      place: tables[name].flat ? `[${j}]` : `[${i}, ${j}]`,
      analytic: fine(of_cell(claims[name], name, i, j)),
      numeric: fine(of_cell(model.get("numeric")[name][step], name, i, j)),
      error: short(of_cell(elements[name][step], name, i, j)),
      h: plain(steps[step]),
    });
  }

  function tell(name, i, j) {
    f.say(detail(name, i, j));
  }

  function show() {
    const { elements, arrays, grades } = model.get("networks")[network];
    const said = ORDER.map((name) => {
      const grade = grades[name][step];
      const { cells, caption, node } = tables[name];
      const line = filled(words.array, { name, error: short(arrays[name][step]), grade: words[grade] });
      node.dataset.grade = grade;
      caption.textContent = line;
      cells.forEach((row, i) =>
        row.forEach((cell, j) => {
          const error = of_cell(elements[name][step], name, i, j);
          cell.textContent = power_of(error);
          cell.style.setProperty("--heat", `${Math.round(50 * heat(error))}%`);
          cell.setAttribute("aria-label", detail(name, i, j));
        }),
      );
      return line;
    });
    plot.querySelector('[data-part="cursor"]').setAttribute("transform", `translate(${model.get("columns")[step]})`);
    f.say(filled(words.at, { h: plain(steps[step]), arrays: said.join("; ") }));
  }

  function draw() {
    plot.replaceChildren(drawn(model.get("networks")[network].curve));
    show();
  }
  draw();
  return f.dispose;
}
export default { render };
