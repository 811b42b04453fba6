// An instructor's page: the class as a table of members and units, kept up to date in place.

import {ask, askJson, bar, byId, clock, element, hidden, Live, page, points, say, span, time} from './live.js';

const POLL_MS = 2000;
const FLASH_MS = 2500;
const ANSWER_MS = 6000; // how long an answer stays before news may take its place
const PAGE_ROWS = 15;
const titles = new Map(JSON.parse(page.units));
const titleOf = name => titles.get(name) ?? name;
const brief = name => name.match(/^\d\d(?=-)/)?.[0] ?? name;
const rows = new Map(); // student -> Row
let view = null; // api/class as heard last
let sort = {by: 'name', down: false};
let current = null; // the cell that Tab leads to
const inOrder = new Intl.Collator(undefined, {numeric: true, sensitivity: 'base'});

// Without accents and capitals: "mull" finds "Müller".
const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

// ---------------------------------------------------------------- what a cell holds

// See class_cell in pages.py.
function decoded(raw) {
  if (raw === 0 || raw === 1) return {n: 0, state: raw ? 'f' : 'n', score: null, last: null, late: false, extension: 0};
  const [n, state, score = null, last = null, flags = '', extension = 0] = raw;
  return {n, state, score, last, late: flags.includes('l'), extension};
}

const STATE_WORDS = {n: 'not_fetched', f: 'fetched', q: 'queued', g: 'grading', p: 'person'};

function level(score, max) {
  if (score === null || !max) return '';
  return score >= 0.8 * max ? 'high' : score >= 0.5 * max ? 'middle' : 'low';
}

function cellWords(cell) {
  const made = [];
  if (cell.score !== null) made.push(element('b', {}, points(cell.score)));
  else if (cell.state === 'n') made.push(element('span', {class: 'soft', 'aria-hidden': 'true'}, '–'), hidden(say('not_fetched')));
  if (STATE_WORDS[cell.state] && cell.state !== 'n')
    made.push(element('span', {class: `state ${STATE_WORDS[cell.state]}`}, say(STATE_WORDS[cell.state])));
  if (cell.n > 1) made.push(element('span', {class: 'soft'}, say('times', {n: cell.n})));
  if (cell.late) made.push(element('span', {class: 'late'}, say('late')));
  if (cell.extension) made.push(element('span', {class: 'soft'}, say('extension', {span: span(60 * cell.extension)})));
  return made.flatMap((one, i) => (i ? [' ', one] : [one]));
}

function inWords(cell, max) {
  if (cell.state in STATE_WORDS) return say(STATE_WORDS[cell.state]);
  return cell.score === null ? say('graded')
    : max ? say('score', {score: points(cell.score), max: points(max)}) : points(cell.score);
}

// ---------------------------------------------------------------- the table

class Row {
  constructor(student) {
    this.student = student;
    this.keys = [];
    this.most = []; // of each unit, as drawn
    this.values = [];
    this.name = element('th', {scope: 'row'});
    this.cells = view.units.map(() => element('td', {tabindex: '-1'}));
    this.sum = element('td', {class: 'number', tabindex: '-1'});
    this.last = element('td', {class: 'last', tabindex: '-1'});
    this.stops = [...this.cells, this.sum, this.last]; // where the arrow keys go
    this.line = element('tr', {}, this.name, this.stops);
    this.line.owner = this;
  }

