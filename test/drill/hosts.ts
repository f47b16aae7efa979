/**
 * Kills one worker for good in each step of a loop by URL; the loop has to end on the others.
 * Each worker has its own data directory and, as root, its own network namespace.
 * Usage: tsx test/drill/hosts.ts [--workers 3]
 */
import { parseArgs } from 'node:util';
import { makeNamespaces } from './lane/namespaces.ts';
import { runHostsDrill } from './hosts-drill.ts';
import { stepNames } from '../support/step-names.ts';

const { values } = parseArgs({ options: { workers: { type: 'string', default: '3' } } });
const workers = Number(values.workers);
const began = Date.now();
const say = (line: string) => console.log(`${((Date.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}`);

const isRoot = process.getuid?.() === 0;
const namespaces = isRoot ? makeNamespaces(workers) : null;
console.log(
  isRoot
    ? `${workers} workers, each in a network namespace of its own`
    : `${workers} workers in one network: namespaces are for root`,
);
let violations = 0;
try {
  // All but one of the workers die in a run.
  for (let at = 0; at < stepNames.length; at += workers - 1) {
    const killed = stepNames.slice(at, at + workers - 1);
    say(`killed for good: one in ${killed.join(', one in ')}`);
    const drill = await runHostsDrill({ steps: killed, workers, say, ...(namespaces && { network: namespaces }) });
    violations += drill.finding.violations.length;
    [...drill.finding.violations, ...drill.told].forEach((line) => say(`  ${line}`));
    say(
      `  ${drill.outcome.loops.map(({ result }) => `${result?.committed} committed, ${result?.rolledBack} rolled back, ${result?.failed} failed`).join('; ')}`,
    );
    await drill.outcome.end();
  }
} finally {
  namespaces?.remove();
}
say(`${violations} violations`);
process.exit(violations === 0 ? 0 : 1);
