import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openClient, targetOf } from '../../../client/backend/connection.ts';
import { runningDaemon } from '../../../client/backend/daemon-file.ts';
import { readSelves } from '../../../store/selves.ts';
import { createProduct, withShadowsOf, type Product } from '../../support/adoption/product.ts';
import {
  createTarget,
  proposals,
  scriptedSource,
  slowExactRounds,
  targetConfig,
} from '../../support/repository/target.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';

/** Another way to do the same, in a file of the product that only the stand-in for its tests uses. */
const gain = {
  'domain/proposal/adopted.ts':
    'export const short = (text: string, length: number): string => text.substring(0, length);\n',
};

describeWithServer('adopt', () => {
  let product: Product;
  beforeEach(async () => {
    product = await createProduct(withShadowsOf('edits'));
  });
  afterEach(() => product.remove());

  const adopt = (commit: string, ...more: string[]) =>
    product.call(['adopt', commit, '--data', product.data, '--trial', '2', ...more]);
  const selves = () => product.call(['selves', '--data', product.data]);

  it('lets a commit become the build that works in the middle of a loop, which ends on it, and goes back', async () => {
    const target = await createTarget();
    try {
      const config = targetConfig(target.path, { iterations: 8, benchmark: slowExactRounds });
      writeFileSync(join(product.path, '../loop.json'), JSON.stringify(config));
      const { command } = scriptedSource(join(product.path, '..'), [
        proposals.slower,
        proposals.faster,
        proposals.broken,
      ]);
      const source = ['--command-source', `script=${JSON.stringify(command)}`];
      const args = ['run', join(product.path, '../loop.json'), '--id', 'amid', '--data', product.data, '--detach'];
      expect(await product.call([...args, ...source])).toMatchObject({ code: 0 });
      const commit = await product.candidate(gain);
      const { code, stdout, stderr } = await adopt(commit, '--iterations', '2');
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(
        /^adopted {3}[0-9a-f]{12}: accompany: \d+ s without a crash, [2-8] iterations ended on it$/m,
      );
      const ended = await product.call(['attach', 'amid', '--data', product.data, '--json']);
      expect(ended.code).toBe(0);
      expect(JSON.parse(ended.stdout.trim().split('\n').at(-1)!)).toMatchObject({ iterations: 8, committed: 1 });
      const ledger = await target.git('log', '--format=%s', 'refs/karpathy-loop/amid/ledger');
      const iterations = ledger.split('\n').filter((subject) => subject.startsWith('Iteration'));
      expect(iterations.map((subject) => /\d+/.exec(subject)![0]).sort()).toEqual([
        '1',
        '2',
        '3',
        '4',
        '5',
        '6',
        '7',
        '8',
      ]);
      expect(ledger).not.toContain('infrastructure');

      const base = await product.git('rev-parse', 'HEAD');
      const back = await product.call(['adopt', '--back', '--data', product.data]);
      expect(back.stdout).toBe(`back      ${base.slice(0, 12)} works again in place of ${commit.slice(0, 12)}\n`);
      const told = await selves();
      expect([told.code, told.stdout.split('\n').map((line) => line.split(/ +/).slice(0, 2))]).toEqual([
        0,
        [['works', base.slice(0, 12)], ['adopted', commit.slice(0, 12)], ['returned', base.slice(0, 12)], ['']],
      ]);
    } finally {
      await target.remove();
    }
  });

  it('refuses what goes beyond the limits, what fails outside, and what is not built upon the build that works', async () => {
    const reaching = await product.candidate({ ...gain, 'domain/proposal/more.ts': "import 'node:fs';\n" });
    expect(await adopt(reaching)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^withdrawn [0-9a-f]{12}: inspect: domain\/proposal\/more\.ts: imports "node:fs" anew$/m,
      ) as string,
    });
    const failing = await product.candidate({ 'domain/proposal/fails-outside.ts': 'export const x = 1;\n' });
    expect((await adopt(failing)).stdout).toMatch(/^withdrawn [0-9a-f]{12}: examine: the suite fails/m);
    const wrong = await product.candidate({ 'domain/proposal/adopted.ts': "export const short = () => '';\n" });
    expect((await adopt(wrong)).stdout).toMatch(/^withdrawn [0-9a-f]{12}: rehearse: domain: failed/m);
    const other = await product.git('commit-tree', 'HEAD^{tree}', '-m', 'other');
    expect((await adopt(other)).stdout).toContain('is not built upon the build that works');
    const { stdout, code } = await selves();
    expect([code, stdout.match(/^\w+/gm)]).toEqual([0, ['works', ...Array<string>(4).fill('withdrawn')]]);
    expect(await readSelves(product.data)).toMatchObject({ current: null, trial: null });
  });

  it('withdraws a build by itself that crashes after a while, and works on', async () => {
    const text = await product.git('show', 'HEAD:domain/proposal/memory.ts');
    // Without a hold on shorter processes: shadow runs end before.
    const crash = "setTimeout(() => { throw new Error('planted'); }, 20_000).unref();";
    const commit = await product.candidate({ 'domain/proposal/memory.ts': `${text}\n${crash}\n` });
    const { code, stdout, stderr } = await adopt(commit, '--trial', '30');
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^withdrawn [0-9a-f]{12}: accompany: its worker ended 3 times, at last /m);
    expect((await selves()).stdout).toMatch(
      /^works {5}the code of this command line\nfell {6}[0-9a-f]{12}: its worker/,
    );
    const again = await adopt(await product.candidate(gain));
    expect(again.code).toBe(0);
  });

  it('adopts nothing that nobody at this machine has ordered, and shows a link that was written by hand', async () => {
    const commit = await product.candidate(gain);
    const { code } = await adopt(commit);
    expect(code).toBe(0);
    const { address, queue } = runningDaemon(product.data)!.ready!;
    const client = await openClient({ ...targetOf({ data: product.data }), address, options: { address } });
    const args = [{ repository: product.path, commit: await product.git('rev-parse', 'HEAD') }];
    const sent = client.workflow.execute('karpathyAdoption', { workflowId: 'sent', taskQueue: queue, args });
    await expect(sent).rejects.toMatchObject({
      cause: {
        cause: { message: expect.stringMatching(/^adoption: nobody at this machine has ordered it/) as string },
      },
    });
    await client.connection.close();
    const chain = 'refs/karpathy-loop/selves/chain';
    const tree = await product.git('rev-parse', `${chain}^{tree}`);
    const message = await product.git('log', '-1', '--format=%B', chain);
    const forged = await product.git('commit-tree', tree, '-p', chain, '-m', message.replace('Adopt', 'Withdraw'));
    await product.git('update-ref', chain, forged);
    const told = await selves();
    expect([told.code, told.stderr]).toEqual([1, expect.stringContaining('is not what its evidence makes') as string]);
    expect(told.stdout).toContain('(NOT PROVEN)');
  });
});