  // Take what is known now; return the cells that changed.
  update([student, shownName, cells]) {
    const changed = [];
    if (this.shownName !== shownName) {
      this.shownName = shownName;
      const other = shownName && shownName !== student;
      this.name.replaceChildren(element('bdi', {}, shownName || student),
        ...(other ? [' ', element('bdi', {class: 'soft'}, student)] : []));
      this.search = plain(`${shownName} ${student}`);
    }
    cells.forEach((raw, i) => {
      const max = view.units[i].max;
      const key = String(raw);
      const [before, most] = [this.keys[i], this.most[i]];
      if (before === key && most === max) return;
      [this.keys[i], this.most[i]] = [key, max];
      const cell = this.values[i] = decoded(raw);
      const td = this.cells[i];
      td.className = `cell ${level(cell.score, max)}`;
      td.replaceChildren(...cellWords(cell));
      // The first grade of a unit tells its points: each cell is drawn anew, and none has changed.
      if (before !== undefined && before !== key) changed.push({row: this, unit: i, cell});
    });
    const scores = this.values.map(cell => cell.score).filter(score => score !== null);
    this.total = scores.length ? scores.reduce((a, b) => a + b, 0) : null;
    const last = Math.max(...this.values.map(cell => cell.last ?? 0));
    const sum = this.total === null ? '' : points(this.total);
    if (this.sum.textContent !== sum) this.sum.textContent = sum;
    if (this.latest !== last) {
      this.latest = last;
      this.last.replaceChildren(...(last ? [time(last, true)] : []));
    }
    return changed;
  }

  get handedIn() { return this.values.some(cell => cell.n > 0); }
}

function heading(key, label, more) {
  const button = element('button', {type: 'button'}, label, more && hidden(` ${more}`));
  button.addEventListener('click', () => sortBy(key));
  const th = element('th', {scope: 'col', title: more}, button);
  th.key = key;
  return th;
}

function buildTable() {
  rows.clear();
  current = null;
  const table = byId('matrix');
  table.tHead.replaceChildren(element('tr', {},
    heading('name', 'member'),
    view.units.map((unit, i) => heading(String(i), brief(unit.unit), titleOf(unit.unit).replace(/^\d\d /, ''))),
    heading('sum', 'sum'), heading('last', 'last hand-in')));
  table.tBodies[0].replaceChildren();
  byId('missing-unit').replaceChildren(element('option', {value: ''}, 'any unit'),
    ...view.units.map(unit => element('option', {value: unit.unit}, titleOf(unit.unit))));
}

const VALUES = {
  name: row => row.shownName || row.student,
  sum: row => row.total,
  last: row => row.latest || null,
};

function sortBy(key) {
  sort = {by: key, down: sort.by === key ? !sort.down : key !== 'name'};
  arrange();
}

// Put the rows in order. Nothing known comes last, whichever way.
function arrange() {
  const value = VALUES[sort.by] ?? (row => row.values[Number(sort.by)]?.score ?? null);
  const sign = sort.down ? -1 : 1;
  const named = (a, b) => inOrder.compare(VALUES.name(a), VALUES.name(b)) || inOrder.compare(a.student, b.student);
  const ordered = [...rows.values()].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return (x === null) - (y === null) || named(a, b);
    return sign * (typeof x === 'string' ? named(a, b) : x - y) || named(a, b);
  });
  const body = byId('matrix').tBodies[0];
  if (ordered.some((row, i) => body.rows[i] !== row.line)) {
    const focused = body.contains(document.activeElement) ? document.activeElement : null;
    body.append(...ordered.map(row => row.line));
    focused?.focus({preventScroll: true});
  }
  for (const th of byId('matrix').tHead.rows[0].cells) {
    if (th.key === sort.by) th.setAttribute('aria-sort', sort.down ? 'descending' : 'ascending');
    else th.removeAttribute('aria-sort');
  }
}

const SHOWN = {
  all: () => true,
  nothing: row => !row.handedIn,
  waiting: row => row.values.some(cell => cell.state === 'q' || cell.state === 'g'),
  person: row => row.values.some(cell => cell.state === 'p'),
  late: row => row.values.some(cell => cell.late),
  extended: row => row.values.some(cell => cell.extension),
};

function filter() {
  const text = plain(byId('filter').value.trim());
  const wanted = SHOWN[byId('show').value];
  let shown = 0;
  for (const row of rows.values()) {
    const here = row.search.includes(text) && wanted(row);
    if (row.line.hidden === here) row.line.hidden = !here;
    shown += here;
  }
  const said = say('shown', {shown, all: rows.size});
  if (byId('shown').textContent !== said) byId('shown').textContent = said;
  if (!current?.isConnected || current.parentNode.hidden) tabTo(visibleRows()[0]?.stops[0]);
}

const visibleRows = () =>
  [...byId('matrix').tBodies[0].rows].filter(row => !row.hidden).map(row => row.owner);

