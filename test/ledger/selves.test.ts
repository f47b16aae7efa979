import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adoptionSteps, type SelfEvidence } from '../../domain/adoption/adoption.ts';
import { linkOf } from '../../domain/adoption/chain.ts';
import { appendSelf, chainRef, readChain } from '../../ledger/selves.ts';
import { createRepository, type TestRepository } from '../support/repository/repository.ts';

const evidence: SelfEvidence = {
  ...{ adoption: 'run-1', commit: 'c'.repeat(40), judge: 'a'.repeat(40), returned: null },
  findings: adoptionSteps.map((step) => ({ step, passed: true, text: 'fine' })),
  ...{ startedAt: '2026-01-02T03:04:05.000Z', endedAt: '2026-01-02T04:04:05.000Z' },
};

describe('the chain of selves', () => {
  let target: TestRepository;
  let data: string;
  beforeEach(async () => {
    target = await createRepository({ 'a.txt': 'a' });
    data = await mkdtemp(join(tmpdir(), 'karpathy-loop-chain-'));
  });
  afterEach(async () => {
    await target.remove();
    await rm(data, { recursive: true, force: true });
  });

  /** Puts a commit on the chain as somebody would who writes it by hand. */
  async function forge(content: string, { path, message }: { path: string; message: string }): Promise<void> {
    await target.git('checkout', '--quiet', '--orphan', 'forged');
    await target.commit({ [path]: content }, message);
    await target.git('update-ref', chainRef, 'HEAD');
  }

  it('proves what was made of evidence, once for each adoption, and nothing that was changed after', async () => {
    await appendSelf(data, target.path, evidence);
    await appendSelf(data, target.path, { ...evidence, adoption: 'run-2', returned: 'a person went back' });
    await appendSelf(data, target.path, evidence);
    const chain = await readChain(data, target.path);
    expect(chain.map(({ outcome, isProven }) => ({ outcome, isProven }))).toEqual([
      { outcome: 'adopted', isProven: true },
      { outcome: 'returned', isProven: true },
    ]);
    const { message, file } = linkOf(evidence);
    await forge(file.content, { path: file.path, message });
    expect(await readChain(data, target.path)).toMatchObject([{ outcome: 'adopted', isProven: false }]);
  });

  it.each<[string, object | null]>([
    ['is no evidence', null],
    ['lacks what evidence has', { adoption: 'run-1' }],
    ['has findings of another kind', { ...evidence, findings: [null] }],
    ['is of another adoption', { ...evidence, adoption: 'run-2' }],
    ['brings commands for git', { ...evidence, adoption: 'run-1.json\nreset refs/heads/stolen\n' }],
  ])('says so in one line where a link’s file %s', async (_, forged) => {
    await forge(JSON.stringify(forged), { path: 'selves/run-1.json', message: `x\n\nAdoption: run-1` });
    await expect(readChain(data, target.path)).rejects.toThrow(/^selves: commit [0-9a-f]{12} of .* has no evidence; /);
  });
});
