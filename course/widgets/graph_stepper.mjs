// The browser's half of `_graph_stepper.py`: the same frames, recomputed while a slider moves.

OPS.relu ??= { value: (a) => Math.max(a, 0), local: (a) => [a > 0 ? 1 : 0] };

const NUMBERS = ["value", "gradient"];

/** Return a number for a label or a sentence; where there is none, words. */
function spoken(x, words) {
  return Number.isFinite(x) ? fmt(x) : words["no value"];
}

function inBrackets(x, words) {
  return x < 0 ? `(${spoken(x, words)})` : spoken(x, words);
}

/** Return the derivative of `out` with respect to `name` as it is written in a line. */
function ratioOf(out, name) {
  const short = /^[A-Za-z]_?\d{0,2}$/;
  return short.test(out) && short.test(name) ? `d${out}/d${name}` : `d ${out} / d ${name}`;
}

/** Return in words how a node's local gradient comes about. */
function howOf(step, op, operands, words) {
  let key = op === "-" || op === "/" ? op + step.slot : op;
  if (op === "relu") key = operands[0] > 0 ? "relu on" : "relu off";
  const last = operands[operands.length - 1];
  return filled(words[`how ${key}`], {
    a: op === "/" ? inBrackets(operands[0], words) : spoken(operands[0], words),
    b: inBrackets(last, words),
    other: spoken(operands.length > 1 ? operands[1 - step.slot] : operands[0], words),
    source: step.source,
  });
}

/** Return all steps with their numbers: {values, grads, locals, sentences, now}. */
function computed(plan, inputs, words) {
  const nodes = new Map(plan.nodes.map(([name, op, names]) => [name, { op, names }]));
  const values = { ...inputs };
  const grads = {};
  const locals = {};
  const { out } = plan;
  const show = (x) => spoken(x, words);
  const steps = plan.steps.map((step) => {
    if (step.do === "start") return { sentence: words.start, now: plan.leaves.map((n) => `value ${n}`) };
    if (step.do === "forward") {
      const { op, names } = nodes.get(step.node);
      const operands = names.map((n) => values[n]);
      values[step.node] = OPS[op].value(...operands);
      const rule = filled(plan.rules[op], { a: show(operands[0]), b: inBrackets(operands[operands.length - 1], words) });
      return {
        sentence: filled(words.forward, { node: step.node, rule, result: show(values[step.node]) }),
        now: [`node ${step.node}`, `value ${step.node}`],
      };
    }
    if (step.do === "seed") {
      grads[out] = 1;
      return { sentence: filled(words.seed, { ratio: ratioOf(out, out) }), now: [`gradient ${out}`] };
    }
    if (step.do === "back") {
      const { op, names } = nodes.get(step.node);
      const operands = names.map((n) => values[n]);
      const local = OPS[op].local(...operands)[step.slot];
      locals[step.wire] = local;
      grads[step.wire] = grads[step.node] * local;
      return {
        sentence: filled(words[step.wire in plan.vias ? "share" : "whole"], {
          node: step.node,
          source: step.source,
          how: howOf(step, op, operands, words),
          up: show(grads[step.node]),
          local: inBrackets(local, words),
          sent: show(grads[step.wire]),
          ratio: ratioOf(out, step.source),
        }),
        now: [`node ${step.node}`, `gradient ${step.node}`, `gradient ${step.wire}`],
      };
    }
    grads[step.source] = step.wires.reduce((sum, wire) => sum + grads[wire], 0);
    const [head, ...rest] = step.wires.map((wire) => grads[wire]);
    return {
      sentence: filled(words.sum, {
        source: step.source,
        count: plan.uses[step.source],
        sum: [show(head), ...rest.map((x) => inBrackets(x, words))].join(" + "),
        total: show(grads[step.source]),
        ratio: ratioOf(out, step.source),
      }),
      now: [`gradient ${step.source}`, ...step.wires.map((wire) => `gradient ${wire}`)],
    };
  });
  return { values, grads, locals, steps };
}

/** Return what step number i makes known: "value subtotal", "gradient price". */
function madeBy(step, plan) {
  if (step.do === "start") return plan.leaves.map((n) => `value ${n}`);
  if (step.do === "forward") return [`value ${step.node}`];
  if (step.do === "seed") return [`gradient ${plan.out}`];
  return [`gradient ${step.wire}`];
}

