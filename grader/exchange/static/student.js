// A student's page: the units, what was handed in, and what became of it.

import {asDate, bar, byId, element, hidden, Live, moment, page, points, say, span, time} from './live.js';

const BUSY_MS = 2000;
const QUIET_MS = 15000;
const titles = JSON.parse(page.units);
const title = new Map(titles);
const counts = new Map(Object.entries(JSON.parse(page.counts))); // unit -> last or best
let units = [];
let records = null; // as heard last
let busy = false;

// ---------------------------------------------------------------- one attempt

function standing(record) {
  const until = asDate(record.feedback.until);
  if (record.state === 'queued') return record.place ? say('queued', {place: record.place}) : say('waiting');
  if (record.state === 'grading') return say('grading');
  if (record.state !== 'graded') return say('person');
  if (record.score !== null && record.score !== undefined)
    return say('score', {score: points(record.score), max: points(record.max ?? 0)});
  if (record.feedback.kind === 'status') return until ? say('held_until', {moment: moment(until)}) : say('held');
  return say('graded');
}

function limits(record) {
  const until = asDate(record.feedback.until);
  if (record.feedback.kind === 'visible part')
    return until ? say('visible_until', {moment: moment(until)}) : say('visible');
  return record.feedback.kind === 'person' ? say('by_person') : '';
}

// `before` is the attempt before this one.
function attempt(record, before) {
  const about = hidden(` (${title.get(record.unit) ?? record.unit}, ${say('attempt', {n: record.attempt})})`);
  const scored = record.state === 'graded' && record.score !== null && record.score !== undefined;
  const ready = record.feedback.kind !== 'status';
  const at = `${page.service}submissions/${encodeURIComponent(record.id)}`;
  const file = `${page.service}api/submissions/${encodeURIComponent(record.id)}/notebook`;
  const kind = {queued: 'waiting', grading: 'waiting', graded: 'graded'}[record.state] ?? 'person';
  return element('li', {class: `attempt ${kind}`},
    element('p', {class: 'attempt-head'},
      element('strong', {}, say('attempt', {n: record.attempt})), ' ',
      element('span', {class: 'soft'}, say('handed_in'), ' ', time(record.timestamp)), ' ',
      record.counts && element('span', {class: 'tag'}, say('counts')), ' ',
      record.late && element('span', {class: 'tag warn'}, say('late')), ' ',
      before?.sha256 === record.sha256 && element('span', {class: 'tag warn long'}, say('same_file', {n: before.attempt}))),
    element('p', {class: 'standing'},
      standing(record),
      limits(record) && element('span', {class: 'soft'}, ` (${limits(record)})`)),
    scored && bar([['won', record.max ? record.score / record.max : 0]]),
    element('p', {class: 'ways'},
      element('a', {href: at, 'data-key': `feedback ${record.id}`}, say(ready ? 'feedback' : 'status'), about),
      element('a', {href: file, download: '', 'data-key': `notebook ${record.id}`}, say('notebook'), about.cloneNode(true))));
}

// ---------------------------------------------------------------- one unit

// By the server's clock; the due date has the student's extension in it.
const isOver = unit => Boolean(unit?.due) && asDate(unit.due) < Date.now() + (live.ahead ?? 0);

function facts(unit) {
  if (!unit) return [element('span', {}, say('not_released'))];
  const due = asDate(unit.due);
  const made = [due ? element('span', {}, say('due'), ' ', time(unit.due)) : element('span', {}, say('no_due'))];
  if (isOver(unit)) made.push(element('span', {class: 'tag'}, say('over')));
  if (due && unit.extension_s) made.push(element('span', {class: 'tag'}, say('extended', {span: span(unit.extension_s)})));
  const limit = unit.attempts_left !== null && unit.attempts_left !== undefined;
  if (unit.attempts || limit)
    made.push(element('span', {}, say(limit ? 'attempts_left' : 'attempts', {used: unit.attempts ?? 0, left: unit.attempts_left})));
  const rule = {last: 'last_counts', best: 'best_counts'}[counts.get(unit.unit)];
  if (rule && unit.attempts && unit.attempts_left !== 0) made.push(element('span', {}, say(rule)));
  if (!unit.attempts) made.push(element('span', {}, say(unit.fetched_at ? 'nothing' : 'not_fetched')));
  return made;
}

function card(name, unit, attempts) {
  const id = `unit-${encodeURIComponent(name)}`;
  return element('section', {class: `card unit${unit || attempts.length ? '' : ' closed'}`, 'aria-labelledby': id},
    element('h2', {id}, title.get(name) ?? name),
    element('p', {class: 'facts soft'}, facts(unit)),
    attempts.length > 0 && element('ol', {class: 'attempts', reversed: true},
      attempts.map((one, i) => attempt(one, attempts[i + 1]))));
}

const shown = new Map(); // name -> {key, card}

function show(name, unit, attempts) {
  const key = JSON.stringify([unit, attempts, isOver(unit)]);
  const old = shown.get(name);
  if (old?.key === key) return old.card;
  const made = card(name, unit, attempts);
  // Whoever has reached a link by keyboard stays at it.
  const focused = old?.card.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  old?.card.replaceWith(made);
  if (focused) [...made.querySelectorAll('[data-key]')].find(link => link.dataset.key === focused)?.focus();
  shown.set(name, {key, card: made});
  return made;
}

// ---------------------------------------------------------------- what changed

function news(before, after) {
  const old = new Map(before.map(record => [record.id, record]));
  const lines = [];
  for (const record of after) {
    const was = old.get(record.id);
    if (was && was.state === record.state && was.score === record.score && was.feedback.kind === record.feedback.kind) continue;
    const unit = title.get(record.unit) ?? record.unit;
    const several = after.filter(other => other.unit === record.unit).length > 1;
    lines.push(say(several ? 'news_attempt' : 'news', {unit, n: record.attempt, what: standing(record)}));
  }
  return lines.slice(-3).join(' · ');
}

function heard(told, submissions) {
  units = told;
  draw(submissions);
  if (records === null) byId('how').open = submissions.length === 0;
  else {
    const said = news(records, submissions);
    if (said) byId('news').textContent = said;
  }
  records = submissions;
  busy = submissions.some(record => record.state === 'queued' || record.state === 'grading');
}

// Write anew what differs from what is shown.
function draw(submissions) {
  const known = new Map(units.map(unit => [unit.unit, unit]));
  const attempts = new Map();
  for (const record of submissions) attempts.set(record.unit, [record, ...(attempts.get(record.unit) ?? [])]);
  const names = [...new Set([...title.keys(), ...known.keys(), ...attempts.keys()])];
  const list = byId('units');
  for (const name of names) {
    const made = show(name, known.get(name), attempts.get(name) ?? []);
    if (made.parentNode !== list) list.append(made);
  }
  for (const name of [...shown.keys()].filter(name => !names.includes(name))) {
    shown.get(name).card.remove();
    shown.delete(name);
  }
  list.removeAttribute('aria-busy');
}

// A due date may pass while nothing else changes.
const live = new Live(['api/units', 'api/submissions'], heard, () => (busy ? BUSY_MS : QUIET_MS), () => draw(records));
