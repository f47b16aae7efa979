import { createHash } from 'node:crypto';
import { openedFiles, uncheckedOutput } from '../../domain/benchmark/findings.ts';
import { costRows } from '../../domain/ledger/cost.ts';
import { headline, type Report } from '../../domain/ledger/report.ts';
import { outcomeTexts, sandboxText } from '../../domain/ledger/reason-text.ts';
import { timeText } from '../../domain/ledger/spent.ts';
import { policyOf } from '../../domain/config/plan.ts';
import { bar, defaultPatience } from '../../domain/verdict/decision.ts';
import { betterBy } from '../../domain/verdict/gain.ts';
import { attemptsHtml } from './attempts.ts';
import { columnHead, factList, scrollTable } from './elements.ts';
import { hotspotsHtml } from './hotspots.ts';
import { ownCode, markup, type Html } from './html.ts';
import { isBeyond, progressChart } from './progress-chart.ts';
import { nextCommands, type ReportFacts } from './read-report.ts';
import { style } from './style.ts';

/** Widths at which the picture of the progress is drawn: for a screen, and for a phone. */
const [wide, narrow] = [860, 330];

/** What a page that is served has more than a file. */
export interface Live {
  /** Runs in the page and brings it up to date. */
  script: string;
  /** What the loop does now. */
  now: string;
}

/**
 * The whole report as one page, which reaches for nothing outside of itself.
 * @param made attempts that were drawn before, by iteration: a record never changes
 */
