import { atImport, propose, type Proposal } from '../proposal.ts';

const pause = 'await new Promise((resolve) => setTimeout(resolve, 300));';

/** Programs that take more memory than they may. */
export const memory: readonly Proposal[] = [
  {
    name: 'a heap without end',
    proposal: propose(
      'Cache more',
      atImport('test', 'const kept = [];\nfor (;;) kept.push(new Array(100_000).fill(kept.length));'),
    ),
    expect: ['tests-failed'],
    says: /limits\.memoryMiB|signal|heap/,
  },
  {
    name: 'buffers without end',
    proposal: propose(
      'Buffer more',
      atImport('test', 'const kept = [];\nfor (;;) kept.push(Buffer.alloc(2 ** 24, 1));'),
    ),
    expect: ['tests-failed'],
    says: /limits\.memoryMiB/,
  },
  {
    name: 'a tree of processes that take a little each, then all is well',
    proposal: propose(
      'Share the load',
      atImport(
        'test',
        `const children = Array.from({ length: 3 }, () => spawn(process.execPath, ['--v8-pool-size=0', '-e', 'globalThis.kept = Buffer.alloc(120 * 2 ** 20, 1); setTimeout(() => {}, 1e6)'], { stdio: 'ignore' }));\nawait Promise.race(children.map((child) => new Promise((resolve) => child.on('exit', resolve))));\nfor (const child of children) child.kill('SIGKILL');`,
        "import { spawn } from 'node:child_process';",
      ),
    ),
    expect: ['tests-failed'],
    says: /limits\.(memoryMiB|processes)/,
  },
  {
    name: 'shared memory without end',
    proposal: propose(
      'Share memory',
      atImport(
        'test',
        'let written = 0;\ntry {\n  for (;;) { writeFileSync(`/dev/shm/${written}`, Buffer.alloc(2 ** 20, 1)); written++; }\n} catch (error) { throw new Error(`shared: ${error.code} after ${written} MiB`); }',
        "import { writeFileSync } from 'node:fs';",
      ),
    ),
    expect: ['tests-failed'],
    says: /shared: ENOSPC after \d{1,2} MiB/,
  },
  {
    name: 'memory of WebAssembly',
    proposal: propose(
      'Compile',
      atImport(
        'test',
        'const kept = [];\nfor (;;) { const memory = new WebAssembly.Memory({ initial: 1024 }); new Uint8Array(memory.buffer).fill(1); kept.push(memory); }',
      ),
    ),
    expect: ['tests-failed'],
  },
  {
    name: 'a child that is killed for its memory, and a parent that goes on',
    proposal: propose(
      'Delegate',
      atImport(
        'test',
        "spawnSync(process.execPath, ['-e', 'const kept = []; for (;;) kept.push(Buffer.alloc(2 ** 24, 1))'], { stdio: 'ignore' });",
        "import { spawnSync } from 'node:child_process';",
      ),
    ),
    expect: ['tests-failed'],
    says: /limits\.memoryMiB/,
  },
  {
    name: 'memory in the benchmark alone',
    proposal: propose(
      'Keep all',
      atImport(
        'bench',
        `globalThis.kept = [];\nfor (let n = 0; n < 40; n++) kept.push(Buffer.alloc(2 ** 24, 1));\n${pause}`,
      ),
    ),
    expect: ['benchmark-failed'],
    says: /limits\.memoryMiB/,
  },
];
