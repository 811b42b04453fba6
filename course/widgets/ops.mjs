// What a node computes and its local derivatives, as course._engine.graphs.OPS has them: with
// these a slider needs no round trip to the kernel. A test compares the two.

const OPS = {
  "+": { value: (a, b) => a + b, local: () => [1, 1] },
  "-": { value: (a, b) => a - b, local: () => [1, -1] },
  "*": { value: (a, b) => a * b, local: (a, b) => [b, a] },
  "/": { value: (a, b) => a / b, local: (a, b) => [1 / b, -a / b ** 2] },
  square: { value: (a) => a * a, local: (a) => [2 * a] },
  exp: { value: Math.exp, local: (a) => [Math.exp(a)] },
  log: { value: Math.log, local: (a) => [1 / a] },
  sin: { value: Math.sin, local: (a) => [Math.cos(a)] },
  relu: { value: (a) => Math.max(a, 0), local: (a) => [a > 0 ? 1 : 0] },
};

/** Return the value of every name; `nodes` are `{name: [op, [input, ...]]}` in topological order. */
function evaluated(nodes, inputs) {
  const values = { ...inputs };
  for (const [name, op, names] of nodes) values[name] = OPS[op].value(...names.map((n) => values[n]));
  return values;
}

/** Return the derivatives of a node with respect to its inputs, slot by slot. */
function locals([, op, names], values) {
  return OPS[op].local(...names.map((n) => values[n]));
}

/** Return a number with six significant digits, never with an exponent: `_chain.digits` in Python. */
function digits(x) {
  if (Math.abs(x) < 1e-9) return "0";
  let text = String(Number(x.toPrecision(6)));
  if (text.includes("e")) text = Number(text).toFixed(12).replace(/\.?0+$/, "");
  return text.replace("-", "−");
}

/** Return a number, as it is written, as it stands behind a sign: a negative one in brackets. */
function bracketed(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

/** Return what stands between a text and the next: a full-width stop has its blank in it. */
function gap(text) {
  return /[，。：；？！]$/.test(text) ? "" : " ";
}
