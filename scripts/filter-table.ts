import { conditions, refusals } from '../adapters/sandbox/seccomp/table.ts';

/** Returns the rows of the table of refused system calls in docs/sandbox.md. */
export function filterTable(): string[] {
  const whole = refusals.map(({ what, why, calls }) => row(what, why, Object.keys(calls).map(code).join(', ')));
  const partly = conditions.map(({ what, why, call, error }) =>
    row(what, why, `${code(call)}${error === 'EPERM' ? '' : ` (${error})`}, by its argument`),
  );
  return [...whole, ...partly];
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function code(name: string): string {
  return `\`${name}\``;
}
