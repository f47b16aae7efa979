/** Process of `karpathy-loop brief`: prints one preview as JSON; errors go to standard error, one line per fact. */
import { preview, type PreviewInput } from '../activities/checks/preview.ts';
import { createCache } from '../adapters/cache.ts';
import { createUsage } from '../store/quota.ts';
import { parseWorkerSettings } from '../domain/config/worker-settings.ts';

const [dataDirectory = '', input = ''] = process.argv.slice(2);
const settings = parseWorkerSettings({});
if (!settings.ok) throw new Error(settings.problems.join('\n'));
try {
  const answer = await preview(
    {
      ...{ dataDirectory, settings: settings.value, queue: '', usage: createUsage(), cache: createCache({ max: 100 }) },
      ...{ sandbox: { kind: 'none', limitsLayer: 'none' }, embedded: () => Promise.reject(new Error('not here')) },
    },
    JSON.parse(input) as PreviewInput,
  );
  await new Promise((resolve) => process.stdout.write(JSON.stringify(answer), resolve));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
