// A command source that takes its time. Usage: node source.mjs <directory for the log of calls>
import { readFileSync } from 'node:fs';
import { logCall, propose } from '../propose.mjs';

const { loopId, iteration, files } = JSON.parse(readFileSync(0, 'utf8'));
logCall(process.argv[2], loopId, iteration);
await new Promise((resolve) => setTimeout(resolve, 250));
process.stdout.write(JSON.stringify(propose(files.map(({ content }) => content).join('\n'), iteration)));
