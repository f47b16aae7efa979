import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { filterTable } from '../../scripts/filter-table.ts';
import { generatedDocs } from '../../scripts/generated-docs.ts';

it.each([...(await generatedDocs())])('docs/%s is fresh (else: npm run docs)', (name, text) => {
  expect(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')).toBe(text);
});

it('docs/sandbox.md has the table of refused system calls as the source has it', () => {
  const text = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8');
  expect(text).toContain(filterTable().join('\n'));
});
