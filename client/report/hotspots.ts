import type { Hotspot } from '../../domain/steps.ts';
import { columnHead, scrollTable } from './elements.ts';
import { markup, type Html } from './html.ts';
import type { ReportFacts } from './read-report.ts';

const most = 8;

/** Where the time goes in the base, and in the newest champion that was profiled. */
export function hotspotsHtml({ report: { records }, beside, plan }: ReportFacts): Html | null {
  const champions = [...new Set([plan?.baseSha ?? '', ...records.map(({ champion }) => champion)])];
  const profiled = champions.filter((champion) => beside.hotspots.has(champion));
  const [first, last] = [profiled[0], profiled.at(-1)];
  if (first === undefined || last === undefined) return null;
  const [before, after] = [first, last].map((champion) => beside.hotspots.get(champion)!) as [Hotspot[], Hotspot[]];
  const names = [...new Map([...before, ...after].map((spot) => [nameOf(spot), spot])).keys()];
  const shareIn = (spots: readonly Hotspot[], name: string) =>
    spots.find((spot) => nameOf(spot) === name)?.share ?? null;
  const rows = names
    .map((name) => ({ name, old: shareIn(before, name), now: shareIn(after, name) }))
    .sort((a, b) => Math.max(b.old ?? 0, b.now ?? 0) - Math.max(a.old ?? 0, a.now ?? 0))
    .slice(0, most);
  const isOne = first === last;
  const newest = records.find(({ champion }) => champion === last)?.iteration ?? 1;
  const heads = ['base', ...(isOne ? [] : [`champion of iteration ${newest}`])];
  return markup`<section id="hotspots">
    <h2>Hotspots${!isOne && ' before and after'}</h2>
    <p class="quiet">
      Share of the profiled time that each function takes itself${!isOne && ', of a whole that became smaller'}.
    </p>
    ${scrollTable(
      'Hotspots',
      [markup`<th class="text" scope="col">function</th>`, ...heads.map(columnHead)],
      rows.map(
        ({ name, old, now }) =>
          markup`<th class="text" scope="row">${name}</th>
            ${shareHtml(old)}${!isOne && shareHtml(now)}`,
      ),
    )}
  </section>`;
}

function nameOf({ file, name }: Hotspot): string {
  return name === null ? file : `${file}: ${name}`;
}

function shareHtml(share: number | null): Html {
  if (share === null) return markup`<td>–</td>`;
  const width = Math.max(1, Math.round(share * 100));
  return markup`<td>
    ${(share * 100).toFixed(1)} %<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="10" fill="var(--panel)" />
      <rect width="${width}" height="10" fill="var(--link)" />
    </svg>
  </td>`;
}