// Return the row and the unit of a cell; no unit for a sum and a time.
function placeOf(cell) {
  const row = cell.parentNode.owner;
  const at = row.stops.indexOf(cell);
  return {row, at, unit: at < row.cells.length ? at : null};
}

function tabTo(cell) {
  current?.setAttribute('tabindex', '-1');
  current = cell ?? null;
  current?.setAttribute('tabindex', '0');
}

function move(event) {
  const cell = event.target.closest('td');
  if (!cell || event.altKey || event.metaKey) return;
  const {row, at: column, unit} = placeOf(cell);
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    if (unit !== null) openPanel(row, unit);
    return;
  }
  const seen = visibleRows();
  const at = seen.indexOf(row);
  const last = row.stops.length - 1;
  const [to, place] = {
    ArrowLeft: [at, column - 1], ArrowRight: [at, column + 1], ArrowUp: [at - 1, column], ArrowDown: [at + 1, column],
    PageUp: [Math.max(at - PAGE_ROWS, 0), column], PageDown: [Math.min(at + PAGE_ROWS, seen.length - 1), column],
    Home: [event.ctrlKey ? 0 : at, 0], End: [event.ctrlKey ? seen.length - 1 : at, last],
  }[event.key] ?? [null];
  if (to === null) return;
  event.preventDefault();
  const next = seen[to]?.stops[place];
  if (!next) return;
  tabTo(next);
  next.focus();
}

// ---------------------------------------------------------------- numbers above

function set(id, text) {
  const place = byId(id);
  if (place.textContent !== text) place.textContent = text;
}

function totals(live) {
  const all = [...rows.values()];
  const count = admit => String(all.filter(row => row.values.some(admit)).length);
  set('total-members', String(all.length));
  set('total-fetched', count(cell => cell.state !== 'n'));
  set('total-handed_in', count(cell => cell.n > 0));
  set('total-graded', count(cell => cell.score !== null));
  set('total-length', String(view.queue.length));
  set('total-grading', String(view.queue.grading));
  set('total-per_minute', String(view.queue.per_minute));
  oldest(live);
}

// The one number that grows while nothing changes; by the server's clock.
function oldest(live) {
  if (!view) return;
  const since = view.queue.oldest;
  set('total-oldest', since === null ? '-' : span((Date.now() + (live.ahead ?? 0)) / 1000 - since));
}

const unitKeys = new Map();

function unitRow(unit, i) {
  const cells = [...rows.values()].map(row => row.values[i]);
  const fetched = cells.filter(cell => cell.state !== 'n').length;
  const handedIn = cells.filter(cell => cell.n > 0).length;
  const scores = cells.filter(cell => cell.score !== null).map(cell => cell.score);
  const mean = scores.length ? scores.reduce((a, b) => a + b, 0) / scores.length : null;
  const key = JSON.stringify([unit, fetched, handedIn, scores.length, mean, cells.length]);
  const old = unitKeys.get(unit.unit);
  if (old?.key === key) return;
  const members = cells.length || 1;
  const due = unit.released_at === null ? say('not_released') : unit.due === null ? say('no_due') : time(unit.due, true);
  const again = old?.again ?? element('button', {type: 'button', 'aria-label': say('regrade_label', {unit: brief(unit.unit)})}, 'Re-grade');
  const zip = old?.zip ?? element('a', {href: `${page.service}api/class/download?unit=${encodeURIComponent(unit.unit)}`,
    download: '', 'aria-label': say('download_label', {unit: brief(unit.unit)})}, 'Download');
  if (!old) again.addEventListener('click', () => regradeUnit(i));
  again.disabled = !handedIn;
  zip.hidden = !handedIn;
  const numbers = [fetched, handedIn, scores.length].map(n => element('td', {}, String(n)));
  const parts = [
    element('th', {scope: 'row'}, titleOf(unit.unit)),
    element('td', {class: 'due'}, due),
    element('td', {class: 'wide'}, bar([['fetched', fetched / members], ['handed', handedIn / members], ['graded', scores.length / members]]),
      hidden(say('bar', {fetched, handed_in: handedIn, graded: scores.length, members: cells.length}))),
    ...numbers,
    element('td', {}, mean === null ? '-' : element('b', {}, mean.toFixed(1)),
      unit.max !== null && element('span', {class: 'soft'}, ` ${say('of', {max: points(unit.max)})}`)),
  ];
  if (old) {
    [...old.row.cells].slice(0, -1).forEach((cell, j) => cell.replaceWith(parts[j]));
    old.key = key;
    return;
  }
  const row = element('tr', {}, parts, element('td', {class: 'actions'}, again, ' ', zip));
  byId('unit-rows').append(row);
  unitKeys.set(unit.unit, {key, row, again, zip});
}