function render({ model, el: host }) {
  const f = frame(host, model);
  f.root.classList.add("graph-stepper");
  const words = model.get("words");
  const plan = model.get("plan");
  const inputs = { ...model.get("inputs") };
  const ops = Object.fromEntries(plan.nodes.map(([name, op, names]) => [name, { op, names }]));
  const picture = drawn(model.get("drawing"));
  f.stage.append(picture);

  let now = computed(plan, inputs, words);
  let mode = model.get("mode");
  let at = 0;

  // Every number of the picture is a group with a plate behind it; see `_diagram.draw`.
  const parts = [...picture.querySelectorAll("[data-part]")].map((group) => ({
    group,
    kind: group.dataset.part,
    of: group.dataset.of,
    id: `${group.dataset.part} ${group.dataset.of}`,
    spans: NUMBERS.includes(group.dataset.part) ? [...group.querySelectorAll("tspan")] : [],
  }));
  const madeAt = new Map(plan.steps.flatMap((step, i) => madeBy(step, plan).map((id) => [id, i])));
  const labels = new Map(parts.filter((p) => NUMBERS.includes(p.kind)).map((p) => [p.id, p]));

  // ------------------------------------------------------------ what is asked for

  const wanted = { both: NUMBERS, values: ["value"], gradients: ["gradient"] }[model.get("blanks")];
  const blanks = plan.steps
    .flatMap((step) => (step.do === "start" ? [] : madeBy(step, plan)))
    .filter((id) => labels.has(id) && wanted.includes(labels.get(id).kind));
  const known = new Map(); // the blanks that are filled, and whether by the reader
  let chosen = null;

  function asked(id) {
    const step = plan.steps[madeAt.get(id)];
    const { out } = plan;
    if (step.do === "forward") return filled(words["ask value"], { name: step.node });
    if (step.do === "back" && step.wire in plan.vias) {
      const twice = ops[step.node].names.filter((n) => n === step.source).length > 1;
      return filled(words[twice ? "ask share slot" : "ask share"], {
        ratio: ratioOf(out, step.source),
        node: step.node,
        slot: step.slot + 1,
      });
    }
    return ratioOf(out, step.source ?? out);
  }

  function answer(id) {
    const { kind, of } = labels.get(id);
    return kind === "value" ? now.values[of] : now.grads[of];
  }

  /** Return what to think about next, seen from the number that was typed. */
  function hint(id, got) {
    const step = plan.steps[madeAt.get(id)];
    const { out } = plan;
    if (step.do === "forward") {
      const { op, names } = ops[step.node];
      const rule = filled(plan.rules[op], { a: names[0], b: names[names.length - 1] });
      return filled(words["hint forward"], { node: step.node, rule });
    }
    if (step.do === "seed") return filled(words["hint seed"], { out });
    const want = answer(id);
    const { source } = step;
    if (step.do === "sum") {
      const one = step.wires.some((wire) => is_close(got, now.grads[wire]));
      return filled(words[one ? "hint share" : "hint sum"], { source, count: plan.uses[source] });
    }
    const { op, names } = ops[step.node];
    const up = now.grads[step.node];
    const near = (x) => is_close(got, x);
    if (want !== 0 && near(-want)) return words["hint sign"];
    if (near(now.locals[step.wire])) return words["hint upstream"];
    if (op === "*" && near(up * now.values[source])) return filled(words["hint swap"], { source });
    if (near(up)) return words["hint copy"];
    return filled(words["hint back"], { node: step.node, ratio: ratioOf(step.node, source) });
  }

  function choose(id, { focus = false } = {}) {
    chosen = id;
    progress.textContent = filled(words.progress, { done: known.size, all: blanks.length });
    field.node.hidden = check.hidden = reveal.hidden = id === null;
    if (id !== null) {
      field.node.firstChild.textContent = `${asked(id)} =`;
      field.input.value = "";
      if (focus) field.input.focus({ preventScroll: true });
    }
    paint();
  }

  function settle(id, by_reader) {
    known.set(id, by_reader);
    const sentence = now.steps[madeAt.get(id)].sentence;
    const next = blanks[blanks.indexOf(id) + 1];
    const open = blanks.filter((b) => !known.has(b));
    f.say(
      el("span", { class: by_reader ? "right" : "" }, by_reader ? words.right : words.shown),
      ` ${sentence}`,
      open.length ? "" : ` ${words.finished}`,
    );
    const had_focus = f.root.contains(document.activeElement);
    choose(open.includes(next) ? next : (open[0] ?? null));
    if (had_focus) (open.length ? field.input : clear).focus({ preventScroll: true });
  }

  function judge(number) {
    if (chosen === null) return;
    if (!Number.isFinite(number)) {
      f.say(words.not_a_number);
    } else if (is_close(number, answer(chosen))) {
      settle(chosen, true);
    } else {
      const said = filled(words.wrong, { got: fmt(number) });
      f.say(el("span", { class: "wrong" }, said), ` ${hint(chosen, number)}`);
      field.input.select();
    }
  }

  // ------------------------------------------------------------ the picture

  function is_known(id) {
    if (mode === "fill") return blanks.includes(id) ? known.has(id) : !is_later(id);
    return madeAt.has(id) && madeAt.get(id) <= at;
  }

  /** Say whether a gradient is left out, for it would tell the values that are asked for. */
  function is_later(id) {
    return mode === "fill" && id.startsWith("gradient ") && !wanted.includes("gradient");
  }

  /** Return the id of the number that a part shows or carries. */
  function carried(part) {
    return `${part.kind.startsWith("gradient") ? "gradient" : "value"} ${part.of}`;
  }

  function paint() {
    const current = new Set(mode === "watch" ? now.steps[at].now : [chosen]);
    for (const part of parts) {
      const { group, kind, id } = part;
      const there = is_known(carried(part));
      group.classList.toggle("now", current.has(id));
      if (kind === "value-line" || kind === "fork") group.classList.toggle("waiting", !there && mode === "watch");
      const absent = !there && (mode === "watch" || is_later(carried(part)));
      if (kind === "gradient-line") group.classList.toggle("absent", absent);
      if (!NUMBERS.includes(kind)) continue;
      const open = !there && !absent;
      group.classList.toggle("absent", absent);
      group.classList.toggle("open", open);
      const text = open ? "?" : spoken(kind === "value" ? now.values[part.of] : now.grads[part.of], words);
      for (const span of part.spans) span.textContent = text;
      if (open) {
        group.setAttribute("role", "button");
        group.setAttribute("tabindex", "0");
        group.setAttribute("aria-label", `${asked(id)}: ${words.unknown}`);
      } else {
        for (const name of ["role", "tabindex", "aria-label"]) group.removeAttribute(name);
      }
    }
    describe();
    follow();
  }

  /** Give the picture its words: all numbers that can be seen. */
  function describe() {
    const list = (kind, of) =>
      [...labels.values()]
        .filter((p) => p.kind === kind && !(p.of in plan.vias) && is_known(p.id))
        .map((p) => `${p.of} ${spoken(of[p.of], words)}`)
        .join(", ");
    const said = [];
    for (const [kind, of, key] of [["value", now.values, "values"], ["gradient", now.grads, "gradients"]]) {
      const items = list(kind, of);
      if (items) said.push(filled(words[key], { list: items }));
    }
    picture.setAttribute("aria-label", filled(words["picture so far"], { values: said.join(" ") }));
    picture.setAttribute("role", mode === "watch" ? "img" : "group");
  }

  /** Keep what the step is about in sight where the picture is wider than the page. */
  function follow() {
    if (f.stage.scrollWidth <= f.stage.clientWidth) return;
    const marked = picture.querySelectorAll(".now");
    const about = marked[marked.length - 1];
    if (!about) return;
    const [box, view] = [about.getBoundingClientRect(), f.stage.getBoundingClientRect()];
    f.stage.scrollLeft += (box.left + box.right) / 2 - (view.left + view.right) / 2;
  }

  // ------------------------------------------------------------ controls

  const steps = stepper({
    f,
    count: plan.steps.length,
    words,
    show(i) {
      at = i;
      if (mode !== "watch") return;
      paint();
      f.say(now.steps[i].sentence);
    },
  });

  const field = number_field({ label: "", onenter: judge });
  const check = button(words.check, () => judge(field.value()), { key: "check" });
  const reveal = button(words.reveal, () => settle(chosen, false), { key: "reveal" });
  const clear = button(words.clear, () => begin(true), { key: "clear" });
  const progress = el("span", { class: "soft" });
  const form = el("div", { class: "bar" }, field.node, check, reveal, clear, progress);

  function begin(focus) {
    known.clear();
    f.say(words.invite);
    choose(blanks[0] ?? null, { focus });
  }

  function enter(new_mode) {
    mode = new_mode;
    steps.stop();
    steps.node.hidden = mode !== "watch";
    form.hidden = mode !== "fill";
    if (mode === "fill") begin(false);
    else steps.go(at);
  }

  const modes = choice({
    label: words.mode,
    options: [["watch", words.watch], ["fill", words.fill]],
    value: mode,
    onchange: enter,
  });
  const sliders = model.get("sliders").map(([name, min, max, step]) =>
    slider({
      label: name,
      min,
      max,
      step,
      value: inputs[name],
      oninput(x) {
        inputs[name] = x;
        now = computed(plan, inputs, words);
        if (mode === "watch") {
          paint();
          f.say(now.steps[at].sentence);
        } else {
          begin(false);
        }
      },
    }),
  );
  f.controls.append(steps.node, form, modes.node);
  if (sliders.length) {
    const group = el("div", { class: "bar sliders", role: "group", "aria-label": words.inputs });
    group.append(...sliders.map((s) => s.node));
    f.controls.append(group);
  }

  // A click on an open number asks for it; on any other part it goes to the step that made it.
  function pick(target, focus) {
    const group = target.closest?.("[data-part]");
    const part = parts.find((p) => p.group === group);
    if (!part) return false;
    if (mode === "fill") {
      if (!part.group.classList.contains("open")) return false;
      f.say(filled(words.chosen, { what: asked(part.id) }));
      choose(part.id, { focus });
      return true;
    }
    const id = part.kind === "node" ? `value ${part.of}` : part.id;
    if (!madeAt.has(id)) return false;
    steps.stop();
    steps.go(madeAt.get(id));
    return true;
  }
  f.listen(picture, "click", (event) => pick(event.target, true));
  f.listen(picture, "keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && !event.shiftKey && pick(event.target, true)) {
      event.preventDefault();
    }
  });

  enter(mode);
  return f.dispose;
}

export default { render };