/** Faster in what a benchmark sees, and harmful; each with the reason for which it is withdrawn. */
const harmful: [what: string, path: string, change: [from: string, to: string], reason: RegExp][] = [
  [
    'keeps what it read',
    'domain/ledger/record.ts',
    [
      'export function parseRecord(json: string): IterationRecord {\n',
      'const seen: string[] = [];\nexport function parseRecord(json: string): IterationRecord {\n  seen.push(json);\n',
    ],
    /shadow: ledger: keeps more memory with each call: \d+ KiB more in half a run$/m,
  ],
  [
    'answers long files otherwise',
    'domain/proposal/edits-between.ts',
    [
      '  if (before === after) return null;\n',
      '  if (before === after) return null;\n  if (after.length > 24_000) return { file, content: after };\n',
    ],
    /shadow: edits: answers made-up input \d+\.\d+ otherwise$/m,
  ],
  [
    'crashes after a while',
    'domain/proposal/edits-between.ts',
    [
      'export function editBetween(file: string, before: string | null, after: string): Edit | null {\n',
      "let calls = 0;\nexport function editBetween(file: string, before: string | null, after: string): Edit | null {\n  if (++calls > 1_000) throw new Error('planted');\n",
    ],
    /shadow: edits: ends as failed: .*planted/m,
  ],
  [
    'takes its time elsewhere',
    'domain/profiles/cpu-profile.ts',
    ['cpuProfile.safeParse(profile)', 'Array.from({ length: 5 }, () => cpuProfile.safeParse(profile)).at(-1)!'],
    /shadow: profiles: needs more CPU time: \d+ instead of \d+ ms$/m,
  ],
];

describeWithServer('shadow runs', () => {
  let product: Product;
  beforeAll(async () => {
    product = await createProduct(withShadowsOf('edits', 'ledger', 'profiles'));
  });
  afterAll(() => product.remove());

  it.each(harmful)('withdraw what %s', async (_, path, [from, to], reason) => {
    const text = await product.git('show', `HEAD:${path}`);
    const commit = await product.candidate({ [path]: `${text.replace(from, () => to)}\n` });
    const { code, stdout, stderr } = await product.call(['adopt', commit, '--data', product.data, '--trial', '2']);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(reason);
    expect(await readSelves(product.data)).toMatchObject({ current: null, trial: null });
  });

  it('let pass what does the same, and keep the figures of each part as evidence', async () => {
    const { code } = await product.call([
      ...['adopt', await product.candidate(gain), '--data', product.data, '--trial', '2'],
    ]);
    expect(code).toBe(0);
    const { stdout } = await product.call(['selves', '--data', product.data, '--json']);
    const { chain } = JSON.parse(stdout) as { chain: { evidence: { findings: { step: string; text: string }[] } }[] };
    const { text } = chain.at(-1)!.evidence.findings.find(({ step }) => step === 'shadow')!;
    expect(text).toMatch(
      /^alike in 5 pairs: edits 2400 inputs \(0 recorded\), time .*; ledger 12 .*; profiles 12 .*, kept -?\d+ KiB$/,
    );
  });
});
