/** Prints the busiest pages of each minute: `node rushhour.mjs < access.log`. */
import { readFileSync } from 'node:fs';
import { busiest } from './src/rushhour.mjs';

for (const { minute, pages } of busiest(readFileSync(0), 3)) {
  console.log(`${minute}  ${pages.map(({ page, requests }) => `${page} ${requests}`).join('  ')}`);
}
