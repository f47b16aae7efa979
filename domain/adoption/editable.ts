/** Paths of this product that its own loop may change, as globs: what a benchmark measures, and does not judge. @internal */
export const selfEditable: readonly string[] = Object.freeze([
  'domain/proposal/**/*.ts',
  'domain/profiles/**/*.ts',
  'domain/ledger/{cost,record,report,screened,totals}.ts',
  'client/terminal/**/*.ts',
]);

interface NeverEditable {
  paths: readonly string[];
  /** Completes "nobody may judge himself: it …". */
  why: string;
}

/** Paths among these that it never may, with the reason. Who judges may not be judged by himself. @internal */
export const neverEditable: readonly NeverEditable[] = [
  {
    paths: [
      'domain/verdict/**',
      'domain/benchmark/**',
      'domain/checks.ts',
      'activities/measure/**',
      'activities/checks/**',
    ],
    why: 'measures and judges',
  },
  {
    paths: [
      ...[
        'domain/protection/**',
        'domain/replay/**',
        'domain/source/**',
        'activities/replay/**',
        'activities/search/**',
      ],
      ...['activities/suites/**', 'activities/trees/**', 'adapters/replay/**', 'adapters/parsers/**'],
    ],
    why: 'finds out what a candidate does beside what it says',
  },
  { paths: ['adapters/sandbox/**', 'adapters/*.ts'], why: 'holds what runs' },
  {
    paths: [
      ...['activities/{steps,loop,record,edits,propose}/**', 'activities/*.ts', 'domain/steps.ts', 'workflows/**'],
      ...['ledger/**', 'store/**', 'worker/**'],
    ],
    why: 'orders the steps and records what came of them',
  },
  {
    paths: ['domain/config/**', 'domain/names.ts', 'domain/loop-id.ts', 'domain/search-attributes.ts'],
    why: 'sets budgets and permissions',
  },
  {
    paths: [
      ...[
        'domain/adoption/**',
        'activities/adoption/**',
        'adapters/adoption/**',
        'adapters/git/**',
        'client/adoption/**',
      ],
      ...['client/backend/**', 'client/cli.ts', 'client/commands/worker.ts'],
    ],
    why: 'decides which build runs',
  },
  {
    paths: [
      ...['domain/text.ts', 'domain/ledger/{champion,spent}.ts', 'domain/proposal/answers/**'],
      'domain/proposal/{form,path-form,wording}.ts',
    ],
    why: 'is called by what judges',
  },
  { paths: ['client/terminal/{command-error,interrupt,progress}.ts'], why: 'reaches the process' },
];

/**
 * Says why the product's own loop may not change a file; null where it may.
 * @param matches tells if a path fits a glob
 */
export function whyNever(path: string, matches: (path: string, glob: string) => boolean): string | null {
  const never = neverEditable.find(({ paths }) => paths.some((glob) => matches(path, glob)));
  if (never) return `never changes by itself, since it ${never.why}`;
  if (selfEditable.some((glob) => matches(path, glob))) return null;
  return 'is not among what the product may change of itself (docs/self.md); a person alone changes it';
}
