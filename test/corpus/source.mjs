/*
 * The command source of the corpus: prints the answer that lies in <directory>/<loop id>/<iteration>, as it is.
 * It waits for one that is not there yet.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { loopId, iteration } = JSON.parse(readFileSync(0, 'utf8'));
const file = join(process.argv[2], loopId, String(iteration));
while (!existsSync(file)) await sleep(20);
process.stdout.write(readFileSync(file));
