// TrainingDashboard: Python trains and draws; the browser moves the parts and sends the wishes.

const INITS = [0, 0.01, 0.1, 1, 5];
// A reader of the screen hears the numbers now and then, not ten times a second.
const HEARD_MS = 4000;

function move(root, parts) {
  for (const [name, attrs] of Object.entries(parts)) {
    for (const node of root.querySelectorAll(`[data-part="${name}"]`)) {
      for (const [attr, value] of Object.entries(attrs)) {
        if (attr === "text") node.textContent = value;
        else node.setAttribute(attr, value);
      }
    }
  }
}

function render({ model, el: host }) {
  const f = frame(host, model);
  const words = model.get("words");
  const ask = (message) => {
    f.say(words.asked);
    model.send(message);
  };
  const set = (what) => (value) => model.send({ do: "set", what, value });
  f.root.classList.add("training");
  f.stage.setAttribute("aria-label", words.stage);

  const pictures = el("div", { class: "pictures" });
  f.stage.append(pictures);
  const now = model.get("state");

  const run = button(words.start, () => ask({ do: model.get("state").running ? "stop" : "start" }), { key: "run" });
  const step = button(words.one_step, () => ask({ do: "one_step" }), { key: "step" });
  const reset = button(words.reset, () => ask({ do: "reset" }), { key: "reset" });
  const lr = slider({
    label: words.lr,
    min: -3,
    max: 1,
    step: 0.1,
    value: Math.log10(now.lr),
    format: (x) => fmt(rate(x)),
    oninput: (x) => {
      set("lr")(rate(x));
      f.say(filled(words.lr_now, { lr: fmt(rate(x)) }));
    },
  });
  const named = (names) => names.map((name) => [name, words[name] ?? name]);
  const choices = {
    data: choice({ label: words.data, options: named(["spiral", "moons", "digits"]), value: now.data, onchange: set("data") }),
    init: choice({
      label: words.init,
      options: INITS.map((x) => [x, x ? fmt(x) : words.zeros]),
      value: now.init,
      onchange: set("init"),
    }),
    pace: choice({ label: words.pace, options: named(["20", "200", "full"]), value: now.pace, onchange: set("pace") }),
  };
  if (now.choices.length > 1) {
    choices.net = choice({ label: words.net, options: named(now.choices), value: now.net, onchange: set("net") });
  }
  const bar = el("div", { class: "bar", role: "group", "aria-label": words.steps }, run, step, reset);
  f.controls.append(bar, lr.node, ...Object.values(choices).map((c) => c.node));

  // Two digits: 0.5, not 0.501187.
  function rate(x) {
    return Number((10 ** x).toPrecision(2));
  }

  let heard = 0;
  function show() {
    const state = model.get("state");
    move(pictures, state.parts);
    run.textContent = state.running ? words.stop : words.start;
    step.setAttribute("aria-disabled", String(state.running));
    for (const [name, c] of Object.entries(choices)) c.set(state[name]);
    const hear = !state.running || Date.now() - heard > HEARD_MS;
    if (hear) heard = Date.now();
    f.status.setAttribute("aria-live", hear ? "polite" : "off");
    f.say([state.say, state.numbers].filter(Boolean).join(" "));
    f.root.dataset.step = state.step;
  }
  function scene() {
    const { picture, curves } = model.get("scene");
    pictures.replaceChildren(drawn(picture), drawn(curves));
    show();
  }
  f.change("scene", scene);
  f.change("state", show);
  scene();
  return f.dispose;
}
export default { render };
