import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { call } from '../support/command-line.ts';
import { exactRounds, proposals, scriptedSource, targetConfig } from '../support/repository/target.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { temporalBinary } from '../support/server/temporal.ts';
import { startWorkerProcess } from '../support/server/worker-process.ts';
import { useWorkbench } from '../support/workbench.ts';

const payloadCodec = fileURLToPath(new URL('../../examples/payload-codec.mjs', import.meta.url));

describeWithServer('a payload codec that the settings name', () => {
  const bench = useWorkbench();

  it('keeps configuration, edits and results from whoever reads the histories, and commands read them', async () => {
    const environment = { KARPATHY_LOOP_KEY: randomBytes(32).toString('hex') };
    const { command } = scriptedSource(bench.data.path, [proposals.faster]);
    const settings = { repositories: [bench.target.path], commandSources: { script: { command } }, payloadCodec };
    bench.worker = await startWorkerProcess(bench.server.address, bench.data.path, settings, environment);
    writeFileSync(
      join(bench.data.path, 'loop.json'),
      JSON.stringify(targetConfig(bench.target.path, { profile: 'none', benchmark: exactRounds })),
    );
    const flags = ['--data', bench.data.path, '--address', bench.server.address];
    const cli = (args: string[], own: Record<string, string> = environment) =>
      call([...args, ...flags], { environment: own });
    expect(await cli(['start', bench.data.path, '--id', 'sealed'])).toMatchObject({ code: 0, stderr: '' });
    const followed = await cli(['status', '--follow', 'sealed']);
    expect(followed.stdout).toContain('committed: 66.7 % better');
    const report = await cli(['report', 'sealed']);
    expect(report.stdout).toContain('Sum in 100 rounds');
    for (const id of ['sealed', 'sealed/iter-1']) {
      const place = ['--address', bench.server.address, '--namespace', bench.server.namespace ?? 'default'];
      const { stdout } = await execa(temporalBinary, ['workflow', 'show', '-w', id, '-o', 'json', ...place]);
      expect(stdout).toContain(Buffer.from('binary/aes-256-gcm').toString('base64'));
      for (const secret of ['const ROUNDS', 'Sum in 100 rounds', bench.target.path])
        expect(decoded(stdout)).not.toContain(secret);
    }
    const without = await cli(['status', 'sealed'], {});
    expect(without.code).toBe(1);
    expect(without.stderr).toMatch(
      /^error: payloadCodec: .* cannot be loaded \(KARPATHY_LOOP_KEY is not set to 64 hex/,
    );
  });
});

/** A history with whatever in it is base64 read as text. */
function decoded(history: string): string {
  return history.replace(/"([A-Za-z0-9+/]{16,}={0,2})"/g, (_all, text: string) =>
    Buffer.from(text, 'base64').toString(),
  );
}
