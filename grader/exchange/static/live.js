// What the live pages share: words, elements, times, requests, and a loop that asks for news.
// Whatever comes from the service is written as text, never as HTML.

export const page = document.body.dataset;
const words = JSON.parse(page.words);

// Return a text of ours with its values filled in; a value may hold braces of its own.
export const say = (key, values = {}) =>
  words[key].replace(/\{(\w+)\}/g, (_whole, name) => String(values[name] ?? ''));

export const byId = id => document.getElementById(id);

// Return a new element; children are elements or text, and false or null stands for none.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
  made.append(...children.flat().filter(child => child !== false && child !== null && child !== undefined));
  return made;
}

export const hidden = text => element('span', {class: 'hidden'}, text);
export const points = x => String(Math.round(x * 100) / 100);

const SVG = 'http://www.w3.org/2000/svg';

// Return a bar of shares from 0 to 1, drawn one over the other: [[class, share], ...].
export function bar(shares) {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({class: 'bar', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true'}))
    svg.setAttribute(name, value);
  for (const [kind, share] of [['all', 1], ...shares]) {
    const rect = document.createElementNS(SVG, 'rect');
    rect.setAttribute('class', kind);
    rect.setAttribute('height', '8');
    rect.setAttribute('width', String(100 * Math.min(Math.max(share || 0, 0), 1)));
    svg.append(rect);
  }
  return svg;
}

// ---------------------------------------------------------------- times

// "2026-03-02 12:00:00.123456 UTC", ISO 8601, or seconds since 1970.
export function asDate(stamp) {
  if (stamp === null || stamp === undefined) return null;
  const date = typeof stamp === 'number' ? new Date(1000 * stamp)
    : new Date(String(stamp).replace(/^(\S+) (\S+) UTC$/, '$1T$2Z'));
  return Number.isNaN(date.getTime()) ? null : date;
}

const lang = document.documentElement.lang;
const own = navigator.language.toLowerCase().startsWith(lang.slice(0, 2)) ? navigator.language : lang;
const locale = own === 'en' ? 'en-GB' : own;
const whole = new Intl.DateTimeFormat(locale, {
  weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
});
const withYear = new Intl.DateTimeFormat(locale, {
  day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
});
const short = new Intl.DateTimeFormat(locale, {day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'});
export const clock = new Intl.DateTimeFormat(locale, {hour: '2-digit', minute: '2-digit'});

// The reader's own time, with its zone.
export function moment(date) {
  const far = Math.abs(date - Date.now()) > 150 * 86400e3;
  return (far ? withYear : whole).format(date);
}

// The time of day in UTC: "07:40 UTC".
export const utc = date => `${date.toISOString().slice(11, 16)} UTC`;

export function time(stamp, brief = false) {
  const date = asDate(stamp);
  return date && element('time', {datetime: date.toISOString(), title: brief && moment(date)},
    brief ? short.format(date) : moment(date));
}

// The largest two units: 1 d 12 h.
export function span(seconds) {
  const left = Math.max(0, Math.round(seconds));
  if (left < 60) return say('seconds', {n: left});
  const parts = [['days', 86400], ['hours', 3600], ['minutes', 60]];
  const said = [];
  let rest = left;
  for (const [key, size] of parts) {
    const n = Math.floor(rest / size);
    rest -= n * size;
    if (n && said.length < 2) said.push(say(key, {n}));
  }
  return said.join(' ');
}

// ---------------------------------------------------------------- requests

// Something went wrong: `away` where the service was not reached, and asking again may help;
// `late` where it may have got what was asked, and only the answer did not come.
export class Trouble extends Error {
  constructor(message, away, late = false) { super(message); Object.assign(this, {away, late}); }
}

const TIMEOUT_MS = 20000;

// JupyterHub wants this token of every request of a script's that comes with a cookie, GET too.
const token = () => page.xsrf || (document.cookie.match(/(?:^|; )_xsrf=([^;]*)/) ?? [])[1] || '';

// Ask the service; return the response. Throws Trouble for all that is not 2xx or 304.
export async function ask(path, {method = 'GET', body, etag, accept = 'application/json'} = {}) {
  const headers = {Accept: accept, 'X-XSRFToken': token()};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (etag) headers['If-None-Match'] = etag;
  let response;
  try {
    response = await fetch(page.service + path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store', credentials: 'same-origin', redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new Trouble('', true, error.name === 'TimeoutError');
  }
  if (response.ok || response.status === 304) return response;
  // A redirect leads to the hub's login.
  if (response.type === 'opaqueredirect' || response.status === 401) throw new Trouble(say('signed_out'), false);
  // The proxy in front of a service that does not run.
  if ([502, 503, 504].includes(response.status)) throw new Trouble('', true, response.status === 504);
  let said = '';
  try {
    said = (await response.json()).error;
  } catch { /* not from our service: the number must do */ }
  throw new Trouble(said ? say('refused', {message: said}) : say('failed', {status: response.status}), false);
}

export async function askJson(path, options) {
  const response = await ask(path, options);
  return response.status === 304 ? null : response.json();
}

// Return the server's clock less ours, in ms, as a response tells it.
export const clockAhead = response => {
  const date = Date.parse(response.headers.get('Date') ?? '');
  return Number.isNaN(date) ? 0 : date - Date.now();
};

// ---------------------------------------------------------------- the loop

const SLOWEST_MS = 30000;

// Ask for some paths again and again while somebody looks; `heard(data, response)` gets what each
// said last, in the order of the paths, whenever one has changed; `always()` runs each time.
export class Live {
  constructor(paths, heard, interval, always = () => {}) {
    Object.assign(this, {paths, heard, interval, always});
    this.etags = paths.map(() => null);
    this.data = paths.map(() => null);
    this.failures = 0;
    this.since = null;
    this.running = false;
    this.again = false;
    document.addEventListener('visibilitychange', () => document.hidden || this.now());
    addEventListener('online', () => this.now());
    this.now();
  }

  // Ask now, and not at the end of the interval.
  async now() {
    clearTimeout(this.timer);
    if (this.running) { this.again = true; return; }
    this.running = true;
    try {
      do {
        this.again = false;
        await this.once();
      } while (this.again);
    } finally {
      this.running = false;
      if (!document.hidden) this.timer = setTimeout(() => this.now(), this.wait());
    }
  }

  wait() {
    return this.failures ? Math.min(SLOWEST_MS, 2000 * 2 ** (this.failures - 1)) : this.interval();
  }

  async once() {
    try {
      const responses = await Promise.all(this.paths.map((path, i) => ask(path, {etag: this.etags[i]})));
      let changed = false;
      for (const [i, response] of responses.entries()) {
        this.ahead = clockAhead(response);
        if (response.status === 304) continue;
        this.data[i] = await response.json().catch(() => { throw new Trouble('', true); });
        this.etags[i] = response.headers.get('ETag');
        changed = true;
      }
      this.mended();
      if (changed) this.heard(...this.data);
      this.always();
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      this.failed(trouble);
    }
  }

  failed(trouble) {
    this.failures += 1;
    this.since ??= new Date();
    const said = trouble.away ? say('connection', {time: clock.format(this.since)}) : trouble.message;
    const box = byId('trouble');
    // The same words again would be read out again.
    if (box.textContent !== said) box.textContent = said;
    box.hidden = false;
  }

  mended() {
    if (this.failures) {
      byId('trouble').hidden = true;
      byId('trouble').textContent = '';
      this.tell(say('connected'));
    }
    this.failures = 0;
    this.since = null;
  }

  tell(text) { byId('news').textContent = text; }
}
