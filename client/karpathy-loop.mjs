#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(
    `error: node: this is ${process.version}, and 20.12 or newer is needed; see https://nodejs.org/en/download`,
  );
  process.exit(1);
}
// A checkout runs from its sources, whatever was built there; the package has none.
const isCheckout = existsSync(new URL('cli.ts', import.meta.url));
if (isCheckout) {
  const { register } = await import('tsx/esm/api').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.error('error: node_modules is missing; run "npm start" or "npm test" once, which set it up');
    process.exit(1);
  });
  // The product's own tsconfig, whatever lies in the directory it is called from.
  register({ tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)) });
}
// Compiled, this file lies both beside dist/ and in it, where the daemon is started from.
const isInDist = existsSync(new URL('cli.js', import.meta.url));
const { main } = await import(isCheckout ? './cli.ts' : isInDist ? './cli.js' : '../dist/client/cli.js');
process.exit(await main(process.argv));
