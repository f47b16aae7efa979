/** Searches one output, in a process that may be ended. */
import { readFileSync } from 'node:fs';
import { searches } from './searches.ts';

const { name, args } = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(searches[name](...args)));