// ---------------------------------------------------------------- news

const answered = new Map(); // where -> when
let newsLater = 0;

// Say how somebody's action went: in the panel while it is open.
function answer(text) {
  const place = byId('panel').open ? 'panel-news' : 'news';
  byId(place).textContent = text;
  answered.set(place, Date.now());
}

// Say something that nobody asked for, but not over an answer that was hardly read.
function tell(text, place = 'news') {
  const wait = (answered.get(place) ?? 0) + ANSWER_MS - Date.now();
  if (place === 'news') clearTimeout(newsLater);
  if (wait <= 0) byId(place).textContent = text;
  else if (place === 'news') newsLater = setTimeout(() => tell(text), wait);
}

const unitsOf = one => one.units.map(unit => unit.unit).join('\n');

function heard(data) {
  const dueBefore = panel && view.units[panel.at]?.due;
  const anew = !view || unitsOf(view) !== unitsOf(data);
  view = data;
  if (anew) {
    buildTable();
    byId('unit-rows').replaceChildren();
    unitKeys.clear();
  }
  const changed = [];
  const here = new Set();
  const added = [];
  for (const student of data.students) {
    here.add(student[0]);
    let row = rows.get(student[0]);
    if (!row) {
      rows.set(student[0], row = new Row(student[0]));
      added.push(row.line);
    }
    changed.push(...row.update(student));
  }
  byId('matrix').tBodies[0].append(...added);
  for (const [name, row] of rows) {
    if (here.has(name)) continue;
    row.line.remove();
    rows.delete(name);
  }
  // Rows must not move under the keyboard or the pointer.
  const body = byId('matrix').tBodies[0];
  if (added.length || !(body.contains(document.activeElement) || body.matches(':hover'))) arrange();
  filter();
  data.units.forEach(unitRow);
  totals(live);
  byId('notices').replaceChildren(...(data.notices ?? []).map(text => element('p', {class: 'trouble'}, text)));
  flash(changed);
  if (panel && (view.units[panel.at]?.due !== dueBefore
    || changed.some(one => one.row === panel.row && one.unit === panel.at))) fillPanel();
}

function flash(changed) {
  if (!changed.length) return;
  for (const {row, unit} of changed) {
    row.cells[unit].classList.add('changed');
    setTimeout(() => row.cells[unit].classList.remove('changed'), FLASH_MS);
  }
  const [{row, unit, cell}] = changed;
  tell(changed.length > 3 ? say('many_news', {n: changed.length})
    : say('news', {student: VALUES.name(row), unit: brief(view.units[unit].unit), what: inWords(cell, view.units[unit].max)}));
}

// ---------------------------------------------------------------- the side panel

let panel = null; // {row, at, student, unit, stale}; stale: what it shows may be old

function openPanel(row, at) {
  tabTo(row.cells[at]);
  panel = {row, at, student: row.student, unit: view.units[at].unit};
  byId('panel-student').textContent = VALUES.name(row);
  byId('panel-unit').textContent = titleOf(panel.unit);
  byId('panel-news').textContent = '';
  answered.delete('panel-news');
  byId('panel-attempts').replaceChildren();
  const {extension} = row.values[at];
  const scale = extension && extension % 1440 === 0 ? 1440 : extension && extension % 60 === 0 ? 60 : extension ? 1 : 1440;
  byId('extension-scale').value = String(scale);
  byId('extension-amount').value = extension ? String(extension / scale) : '';
  limitAmount();
  byId('panel').showModal();
  fillPanel();
}