export async function reportPage(
  facts: ReportFacts,
  live: Live | null = null,
  made = new Map<number, Html>(),
): Promise<string> {
  const { loopId } = facts.report;
  const policy = [
    `default-src 'none'`,
    `style-src '${digestOf(style)}'`,
    ...(live ? [`script-src '${digestOf(live.script)}'`, `connect-src 'self'`] : []),
    `img-src data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ];
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href="data:," />
        <title>${loopId}: report of a Karpathy Loop</title>
        <style>${ownCode(style)}</style>
      </head>
      <body>
        <a class="skip" href="#attempts">Skip to the attempts</a> ${await bodyHtml(facts, live, made)}${
          live && markup`<script>${ownCode(live.script)}</script>`
        }
      </body>
    </html> `.toString();
}

function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

async function bodyHtml(facts: ReportFacts, live: Live | null, made: Map<number, Html>): Promise<Html> {
  const { report } = facts;
  return markup`<header>
      <h1>Loop ${report.loopId}</h1>
      ${live && markup`<p id="now" role="status">${live.now}</p>`}
    </header>
    <main id="report">
      ${headHtml(facts)}${await progressHtml(facts)}${nextHtml(facts)}
      <section id="attempts">
        <h2>Attempts</h2>
        ${report.records.length === 0 ? markup`<p>No iteration has ended yet.</p>` : await attemptsHtml(facts, made)}
      </section>
      ${hotspotsHtml(facts)}${costHtml(facts)}${termsHtml(facts)}
    </main>
    <footer>
      Made from the ledger in the repository, as it was at <code>${facts.head.slice(0, 10)}</code>. This page needs no
      network.
    </footer>`;
}

function headHtml({ report, plan, place }: ReportFacts): Html {
  const { committed, rolledBack, failed, iterations, sandbox } = report;
  const facts: [string, string | null][] = [
    ['iterations', `${iterations}: ${committed} committed, ${rolledBack} rolled back, ${failed} failed`],
    ['base', plan && plan.baseSha],
    ['champion', report.champion && `${report.champion}${place === null ? '' : ` (${place})`}`],
    ['model', report.models.join(', ') || null],
    ['sandbox', sandbox.map(sandboxText).join(', ') || null],
  ];
  const doubts = [
    ...(report.isOutputChecked === false ? [uncheckedOutput] : []),
    ...(report.unprotected.length > 0 ? [openedFiles(report.unprotected)] : []),
  ];
  return markup`<section id="head" aria-label="Result">
    ${headlineHtml(report)}
    ${factList(facts)} ${doubts.map((doubt) => markup`<p class="doubt">${doubt}</p>`)}
  </section>`;
}

/** The gain alone in large letters; the rest of the line says how it is known. */
function headlineHtml(report: Report): Html {
  const { committed, headToHead } = report;
  const whole = headline(report);
  const [gained, ...how] = whole.split(', ');
  if (headToHead)
    return markup`<p class="headline">${gained!}</p>
      <p>${how.join(', ')}</p>`;
  const commits = committed === 1 ? '1 commit' : `${committed} commits`;
  return committed === 0
    ? markup`<p class="headline">No gain was proved</p>`
    : markup`<p class="headline">${commits}</p>
        <p>In total: ${whole}</p>`;
}

async function progressHtml({ progress, report: { records } }: ReportFacts): Promise<Html | null> {
  if (!progress) return null;
  const beyond = progress.attempts.filter((attempt) => isBeyond(progress, attempt)).map(({ iteration }) => iteration);
  const key = { committed: 'filled', rolledBack: 'a ring', failed: 'a cross' };
  const legend = (['committed', 'rolledBack', 'failed'] as const).map(
    (outcome) =>
      markup`<li>
        <svg class="key" viewBox="-5 -5 10 10" aria-hidden="true">${keyHtml(outcome)}</svg> ${outcomeTexts[outcome]}
        (${key[outcome]})
      </li>`,
  );
  return markup`<section id="progress">
    <h2>Progress</h2>
    <figure>
      <div class="wide">${await progressChart(progress, records, wide)}</div>
      <div class="narrow">${await progressChart(progress, records, narrow)}</div>
      <figcaption>
        <ul class="legend">
          ${legend}${
            progress.measured &&
            markup`<li>
              <svg class="key" viewBox="-5 -5 10 10" aria-hidden="true">
                <path d="M0-4L3 0 0 4-3 0z" fill="var(--link)" /></svg
              >
              base against champion, measured afresh (a diamond)
            </li>`
          }
        </ul>
        Each mark leads to its attempt. A mark stands where its own pairs put it, seen from the champion of its time,
        with their 95 % interval; the line is the champion. What it adds up to is an estimate: the headline is measured
        afresh.${beyond.length > 0 && ` At the edge, since far worse: ${beyond.join(', ')}.`}
      </figcaption>
    </figure>
  </section>`;
}

function keyHtml(outcome: keyof typeof outcomeTexts): Html {
  if (outcome === 'failed') return markup`<path d="M-3-3L3 3M3-3L-3 3" stroke="var(--failed)" stroke-width="1.5" />`;
  const fill = outcome === 'committed' ? 'var(--committed)' : 'none';
  return markup`<circle r="4" fill="${fill}" stroke="var(--${outcome})" stroke-width="1.5" />`;
}

function nextHtml(facts: ReportFacts): Html | null {
  const next = nextCommands(facts);
  if (!next) return null;
  const block = (title: string, lines: string[]) =>
    markup`<h3>${title}</h3>
      <pre class="block"><code>${lines.join('\n')}</code></pre>`;
  return markup`<section id="next">
    <h2>Look, verify, merge</h2>
    ${block('Look at the commits, or at all of them as one change', next.look)}${block(
      'Measure the newest commit again, on your machine',
      next.verify,
    )}${block('Merge', next.merge)}
  </section>`;
}

function costHtml({ report: { records, headToHead } }: ReportFacts): Html | null {
  if (!records.some(({ spent }) => spent)) return null;
  const rows = costRows(records, headToHead).map(({ what, iterations, costs }) => {
    const cells = [
      iterations,
      Math.round(costs.tokens),
      ...[costs.seconds, costs.model, costs.benchmark, costs.waiting].map(timeText),
    ];
    return markup`<th class="text" scope="row">${what}</th>
      ${cells.map((cell) => markup`<td>${cell}</td>`)}`;
  });
  const heads = ['iterations', 'tokens', 'working time', 'of it model', 'of it benchmark', 'beside it waiting'];
  return markup`<section id="cost">
    <h2>Cost</h2>
    ${scrollTable('Cost', [markup`<td class="text"></td>`, ...heads.map(columnHead)], rows)}
  </section>`;
}

/** The terms of the verdicts, so that a reader can judge them. */
function termsHtml({ plan }: ReportFacts): Html | null {
  if (!plan) return null;
  const policy = policyOf(plan);
  const { noise, minDifference, alpha, patience = defaultPatience } = policy;
  const { unit, command } = plan.config.benchmark;
  const goal = betterBy(bar(policy), policy);
  const asked = minDifference === undefined ? `${goal.toFixed(1)} %` : `${minDifference} ${unit}`;
  const facts: [string, string][] = [
    ['benchmark', command],
    [
      'metric',
      `${unit}, ${policy.better} is better, ${noise === 'exact' ? 'the same in each run' : 'measured in pairs'}`,
    ],
    ['bar', `a gain of ${asked}`],
    ['a false commit', `has a chance of at most ${Number(alpha.toPrecision(2))} for each decision`],
    ...(noise === 'exact'
      ? []
      : ([['given up', `once the capital against the bar is at ${patience}`]] as [string, string][])),
  ];
  return markup`<section id="terms">
    <h2>Terms of the verdicts</h2>
    ${factList(facts)}
  </section>`;
}
