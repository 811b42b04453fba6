// The page around a submission's feedback: asks whether there is a newer one, and shows it.

import {ask, asDate, byId, Live, moment, page, utc} from './live.js';

const BUSY_MS = 2000;
const QUIET_MS = 30000;

function localTimes() {
  for (const one of document.querySelectorAll('#live time')) {
    const date = asDate(one.dateTime);
    // The feedback in the frame has no script, and says when in UTC.
    one.textContent = date.getTimezoneOffset() ? `${moment(date)} (${utc(date)})` : moment(date);
  }
}

// The page anew, as the service writes it now; a frame in it loads with it.
async function renew() {
  const text = await (await ask(`submissions/${page.id}${location.search}`, {accept: 'text/html'})).text();
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  const live = fresh.getElementById('live');
  if (!live) return;
  byId('live').replaceWith(document.adoptNode(live));
  document.title = fresh.title;
  localTimes();
  const before = page.standing;
  Object.assign(page, {standing: fresh.body.dataset.standing, etag: fresh.body.dataset.etag});
  // A place in the queue moves often: only another state is worth being read out.
  if (before !== page.standing) byId('news').textContent = fresh.title;
}

class Feedback extends Live {
  async once() {
    try {
      const response = await ask(this.paths[0], {etag: this.etags[0], accept: 'text/html'});
      this.mended();
      const etag = response.headers.get('ETag');
      if (response.status !== 304 && etag && etag !== this.etags[0]) {
        this.etags[0] = etag;
        if (etag.replace(/^W\/|"/g, '') !== page.etag) await renew();
      }
    } catch (trouble) {
      this.failed(trouble);
    }
  }
}

localTimes();
const waits = () => (['queued', 'grading'].includes(page.standing) ? BUSY_MS : QUIET_MS);
new Feedback([`api/submissions/${page.id}/feedback`], () => {}, waits);
