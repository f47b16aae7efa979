/** Runs in a page that is served: takes each new state of the report, and leaves alone what the reader has opened. */
export const liveScript = `
const now = document.getElementById('now');
const source = new EventSource('events');
source.addEventListener('now', ({ data }) => { now.textContent = JSON.parse(data); });
source.addEventListener('report', async () => {
  const text = await (await fetch('.')).text();
  const next = new DOMParser().parseFromString(text, 'text/html').getElementById('report');
  const report = document.getElementById('report');
  const focused = document.activeElement?.closest('[id]')?.id;
  for (const { id } of report.querySelectorAll('details[open]')) next.querySelector('#' + id)?.setAttribute('open', '');
  report.replaceWith(next);
  const again = focused && document.getElementById(focused);
  (again?.matches('details') ? again.querySelector('summary') : again)?.focus({ preventScroll: true });
});
source.onerror = () => { now.textContent = 'Not connected: the report is as it was last.'; };
`;
