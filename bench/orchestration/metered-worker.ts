/**
 * A real worker, but that each activity's times are written to a file, one JSON object a line.
 * Usage: tsx bench/orchestration/metered-worker.ts <data directory> <file>
 */
import { appendFileSync } from 'node:fs';
import { createActivities } from '../../activities/index.ts';
import { observe } from '../../worker/log.ts';
import { makeDataDirectory } from '../../store/data-directory.ts';
import { openResources } from '../../worker/resources.ts';
import { serve } from '../../worker/serve.ts';
import { meterActivities, meterSandbox } from './metering.ts';

const [data, file] = process.argv.slice(2);
if (!data || !file) throw new Error('give a data directory and a file');
makeDataDirectory(data);
observe({ file: `${data}/worker.log` });
const { workerId, ...resources } = await openResources(data);
const metered = meterSandbox(resources);
const tell = (line: object) => appendFileSync(file, `${JSON.stringify(line)}\n`);
await serve({
  workerId,
  queues: { own: resources.queue, shared: true },
  activities: meterActivities(createActivities(metered), metered, tell),
  ready(shutdown) {
    process.once('disconnect', shutdown);
    console.log(JSON.stringify({ ready: true, queue: resources.queue }));
  },
});
process.exit(0);
