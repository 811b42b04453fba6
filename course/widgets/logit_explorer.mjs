function render({ model, el: host }) {
  const f = frame(host, model);
  f.root.classList.add("logit-explorer");
  const words = model.get("words");
  const limits = model.get("limits");
  let z = [...model.get("start")];
  let shift = 0;
  let target = model.get("target");
  const classes = z.map((_, k) => k);

  /** Shares, loss and gradient of the scores as they are. */
  function row() {
    const scores = z.map((score) => score + shift);
    const top = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - top));
    const whole = powers.reduce((sum, power) => sum + power, 0);
    const y = powers.map((power) => power / whole);
    const t = classes.map((k) => (k === target ? 1 : 0));
    return { scores, y, t, loss: Math.log(whole) + top - scores[target], g: y.map((share, k) => share - t[k]) };
  }

  const short = (x) => fmt(Math.round(x * 1000) / 1000);
  const listed = (xs) => `(${xs.map(short).join(", ")})`;

  // ------------------------------------------------------------ the picture
  const text = (x, y, style, anchor, content) =>
    svg("text", { x, y, class: style, "font-size": 14, "text-anchor": anchor }, content);
  const SCORE = 84, SHARE = 98, FULL = 80, ZERO = 268, HALF = 34, WIDTH = 356;
  const lines = classes.map((k) => {
    const y = 34 + 36 * k;
    const parts = {
      score: text(SCORE, y + 17, "ink", "end"),
      bar: svg("rect", { class: "share", x: SHARE, y, height: 24 }),
      tick: svg("path", { class: "line i tick", d: `M0 ${y - 4}v32` }),
      share: text(SHARE + FULL + 48, y + 17, "v", "end"),
      push: svg("rect", { class: "push", y, height: 24 }),
      gradient: text(WIDTH - 2, y + 17, "g", "end"),
    };
    const rules = svg("path", { class: "axis", d: `M${SHARE} ${y - 4}v32M${ZERO} ${y - 4}v32` });
    return { parts, nodes: [text(2, y + 17, "ink", "start", String(k)), rules, ...Object.values(parts)] };
  });
  const picture = svg(
    "svg",
    { class: "cf", viewBox: `0 0 ${WIDTH} 168`, role: "img" },
    text(0, 18, "ink strong", "start", words.class),
    text(SCORE, 18, "ink strong", "end", words.scores),
    text(SHARE, 18, "v strong", "start", words.shares),
    text(ZERO, 18, "g strong", "middle", words.gradient),
    text(SHARE, 160, "soft", "start", words.tick),
    lines.map((line) => line.nodes),
  );
  const forms = el("p", {});
  const loss = el("p", {});
  f.stage.append(picture, forms, loss);

  function show(...said) {
    const now = row();
    classes.forEach((k) => {
      const { score, bar, tick, share, push, gradient } = lines[k].parts;
      score.textContent = short(now.scores[k]);
      bar.setAttribute("width", now.y[k] * FULL);
      tick.setAttribute("transform", `translate(${SHARE + FULL * now.t[k]} 0)`);
      share.textContent = short(now.y[k]);
      push.setAttribute("x", ZERO + HALF * Math.min(0, now.g[k]));
      push.setAttribute("width", HALF * Math.abs(now.g[k]));
      gradient.textContent = short(now.g[k]);
    });
    const values = {
      z: listed(now.scores), y: listed(now.y), g: listed(now.g), loss: short(now.loss), label: target,
      row: listed(now.t), p: short(now.y[target]), shift: fmt(shift),
    };
    forms.textContent = filled(words.forms, values);
    loss.textContent = filled(words.loss, values);
    const says = filled(words.says, values);
    picture.setAttribute("aria-label", filled(words.chart, { says }));
    f.say([...said, says, ...(shift ? [filled(words.shifted, values)] : [])].join(" "));
  }

  // ------------------------------------------------------------ the controls
  const { min, max } = limits.score;
  // After a step downhill a score lies between two places of its slider: show the score then.
  const near = (k) => (v) => short(Math.abs(Math.min(max, Math.max(min, z[k])) - v) < 0.051 ? z[k] : v);
  const scores = classes.map((k) =>
    slider({
      label: filled(words.score, { k }), ...limits.score, value: z[k], format: near(k),
      oninput(value) {
        z[k] = value;
        show();
      },
    }),
  );
  const lift = slider({
    label: words.shift, ...limits.shift, value: 0,
    oninput(value) {
      shift = value;
      show();
    },
  });
  const pick = choice({
    label: words.target,
    options: classes.map((k) => [String(k), String(k)]),
    value: String(target),
    onchange(value) {
      target = Number(value);
      show();
    },
  });

  function place() {
    scores.forEach((score, k) => score.set(z[k]));
    lift.set(shift);
    pick.set(String(target));
  }

  const step = button(words.step, () => {
    const before = row();
    z = z.map((score, k) => score - before.g[k]);
    place();
    show(filled(words.step_says, { before: short(before.loss), after: short(row().loss) }));
  });
  const again = button(words.again, () => {
    z = [...model.get("start")];
    shift = 0;
    target = model.get("target");
    place();
    show();
  });
  f.controls.append(...scores.map((score) => score.node), lift.node, pick.node, step, again);
  show();
  return f.dispose;
}
export default { render };