async function fillPanel() {
  const {row, at, student, unit} = panel;
  const value = row.values[at];
  const due = view.units[at].due;
  byId('panel-extension-now').replaceChildren(
    value.extension ? say('has_extension', {span: span(60 * value.extension)}) : due === null ? '' : say('no_extension'), ' ',
    ...(due === null ? [say('no_due_date')] : [say('until'), ' ', time(due + 60 * value.extension)]));
  for (const id of ['extension-amount', 'extension-scale', 'extension-set']) byId(id).disabled = due === null;
  byId('extension-note').hidden = due === null;
  if (!value.extension) leaveTakeBack();
  byId('extension-none').disabled = !value.extension;
  byId('panel-regrade').disabled = !value.n;
  if (!value.n) {
    byId('panel-attempts').replaceChildren(element('li', {class: 'soft'}, say('nothing')));
    panel.stale = false;
    return;
  }
  const query = new URLSearchParams({unit, student});
  const here = () => panel?.row === row && panel.at === at;
  try {
    const records = await askJson(`api/class/submissions?${query}`);
    if (!here()) return;
    byId('panel-attempts').replaceChildren(...records.reverse().map(attempt));
    if (panel.stale) tell(say('connected'), 'panel-news');
    panel.stale = false;
  } catch (trouble) {
    if (!here()) return;
    // This one is asked again, as soon as the class has been heard of.
    panel.stale = Boolean(trouble.away);
    tell(trouble.away ? say('connection', {time: clock.format(live.since ?? new Date())}) : trouble.message, 'panel-news');
  }
}

// The keyboard must not be on a button that goes.
function leaveTakeBack() {
  if (document.activeElement !== byId('extension-none')) return;
  const field = byId('extension-amount');
  (field.disabled ? byId('panel').querySelector('.close') : field).focus();
}

// The most that the service takes, in the unit of time that is chosen.
function limitAmount() {
  const scale = Number(byId('extension-scale').value);
  const field = byId('extension-amount');
  const most = Math.floor(Number(page.mostMinutes) / scale);
  field.max = String(most);
  const word = {1: 'minutes', 60: 'hours', 1440: 'days'}[scale];
  field.setCustomValidity(field.validity.rangeOverflow ? say('most', {span: say(word, {n: most})}) : '');
}

function attempt(record) {
  const id = encodeURIComponent(record.id);
  const scored = record.score !== null && record.score !== undefined;
  const standing = record.state === 'queued' && record.place ? say('place', {place: record.place})
    : record.state === 'queued' ? say('queued') : record.state === 'grading' ? say('grading')
    : record.state !== 'graded' ? say('person') : say('graded');
  const about = hidden(` (${say('attempt', {n: record.attempt})})`);
  return element('li', {class: 'attempt'},
    element('p', {class: 'attempt-head'}, element('strong', {}, say('attempt', {n: record.attempt})), ' ',
      element('span', {class: 'soft'}, time(record.timestamp)), ' ',
      record.counts && element('span', {class: 'tag'}, say('counts')), ' ',
      record.late && element('span', {class: 'tag warn'}, say('late'))),
    element('p', {class: 'standing'}, scored ? say('score', {score: points(record.score), max: points(record.max ?? 0)}) : standing,
      scored && record.state !== 'graded' && element('span', {class: 'soft'}, ` (${standing})`)),
    record.reason && element('p', {class: 'soft'}, record.reason),
    scored && bar([['won', record.max ? record.score / record.max : 0]]),
    element('p', {class: 'ways'},
      element('a', {href: `${page.service}submissions/${id}`, target: '_blank', rel: 'noopener'}, say('feedback'), about),
      element('a', {href: `${page.service}api/submissions/${id}/notebook`, download: ''}, say('notebook'), about.cloneNode(true))));
}

// Change something, and say in words how it went; return whether it was done.
async function act(path, options, said) {
  answer(say('working'));
  try {
    await ask(path, options);
  } catch (trouble) {
    answer(trouble.message || say(trouble.late ? 'no_answer' : 'unchanged'));
    if (panel && trouble.away) panel.stale = true;
    return false;
  }
  answer(said);
  live.now();
  return true;
}

