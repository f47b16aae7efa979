#!/usr/bin/env node
import { fileURLToPath } from 'node:url';

const { register } = await import('tsx/esm/api').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('error: node_modules is missing; run "npm start" or "npm test" once, which set it up');
  process.exit(1);
});
// The product's own tsconfig, whatever lies in the directory it is called from.
register({ tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)) });
const { main } = await import('./cli.ts');
process.exit(await main(process.argv));
