import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DoctorAnswer, Finding } from '../../../domain/checks.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { Diagnosis } from '../../../domain/verdict/diagnosis.ts';
import { begin, call, type Called } from '../../support/command-line.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import { targetConfig } from '../../support/repository/target.ts';
import { useWorkbench } from '../../support/workbench.ts';

describeWithServer('karpathy-loop doctor', () => {
  const bench = useWorkbench();

  it('looks at what a loop needs, where nothing runs and nothing is there yet, and leaves nothing behind', async () => {
    const own = join(bench.data.path, 'not', 'there', 'yet');
    const { code, stdout, stderr } = await call(['doctor', '--data', own]);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n').filter((line) => /^(ok|warning|failure) /.test(line));
    expect(lines.map((line) => line.split(/ +/)[1])).toEqual([
      'node',
      'machine',
      'disk',
      'sandbox',
      'tools',
      'model',
      'server',
      'worker',
    ]);
    expect(stdout).toMatch(/^ok {7}server {4}Temporal [\d.]+ can be started \(and was, for this check\)$/m);
    expect(stdout).toMatch(/^ok {7}worker {4}can be started \(and was, for this check\)$/m);
    expect(existsSync(join(bench.data.path, 'not'))).toBe(false);
    expect(readdirSync(bench.data.path)).toEqual([]);
    expect(processesWith(bench.data.path)).toEqual([]);
  });

  it('leaves alone what another command makes of the data directory meanwhile', async () => {
    const own = join(bench.data.path, 'not', 'there', 'yet');
    const running = begin(['doctor', '--data', own, '--address', '127.0.0.1:1']);
    while (readdirSync(bench.data.path).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'worker-id'), 'of a run');
    expect((await running.ended).code).toBe(1);
    expect(readdirSync(bench.data.path)).toEqual(['not']);
    expect(readFileSync(join(own, 'worker-id'), 'utf8')).toBe('of a run');
  });

  it("measures a loop's benchmark on its base, and tells what can be proved by it", async () => {
    const before = await bench.target.snapshot();
    const text = await doctor({}, '--runs', '20');
    expect([text.code, text.stderr]).toEqual([0, '']);
    expect(text.stdout).toMatch(
      /^ok {7}benchmark base \w{10} passes its tests; 20 runs: [\d.]+ ms \(median\), [\d.]+ s each; \d+ % of a run.s CPU time after start-up lies outside of the metric$/m,
    );
    expect(text.stdout).toMatch(
      /^ +spread {4}of a pair: the metric [\d.]+ %, CPU time [\d.]+ %, wall time [\d.]+ %; the quietest is /m,
    );
    expect(text.stdout).toMatch(/^ +gain {6}that is proved: .* with 50 %, .* with 90 %, .* with 99 % power$/m);
    expect(text.stdout).toMatch(
      /^ +verdict {3}takes about [\d.]+ s \(no gain\) to [\d.]+ s \(a gain of 20 %\), beside build and tests$/m,
    );
    expect(await bench.target.snapshot()).toEqual(before);

    const side = { name: 'size', command: 'echo SIZE 5', metric: { pattern: '^SIZE (\\d+)$' } };
    const time = { name: 'time', command: 'node bench.mjs' };
    const sideMetrics = [{ ...side, noise: 'exact' as const }, time];
    const { code, stdout } = await doctor({ sideMetrics, guard: 'hidden' }, '--runs', '10', '--json');
    expect(code).toBe(0);
    const { findings, benchmark } = JSON.parse(stdout) as {
      findings: Finding[];
      benchmark: DoctorAnswer & Omit<Diagnosis, 'findings'>;
    };
    expect(benchmark.runs).toHaveLength(10);
    expect(benchmark).toMatchObject({
      baseSha: await bench.target.git('rev-parse', 'HEAD'),
      workspace: 'readonly',
      sandbox: 'bubblewrap',
    });
    expect(benchmark.power!.provable).toHaveLength(3);
    expect(findings.every(({ state }) => state !== 'failure')).toBe(true);
    const facts = findings.map(({ fact }) => fact);
    expect(facts).toContain('guard "hidden" was not tried on the base');
    expect(facts.join('\n')).toContain('exact side metrics size: each the same twice on the base');
    expect(benchmark.sideRuns.map(({ name, values }) => [name, values.length])).toEqual([['time', 10]]);
    expect(benchmark.side).toMatchObject([{ name: 'time' }]);
  });

  it('has a line with its remedy for each failure, and exit code 1', async () => {
    const broken = await doctor(
      { test: 'false', hypothesis: { source: 'ollama', model: 'none' } },
      '--ollama-host',
      '127.0.0.1:1',
    );
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain(
      'failure  model     hypothesis.model: Ollama does not answer at http://127.0.0.1:1, and none was asked for; start it with "ollama serve"\n',
    );
    expect(broken.stdout).toMatch(/^failure {2}test {6}fails on the base \w{10}/m);

    const missing = await doctor({ test: 'no-such-tool', hypothesis: { source: 'command', command: 'other' } });
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain(
      'failure  tools     no-such-tool: command not found on this machine; install it, or correct the name\n',
    );
    expect(missing.stdout).toContain(
      'failure  model     the command source "other" is not allowed; give it with --command-source name=program\n',
    );
  });

  it('says that the source would have nothing to do, as run would, and measures all the same', async () => {
    const source = readFileSync(join(bench.target.path, 'src/total.mjs'), 'utf8');
    writeFileSync(
      join(bench.target.path, 'src/total.mjs'),
      source.replace(/^const ROUNDS.*\n/m, '').replace('ROUNDS', '300'),
    );
    await bench.target.git('commit', '-qam', 'Name no constant');
    const { code, stdout } = await doctor({}, '--runs', '10');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok {7}benchmark base \w{10} passes its tests; 10 runs/m);
    expect(stdout).toContain(
      'failure  hypothesis.source the model is so small that it only chooses values of named constants, and no editable file has one; take a coding model',
    );
  });

  it('goes on with the rest where the server that was named does not answer', async () => {
    const { code, stdout, stderr } = await call([
      'doctor',
      '--data',
      join(bench.data.path, 'data'),
      '--address',
      '127.0.0.1:1',
      '--json',
    ]);
    expect(code).toBe(1);
    const { findings, benchmark } = JSON.parse(stdout) as { findings: Finding[]; benchmark: null };
    expect(benchmark).toBeNull();
    expect(findings.find(({ subject }) => subject === 'server')).toEqual({
      ...{ subject: 'server', state: 'failure' },
      ...{ fact: 'temporal: no server answers at 127.0.0.1:1', remedy: 'correct the address, or start the server' },
    });
    expect(findings.find(({ subject }) => subject === 'sandbox')).toMatchObject({
      state: expect.stringMatching(/ok|warning/) as string,
    });
    expect(stderr).not.toContain('error');
  });

  it('refuses a config as every command does', async () => {
    const { code, stderr } = await doctor({ iterations: 0 });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: iterations: /);
    expect(await doctor({}, '--runs', 'many')).toMatchObject({
      code: 2,
      stderr: 'error: --runs: "many" is not a number from 10 to 1000\n',
    });
  });

  async function doctor(part: Partial<LoopConfigInput>, ...args: string[]): Promise<Called> {
    const config = targetConfig(bench.target.path, { hypothesis: { source: 'embedded' }, ...part });
    writeFileSync(join(bench.data.path, 'loop.json'), JSON.stringify(config));
    return call([
      'doctor',
      bench.data.path,
      '--data',
      join(bench.data.path, 'data'),
      '--address',
      bench.server.address,
      ...args,
    ]);
  }
});

/** Processes of this machine that have a text in their command line. */
function processesWith(text: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const commands = pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  });
  return commands.filter((command) => command.includes(text));
}