async function setExtension(minutes) {
  const {student, unit} = panel;
  const said = minutes ? say('extended', {span: span(60 * minutes)}) : say('extension_gone');
  const done = await act('api/class/extensions', {method: 'PUT', body: {student, unit, minutes}}, said);
  if (!done || minutes || panel?.student !== student || panel.unit !== unit) return;
  byId('extension-amount').value = '';
  leaveTakeBack();
}

// ---------------------------------------------------------------- re-grade

// Return whether the answer was yes.
function question(text) {
  const box = byId('question');
  byId('question-text').textContent = text;
  box.returnValue = '';
  box.showModal();
  return new Promise(answer => box.addEventListener('close', () => answer(box.returnValue === 'yes'), {once: true}));
}

async function regradeUnit(i) {
  const {unit} = view.units[i];
  const n = [...rows.values()].filter(row => row.values[i].n).length;
  if (await question(say(n === 1 ? 'regrade_unit_one' : 'regrade_unit', {n, unit: titleOf(unit)})))
    act('api/class/regrade', {method: 'POST', body: {unit, students: null}}, say('regraded', {unit: titleOf(unit)}));
}

async function regradeStudent() {
  const {row, student, unit} = panel;
  if (await question(say('regrade_student', {student: VALUES.name(row), unit: titleOf(unit)})))
    act('api/class/regrade', {method: 'POST', body: {unit, students: [student]}}, say('regraded', {unit: titleOf(unit)}));
}

// ---------------------------------------------------------------- who has handed in nothing

function listMissing() {
  const wanted = byId('missing-unit').value;
  const i = view ? view.units.findIndex(unit => unit.unit === wanted) : -1;
  const missing = [...rows.values()].filter(row => (i < 0 ? !row.handedIn : !row.values[i].n)).map(row => row.student).sort(inOrder.compare);
  byId('missing-names').value = missing.join('\n');
  byId('missing-count').textContent = missing.length ? say('missing', {n: missing.length}) : say('nobody');
}

// ---------------------------------------------------------------- start

const body = byId('matrix').tBodies[0];
body.addEventListener('keydown', move);
body.addEventListener('click', event => {
  const cell = event.target.closest('td');
  if (!cell) return;
  tabTo(cell);
  const {row, unit} = placeOf(cell);
  if (unit !== null) openPanel(row, unit);
});
byId('filter').addEventListener('input', filter);
byId('show').addEventListener('change', filter);
byId('panel-regrade').addEventListener('click', regradeStudent);
byId('panel-extension').addEventListener('submit', event => {
  event.preventDefault();
  setExtension(Number(byId('extension-amount').value) * Number(byId('extension-scale').value));
});
byId('extension-amount').addEventListener('input', limitAmount);
byId('extension-scale').addEventListener('change', limitAmount);
byId('extension-none').addEventListener('click', () => setExtension(0));
byId('question-yes').addEventListener('click', () => byId('question').close('yes'));
byId('open-missing').addEventListener('click', () => { listMissing(); byId('missing').showModal(); });
byId('missing-unit').addEventListener('change', listMissing);
byId('missing-copy').addEventListener('click', () => {
  byId('missing-names').select();
  navigator.clipboard?.writeText(byId('missing-names').value).then(() => { byId('missing-count').textContent = say('copied'); }, () => {});
});
for (const dialog of document.querySelectorAll('dialog')) {
  // A click on the backdrop is one on the dialog itself, not on what stands in it.
  dialog.addEventListener('click', event => {
    if (event.target === dialog || event.target.closest('[data-close]')) dialog.close('');
  });
}
byId('panel').addEventListener('close', () => {
  panel?.row.cells[panel.at].focus();
  panel = null;
});

class Class extends Live {
  // Whatever the panel shows was asked for before.
  mended() {
    if (this.failures && panel) panel.stale = true;
    super.mended();
  }

  tell(text) { tell(text); }
}

const live = new Class(['api/class'], heard, () => POLL_MS, () => {
  oldest(live);
  if (panel?.stale) fillPanel();
});
