// BugClinic: shows records, keeps the student's notes, and says nothing about what they mean.

function render({ model, el: host }) {
  const f = frame(host, model);
  const words = model.get("words");
  const records = model.get("records");
  let patient = "A";
  let record = records[0];
  let beside = false;

  f.root.classList.add("clinic");
  f.stage.setAttribute("aria-label", words.stage);

  const layers = [...new Set(records.map((r) => r.layer))];
  const buttons = {};
  const heading = el("p", { class: "soft", id: fresh() });
  const way = el(
    "ol",
    { class: "way", "aria-labelledby": heading.id },
    layers.map((layer) =>
      el(
        "li",
        {},
        el("span", { class: "layer" }, layer),
        records.filter((r) => r.layer === layer).map((r) => (buttons[r.key] = button("", () => look(r), { key: r.key }))),
      ),
    ),
  );
  const tables = el("div", { class: "tables" });
  const who = choice({
    label: words.patient,
    options: Object.keys(model.get("patients")),
    value: patient,
    onchange: (name) => {
      patient = name;
      look(records[0]);
    },
  });
  const tick = el("input", {
    type: "checkbox",
    onchange: () => {
      beside = tick.checked;
      look(record);
    },
  });
  const compare = el("label", { class: "tick" }, tick, el("span", {}, words.compare));
  f.stage.append(who.node, heading, way, compare, tables);
  const note = choice({
    label: words.note,
    options: [["", words.none], ["agrees", words.agrees], ["differs", words.differs]],
    value: "",
    onchange: (value) => {
      const all = model.get("notes");
      keep("notes", { ...all, [patient]: { ...all[patient], [record.key]: value } });
      draw();
      f.say(filled(words.noted, { patient, record: long(record), note: value ? words[value] : words.none }));
    },
  });
  const suspicion = choice({
    label: "",
    options: [["", words.open], ...model.get("names")],
    value: "",
    onchange: (value) => {
      keep("suspicions", { ...model.get("suspicions"), [patient]: value });
      const all = Object.keys(model.get("patients")).map((p) => `${p} ${model.get("suspicions")[p] || words.open}`);
      f.say(filled(words.suspected, { all: all.join(", ") }));
    },
  });
  f.controls.append(note.node, suspicion.node);

  function keep(trait, value) {
    model.set(trait, value);
    model.save_changes();
  }
  function long(r) {
    return filled(r.parameter ? words.record_gradient : words.record_leaves, r);
  }
  function table(caption, rows) {
    return el(
      "table",
      {},
      el("caption", {}, caption),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((value) => el("td", {}, value))))),
    );
  }

  function draw() {
    const notes = model.get("notes")[patient] ?? {};
    heading.textContent = filled(words.way_back, { patient });
    for (const r of records) {
      const name = r.parameter ? filled(words.gradient_of, r) : words.leaves;
      buttons[r.key].replaceChildren(
        notes[r.key] ? `${name}: ${words[notes[r.key]]}` : name,
        // Three buttons say "what leaves it": whose, is heard as well as seen.
        el("span", { class: "for-ears" }, `, ${r.layer}`),
      );
      buttons[r.key].setAttribute("aria-pressed", String(r.key === record.key));
    }
    const file = model.get("patients")[patient][record.key];
    const shown = [table(filled(words.claimed, { patient, shape: file.shape }), file.claimed)];
    if (beside) shown.push(table(filled(words.healthy, { shape: file.healthy_shape }), file.healthy));
    tables.replaceChildren(el("p", { class: "name" }, long(record)), ...shown);
    note.set(notes[record.key] ?? "");
    suspicion.set(model.get("suspicions")[patient] ?? "");
    suspicion.node.querySelector("legend").textContent = filled(words.suspect, { patient });
  }
  function look(r) {
    record = r;
    draw();
    const { shape, largest } = model.get("patients")[patient][r.key];
    f.say(filled(words.looking, { patient, record: long(r), shape, largest }));
  }
  look(record);
  return f.dispose;
}
export default { render };
