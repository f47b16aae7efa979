import { symlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../../../adapters/sandbox/create.ts';
import type { Sandbox } from '../../../../adapters/sandbox/contract.ts';
import { findOnPath } from '../../../../adapters/sandbox/tools.ts';
import { hasBubblewrap, makeDirectory, makeTree, requestOf, withBubblewrap } from '../request.ts';
import { hasPython } from '../variants.ts';
import { harness, mocking, replacements } from './exit-guard-clocks.ts';

/** Judges that end with 5, or 1 by Node.js, whatever the candidate is. */
const runner = "require('./candidate.js'); setTimeout(() => { process.exitCode = 5; }, 50);";
const listening =
  "process.on('exit', () => { process.exitCode = 5; }); require('./candidate.js'); setTimeout(() => {}, 50);";
const throwing = "require('./candidate.js'); setTimeout(() => { throw new Error('real failure'); }, 20);";
const rejecting = "require('./candidate.js'); Promise.reject(new Error('real failure'));";
const asserting = "require('./candidate.js'); require('node:assert').strictEqual(1, 2);";
const exiting = "require('./candidate.js'); setTimeout(() => process.exit(5), 20);";
const testing =
  "require('./candidate.js'); require('node:test').it('is wrong', () => { require('assert').equal(1, 2); });";

/** How each ends while it is watched. Nearly all would end with 0 if nobody did. */
const cheats: [name: string, candidate: string, judge: string, ends: number][] = [
  ['process.exit at import', 'process.exit(0);', runner, 97],
  ['process.exit with another code', 'process.exit(7);', runner, 97],
  ['process.exit in a callback', 'setTimeout(() => process.exit(0), 1);', runner, 97],
  ['process.exit given to a timer', 'setTimeout(process.exit, 1, 0);', runner, 97],
  ['process.exit given to a promise', 'Promise.resolve(0).then(process.exit);', runner, 97],
  ['process.exit bound', 'setTimeout(process.exit.bind(process, 0), 1);', runner, 97],
  ['process.exit by a made function', "setTimeout(new Function('process.exit(0)'), 1);", runner, 97],
  ['process.exit by an eval from a timer', "setTimeout(eval, 1, 'process.exit(0)');", runner, 97],
  [
    'process.exit by a script without a name',
    "setTimeout(require('vm').runInThisContext('() => process.exit(0)'), 1);",
    runner,
    97,
  ],
  [
    'process.exit with a stack that was tampered with',
    "Error.prepareStackTrace = () => 'x'; Error.stackTraceLimit = 0; process.exit(0);",
    runner,
    97,
  ],
  ['process.exit with a frozen Error', 'Error.stackTraceLimit = 0; Object.freeze(Error); process.exit(0);', runner, 97],
  [
    'process.exit with changed built-ins',
    'String.prototype.startsWith = () => false; WeakMap.prototype.get = () => true; Array.prototype[Symbol.iterator] = null; process.exit(0);',
    runner,
    97,
  ],
  ['process.reallyExit', 'process.reallyExit(0);', runner, 97],
  [
    'process.reallyExit given to the exit event',
    "process.on('exit', process.reallyExit.bind(process, 0));",
    exiting,
    97,
  ],
  ['process.abort', 'process.abort();', runner, 97],
  ['process.kill of itself', "process.kill(process.pid, 'SIGTERM');", runner, 97],
  ['a replaced process.exit', 'process.exit = () => {};', exiting, 97],
  [
    'a redefined process.exit',
    "try { Reflect.defineProperty(process, 'exit', { value() {} }); } catch {}",
    exiting,
    97,
  ],
  ['a redefined process.exit by Object', "Object.defineProperty(process, 'exit', { value() {} });", exiting, 97],
  [
    'a redefined process.exit from a timer',
    "setTimeout(Object.defineProperty, 1, process, 'exit', { value() {} });",
    exiting,
    97,
  ],
  ['a replaced process.emit', 'process.emit = () => {};', listening, 97],
  ['a replaced emit of all emitters', "require('events').prototype.emit = () => {};", listening, 5],
  ['an exit listener that sets the code', "process.on('exit', () => { process.exitCode = 0; });", listening, 5],
  [
    'an exit listener that takes the code away',
    "process.on('exit', () => { process.exitCode = undefined; });",
    listening,
    5,
  ],
  [
    'an exit listener from a timer',
    "setTimeout(process.on.bind(process), 1, 'exit', () => { process.exitCode = 0; });",
    listening,
    5,
  ],
  ['an exit listener that exits', "process.on('exit', () => process.exit(0));", listening, 97],
  [
    'a beforeExit listener that begins anew',
    "process.once('beforeExit', () => setTimeout(() => { process.exitCode = 0; }, 1));",
    "require('./candidate.js'); process.exitCode = 5;",
    5,
  ],
  ['exit listeners removed', "process.removeAllListeners('exit');", listening, 97],
  ['all listeners removed', 'process.removeAllListeners();', listening, 97],
  [
    'all listeners removed from a timer',
    "setTimeout(process.removeAllListeners.bind(process), 1, 'exit');",
    listening,
    97,
  ],
  [
    'listeners removed by the prototype',
    "require('events').prototype.removeAllListeners.call(process, 'exit');",
    listening,
    97,
  ],
  ['an uncaughtException listener', "process.on('uncaughtException', () => {});", throwing, 97],
  [
    'an uncaughtException listener from a timer',
    "setTimeout(process.on.bind(process), 1, 'uncaughtException', () => {});",
    throwing,
    97,
  ],
  [
    'an uncaughtException listener by the prototype',
    "require('events').prototype.on.call(process, 'uncaughtException', () => {});",
    throwing,
    97,
  ],
  ['a capture callback', 'process.setUncaughtExceptionCaptureCallback(() => {});', throwing, 97],
  ['an unhandledRejection listener', "process.on('unhandledRejection', () => {});", rejecting, 97],
  [
    'process.exit by a file of its own making',
    "const file = process.env.TMPDIR + '/own.cjs'; require('fs').writeFileSync(file, 'setTimeout(() => process.exit(0), 1)'); require(file);",
    "require('./candidate.js'); setTimeout(() => { process.exitCode = 5; }, 500);",
    97,
  ],
  [
    'a changed assert',
    "const assert = require('assert'); for (const name of Object.keys(assert)) assert[name] = () => {};",
    asserting,
    1,
  ],
  [
    'a changed assert.strict',
    "require('assert').strict.strictEqual = () => {};",
    asserting.replace('node:assert', 'assert/strict'),
    1,
  ],
  ['a changed node:test', "require('node:test').it = () => {};", testing, 1],
];

const failsAnyway = ['process.exit with another code', 'process.abort', 'process.kill of itself'];

/** Each ends as it does without an exit guard, and prints the same. */
const honest: [name: string, command: string, ends: number][] = [
  ['node --test that passes', 'node --test test/good.test.mjs | grep -E "^# (tests|pass|fail)"', 0],
  [
    'node --test that fails',
    'node --test --test-reporter=tap test/bad.test.mjs | grep -E "^# (tests|pass|fail)|^not ok"; exit 1',
    1,
  ],
  ['npm test', 'npm test --silent', 0],
  ['npm test that fails', 'npm run --silent bad', 3],
  ['an exit code', 'node -e "require(\'./candidate.js\'); process.exit(3)"', 3],
  ['an exit code by a timer', 'node -e "setTimeout(process.exit, 1, 4)"', 4],
  ['success by a promise', 'node -e "Promise.resolve().then(process.exit)"', 0],
  [
    'success by an import',
    'node --input-type=module -e "import { exit } from \'node:process\'; console.log(1); exit(0)"',
    0,
  ],
  ['exitCode', 'node -e "process.exitCode = 6; process.on(\'exit\', (code) => console.log(code))"', 6],
  [
    'an exit listener that lowers the code',
    'node -e "process.exitCode = 6; process.on(\'exit\', () => { process.exitCode = 0 })"',
    0,
  ],
  [
    'listeners added and removed',
    "node -e \"const f = () => {}; process.on('exit', f).once('exit', () => console.log(1)).off('exit', f).on('uncaughtException', () => console.log(2)); throw 1\"",
    0,
  ],
  ['an uncaught exception', 'node -e "throw new Error(1)" 2>/dev/null', 1],
  ['an unfinished top-level await', 'node --input-type=module -e "await new Promise(() => {})" 2>/dev/null', 13],
  [
    'a worker',
    "node -e \"new worker_threads.Worker('process.exit(5)', { eval: true }).on('exit', (code) => console.log(code))\"",
    0,
  ],
  [
    'a child process',
    "node -e \"child_process.spawn(process.execPath, ['-e', 'process.exit(9)']).on('exit', (code) => console.log(code))\"",
    0,
  ],
  ['a forked child that sends', 'node child.cjs', 0],
  [
    'a mock by assignment',
    "node -e \"const exit = process.exit; process.exit = (code) => console.log('mock', code); require('./candidate.js').end(2); process.exit = exit; process.exit(8)\"",
    8,
  ],
  [
    'a mock by definition',
    "node -e \"const own = Object.getOwnPropertyDescriptor(process, 'exit'); Object.defineProperty(process, 'exit', { configurable: true, value: (code) => console.log('mock', code) }); require('./candidate.js').end(2); Object.defineProperty(process, 'exit', own); process.exit(8)\"",
    8,
  ],
  [
    'a mock over a mock',
    "node -e \"process.exit = (code) => console.log('mock', code); const own = Object.getOwnPropertyDescriptor(process, 'exit'); Object.defineProperty(process, 'exit', { configurable: true, value: () => {} }); Object.defineProperty(process, 'exit', own); require('./candidate.js').end(2)\"",
    0,
  ],
  [
    'an assert with more',
    "node -e \"const assert = require('assert'); assert.more = () => console.log('more'); assert.more(); assert(true)\"",
    0,
  ],
  [
    'what the candidate does not do',
    'node -e "const { run } = require(\'./candidate.js\'); run(() => console.log(1)); process.exitCode = 0"',
    0,
  ],
  ['a harness that fakes clocks and printing', 'node harness.cjs', 0],
  [
    'the same in a worker',
    "node -e \"new worker_threads.Worker('./harness.cjs').on('exit', (code) => console.log(code))\"",
    0,
  ],
  ['mocks of node:test', 'node --test --test-reporter=tap test/mocks.test.mjs | grep -E "^# (tests|pass|fail)"', 0],
  ['mocks of node:test without its runner', 'node test/mocks.test.mjs | grep -E "^# (tests|pass|fail)"', 0],
  ['a candidate that reads clocks and prints', 'node -e "require(\'./candidate.js\').measure()"', 0],
  [
    'globals that a script declares anew',
    'node -e "const { performance } = require(\'perf_hooks\'); const console = { log() {} }; performance.now()"',
    0,
  ],
  ["a listener of the candidate's own", 'node -e "require(\'./candidate.js\').cleanUp()"', 0],
];

const tree = makeTree({
  'package.json': JSON.stringify({
    scripts: {
      test: 'node --test --test-reporter=tap test/good.test.mjs | grep "^# pass"',
      bad: 'node -e "process.exit(3)"',
    },
  }),
  'test/good.test.mjs':
    "import test from 'node:test'; import assert from 'node:assert'; test('good', () => assert.equal(1, 1));\n",
  'test/bad.test.mjs':
    "import test from 'node:test'; import assert from 'node:assert'; test('bad', () => assert.equal(1, 2));\n",
  'child.cjs':
    "if (process.send) process.send('sent', () => process.disconnect()); else require('child_process').fork(__filename).on('message', console.log);\n",
  'harness.cjs': harness,
  'polyfill.cjs': 'console.log = ((log) => (...all) => log(...all))(console.log);\n',
  'own.cjs': 'JSON.parse = ((parse) => (...all) => parse(...all))(JSON.parse); exports.own = JSON.parse;\n',
  'test/mocks.test.mjs': mocking,
  'candidate.js': `
    exports.run = (call) => call();
    exports.load = () => console.log(require('./own.cjs').own === JSON.parse);
    exports.measure = () => { const own = Object.create(console, { log: { value: () => {} } }); own.log(1); own.error = 2; const { now } = Date; console.log(
      performance.now() > 0, process.hrtime.bigint() > 0n, now() > 0, new Date().getTime() > 0, typeof process.cpuUsage().user, JSON.stringify([own.error])); };
    exports.end = (code) => process.exit(code);
    exports.cleanUp = () => { const f = () => console.log('f'); process.once('exit', () => console.log('clean')); process.on('exit', f); process.off('exit', f); };\n`,
});

function describeExitGuard(make: () => Promise<Sandbox>) {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await make();
  });
  const run = (
    command: string,
    own = tree,
    watched: string[] | undefined = ['candidate.js', 'candidate.mjs', 'candidate.py', '.none/none'],
  ) =>
    sandbox.run(
      requestOf(command, own, { watched, tools: ['node', 'npm'], limits: { processes: 128, memoryMiB: 2048 } }),
    );

  it.each(cheats)('%s', async (name, candidate, judge, ends) => {
    const own = makeTree({ 'candidate.js': candidate, 'judge.js': judge });
    const result = await run('node judge.js', own);
    expect(result.exitCode, result.tail).toBe(ends);
    expect(result.status).toBe('failed');
    if (!failsAnyway.includes(name)) expect(await run('node judge.js', own, [])).toMatchObject({ status: 'ok' });
    if (ends === 97)
      expect(result.tail).toMatch(/^karpathy-loop: .+, which a file under test may not do; exit code 97$/m);
  });

  it.each(replacements)('what prints and measures is not replaced: %s', async (_name, candidate) => {
    const own = makeTree({
      'candidate.js': candidate,
      'judge.js': "require('./candidate.js'); setTimeout(() => console.log(performance.now() > 0), 10);",
    });
    const { exitCode, tail } = await run('node judge.js', own);
    expect(exitCode, tail).toBe(97);
    expect(tail).toMatch(/ replaced [\w.]+, which a file under test may not do; exit code 97$/m);
    expect((await run('node judge.js', own, [])).exitCode).not.toBe(97);
  });

  it('holds for a module that never lets the main module end, and not for one that ends while it waits', async () => {
    const judge = "await import('./candidate.mjs'); process.exitCode = 5;";
    const own = makeTree({ 'candidate.mjs': 'process.exitCode = 0; await new Promise(() => {});', 'judge.mjs': judge });
    expect(await run('node judge.mjs', own)).toMatchObject({ exitCode: 97 });
    expect(await run('node judge.mjs', own, [])).toMatchObject({ exitCode: 0 });
    const ending = makeTree({
      'candidate.mjs': 'export const one = 1;',
      'judge.mjs': "await import('./candidate.mjs'); process.exit(0);",
    });
    expect(await run('node judge.mjs', ending)).toMatchObject({ exitCode: 0 });
  });

  it('names the file in the tree that did it', async () => {
    const { tail } = await run('node -e "require(\'./candidate.js\').end(0)"');
    expect(tail).toMatch(/^karpathy-loop: \/.*\/?repo\/candidate\.js ended the process by process\.exit\(0\), which/m);
  });

  it('holds for ES modules too', async () => {
    const imports = "import './candidate.mjs'; import { equal } from 'node:assert'; import test from 'node:test';";
    const cases: [string, string, number][] = [
      ['process.exit(0);', "import './candidate.mjs'; process.exitCode = 5;", 97],
      ["import { exit } from 'node:process'; exit(0);", "import './candidate.mjs'; process.exitCode = 5;", 97],
      [
        "import { exit } from 'node:process'; setTimeout(exit, 1, 0);",
        "import './candidate.mjs'; setTimeout(() => { process.exitCode = 5; }, 50);",
        97,
      ],
      [
        "import assert from 'node:assert'; import { syncBuiltinESMExports } from 'node:module'; try { assert.equal = () => {}; } catch {} syncBuiltinESMExports();",
        `${imports} equal(1, 2);`,
        1,
      ],
      ["process.on('exit', () => { process.exitCode = 0; });", `${imports} test('x', () => equal(1, 2));`, 1],
    ];
    for (const [candidate, judge, ends] of cases) {
      const own = makeTree({ 'candidate.mjs': candidate, 'judge.mjs': judge });
      const { exitCode, tail } = await run('node judge.mjs', own);
      expect({ candidate, exitCode, tail }).toMatchObject({ candidate, exitCode: ends });
      if (judge.includes('test(')) expect((await run('node --test judge.mjs', own)).status).toBe('failed');
    }
  });

  it.each(honest)('leaves alone %s', async (_name, command, ends) => {
    const isMock = command.includes('.end(2)');
    const [without, watched] = [await run(command, tree, []), await run(command)];
    expect({ exitCode: watched.exitCode, stdout: watched.stdout }, watched.tail).toEqual({
      exitCode: without.exitCode,
      stdout: without.stdout,
    });
    expect(watched.exitCode).toBe(ends);
    if (isMock) expect(watched.stdout).toBe('mock 2\n');
  });

  it('keeps options that the environment has', async () => {
    const own = makeTree({ 'first.cjs': "console.log('first');\n" });
    const environment = { NODE_OPTIONS: '--require ./first.cjs --no-warnings' };
    const result = await sandbox.run(requestOf('node -p 1', own, { watched: ['x.js'], environment }));
    expect(result).toMatchObject({ status: 'ok', stdout: 'first\n1\n' });
  });

  it.runIf(hasPython)('holds for what Python ends by sys.exit or os._exit', async () => {
    for (const end of [
      'import sys; sys.exit(0)',
      'raise SystemExit',
      'raise SystemExit(0)',
      'import os; os._exit(0)',
      'exit(0)',
      "import os; os.execv('/bin/true', ['true'])",
    ]) {
      const own = makeTree({ 'candidate.py': end, 'judge.py': 'import candidate, sys\nsys.exit(5)\n' });
      const { exitCode, tail } = await run('/usr/bin/python3 judge.py', own);
      expect({ end, exitCode }, tail).toEqual({ end, exitCode: 97 });
    }
    const exits =
      'import candidate\ntry:\n  raise SystemExit(3)\nexcept SystemExit as end:\n  print(end.code)\nraise SystemExit(4)\n';
    expect(
      await run('/usr/bin/python3 judge.py', makeTree({ 'candidate.py': 'x = 1', 'judge.py': exits })),
    ).toMatchObject({ exitCode: 4, stdout: '3\n' });
    const own = makeTree({
      'candidate.py': 'x = 1',
      'judge.py': 'import candidate, sys\nprint(candidate.x)\nsys.exit(5)\n',
    });
    expect(await run('/usr/bin/python3 judge.py', own)).toMatchObject({ exitCode: 5, stdout: '1\n' });
  });
}

describe.skipIf(!hasBubblewrap)(withBubblewrap('the exit guard in the sandbox'), () => {
  describeExitGuard(() => createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() }));
});

describe('the exit guard without a sandbox', () => {
  describeExitGuard(async () => {
    const bin = makeDirectory();
    for (const tool of ['bash', 'prlimit']) symlinkSync(findOnPath(tool)!, `${bin}/${tool}`);
    const path = process.env.PATH;
    process.env.PATH = bin;
    try {
      return await createSandbox({ allowUnsandboxed: true, generatedDirectory: makeDirectory() });
    } finally {
      process.env.PATH = path;
    }
  });
});
