import { isOverruled, pairsText } from '../../domain/ledger/report.ts';
import type { Evidence, IterationRecord } from '../../domain/ledger/record.ts';
import { outcomeText, outcomeTexts } from '../../domain/ledger/reason-text.ts';
import { screenedText } from '../../domain/ledger/screened.ts';
import { timeText } from '../../domain/ledger/spent.ts';
import { coverageText } from '../../domain/replay/coverage.ts';
import { toRatio, toSample, type Pair, type RecordedVerdict } from '../../domain/verdict/decision.ts';
import { betterBy, gain, suretyText } from '../../domain/verdict/gain.ts';
import { diffHtml } from './code.ts';
import { columnHead, factList, scrollTable } from './elements.ts';
import { markup, type Html } from './html.ts';
import { anchorOf } from './progress-chart.ts';
import type { ReportFacts } from './read-report.ts';
import { verdictChart } from './verdict-chart.ts';

/** Every attempt as a line that opens: why, its verdict with its pairs, its diff. @param made those that were drawn before */
export async function attemptsHtml({ report, beside }: ReportFacts, made: Map<number, Html>): Promise<Html> {
  const items: Html[] = [];
  for (const record of report.records) {
    const { iteration } = record;
    const evidence = beside.evidence.get(iteration) ?? null;
    const item = made.get(iteration) ?? (await attemptHtml(record, evidence, beside.diffs.get(iteration) ?? ''));
    made.set(iteration, item);
    items.push(item);
  }
  return markup`<ol class="attempts">
    ${items}
  </ol>`;
}

async function attemptHtml(record: IterationRecord, evidence: Evidence | null, diff: string): Promise<Html> {
  const { iteration, verdict } = record;
  return markup`<li>
    <details id="details-${iteration}">
      <summary>${summaryHtml(record)}</summary>
      <div class="attempt" id="${anchorOf(iteration)}">
        ${factsHtml(record)}${verdict && (await verdictHtml(verdict, evidence, iteration))}
        ${
          diff !== '' &&
          markup`<h3>Diff</h3>
            ${diffHtml(diff)}`
        }
      </div>
    </details>
  </li>`;
}

function summaryHtml(record: IterationRecord): Html {
  const { iteration, outcome, reason, verdict, hypothesis } = record;
  const measured = verdict ? gain(verdict.reported.ratio, verdict) : '';
  return markup`<span class="number">${iteration}</span
    ><span class="${outcome}">${outcomeTexts[outcome]}${reason && `: ${reason}`}</span
    ><span>${isOverruled(record) ? `(${measured})` : measured}</span
    ><span class="title">${hypothesis?.title || 'no hypothesis'}</span>`;
}

function factsHtml(record: IterationRecord): Html {
  const { outcome, reason, hypothesis, detail, candidate, screened, replay, broken, model, tokens, seconds } = record;
  const facts: [string, string | Html | null | undefined | false][] = [
    ['outcome', outcomeText(outcome, reason)],
    ['commit', candidate?.commit && markup`<code>${candidate.commit}</code>`],
    ['asked about', hypothesis?.target],
    ['proposed by', `${model}, ${tokens} tokens${seconds === undefined ? '' : `, ${timeText(seconds)} in all`}`],
    ['screened', screened?.length ? screenedText(screened) : null],
    ['replay check', replay && replay.edited > 0 && coverageText(replay, reason === 'behaviour-changed')],
    ['no test notices', outcome === 'committed' && broken?.notCovered.join(', ')],
  ];
  const rationale = hypothesis?.rationale.trim() ?? '';
  return markup`${rationale !== '' && markup`<p>${rationale}</p>`}${detail.trim() !== '' && markup`<pre class="block">${detail.trim()}</pre>`}
    ${factList(facts)}`;
}

async function verdictHtml(verdict: RecordedVerdict, evidence: Evidence | null, iteration: number): Promise<Html> {
  const { reported, verdict: answer } = verdict;
  const interval = suretyText(reported.interval, verdict);
  const line = `${answer}: ${gain(reported.ratio, verdict)}, ${interval}, ${pairsText(verdict)} ${verdict.pairs === 1 ? 'pair' : 'pairs'}`;
  const picture =
    evidence &&
    verdict.noise !== 'exact' &&
    evidence.pairs.length > 1 &&
    markup`<figure class="chart">
      ${await verdictChart(evidence, verdict, `Pairs and capital of iteration ${iteration}: ${line}`)}
      <figcaption>${legend(evidence)}</figcaption>
    </figure>`;
  return markup`<h3>Verdict</h3>
    <p>${line}</p>
    ${picture}${evidence && pairsHtml(evidence, iteration)}`;
}

function legend({ corroboration, fresh }: Evidence): string {
  const parts = [
    `Each dot is a pair${corroboration ? ', each ring the same pair by the clock of the loop' : ''}.`,
    'Dashed: the bar that a gain must reach.',
    `Line and band: the gain that is told, with its 95 % interval${fresh.length > 0 ? ', from fresh pairs' : ''}.`,
    'Below, green: the capital against “no gain”, accepted at the dashed line above; orange: against the bar, given up at the one below.',
  ];
  return parts.join(' ');
}

/** The same as numbers, for who cannot see the picture or wants to count. */
function pairsHtml({ pairs, fresh, policy, unit }: Evidence, iteration: number): Html {
  const all = [...pairs, ...fresh];
  const rows = all.map((one, at) => {
    const better = betterBy(toRatio(toSample(one.pair, policy)), policy);
    const cells = [
      `${at + 1}${at < pairs.length ? '' : ' fresh'}`,
      one.first === 'candidate' ? 'candidate' : 'champion',
      ...one.pair.map(number),
      policy.minDifference === undefined ? `${better.toFixed(1)} %` : number(better),
      both(one.cpuMs),
      both(one.wallMs),
    ];
    return markup`${cells.map((cell) => markup`<td>${cell}</td>`)}`;
  });
  const heads = ['pair', 'first', `champion ${unit}`, `candidate ${unit}`, 'better by', 'CPU ms', 'wall ms'];
  return markup`<details class="plain" id="pairs-${iteration}">
    <summary>${all.length === 1 ? '1 pair' : `${all.length} pairs`} in numbers</summary>
    ${scrollTable(`Pairs of iteration ${iteration}`, heads.map(columnHead), rows)}
  </details>`;
}

function both(pair: Pair): string {
  return pair.map((ms) => ms.toFixed(0)).join(' / ');
}

function number(value: number): string {
  return String(Number(value.toPrecision(5)));
}
