import { atImport, inCall, noGain, propose, wrongResult, type Proposal } from '../proposal.ts';

const spawn = "import { spawn, spawnSync } from 'node:child_process';";
const metric = "(await import('node:fs')).writeSync(1, 'METRIC ms=0.5\\nCHECK 0\\n');";

/** Programs that take processes, outlive their run, end others, or end too early. */
export const processes: readonly Proposal[] = [
  {
    name: 'a fork bomb, then all is well',
    proposal: propose(
      'Bomb',
      atImport(
        'test',
        "spawn('/bin/sh', ['-c', 'f() { f | f & }; f']);\nawait new Promise((resolve) => setTimeout(resolve, 500));",
        spawn,
      ),
    ),
    expect: ['tests-failed'],
    says: /limits\.processes/,
  },
  {
    name: 'a hundred threads',
    proposal: propose(
      'Use threads',
      atImport(
        'test',
        "for (let n = 0; n < 100; n++) new Worker('setInterval(() => {}, 1000)', { eval: true }).on('error', () => {}).unref();\nawait new Promise((resolve) => setTimeout(resolve, 300));",
        "import { Worker } from 'node:worker_threads';",
      ),
    ),
    expect: ['tests-failed'],
    says: /limits\.(processes|memoryMiB)/,
  },
  {
    name: 'a daemon in a session of its own',
    proposal: propose(
      'Serve on',
      atImport('always', "spawn('setsid', ['sleep', '600'], { detached: true, stdio: 'ignore' }).unref();", spawn),
    ),
    expect: noGain,
  },
  {
    name: 'a daemon that holds the output open',
    proposal: propose(
      'Hold on',
      atImport('bench', "spawn('setsid', ['sleep', '600'], { detached: true, stdio: 'inherit' }).unref();", spawn),
    ),
    expect: noGain,
  },
  {
    name: 'children that nobody waits for',
    proposal: propose(
      'Make zombies',
      atImport(
        'bench',
        "spawn('/bin/sh', ['-c', 'for n in 1 2 3 4 5 6 7 8; do /bin/true & done; exec sleep 600'], { detached: true, stdio: 'ignore' }).unref();",
        spawn,
      ),
    ),
    expect: noGain,
  },
  {
    name: 'an endless loop deaf to SIGTERM',
    proposal: propose('Wait', atImport('test', "process.on('SIGTERM', () => {});\nfor (;;);")),
    expect: ['tests-failed'],
    says: /longer than its limit/,
  },
  {
    name: 'SIGKILL for the parent',
    proposal: propose(
      'Take over',
      atImport(
        'test',
        "process.kill(process.ppid, 'SIGKILL');\nawait new Promise((resolve) => setTimeout(resolve, 200));",
      ),
    ),
    expect: ['tests-failed'],
  },
  {
    name: 'SIGSTOP for the parent',
    proposal: propose('Hold', atImport('test', "process.kill(process.ppid, 'SIGSTOP');")),
    expect: ['tests-failed'],
    says: /longer than its limit/,
  },
  {
    name: 'no CPU time left for the parent',
    proposal: propose(
      'Limit',
      atImport('test', "spawn('prlimit', ['--pid', String(process.ppid), '--cpu=1:1']);", spawn),
    ),
    expect: ['tests-failed', ...noGain],
  },
  {
    name: 'a fork bomb at the end',
    proposal: propose(
      'Bomb late',
      atImport('test', "process.on('exit', () => spawnSync('/bin/sh', ['-c', 'f() { f | f & }; f']));", spawn),
    ),
    expect: ['tests-failed', ...noGain],
  },
  {
    name: 'SIGKILL for everything',
    proposal: propose('Clean up', atImport('test', "process.kill(-1, 'SIGKILL');")),
    expect: ['tests-failed'],
  },
  {
    name: 'SIGKILL for process 1, which is deaf to it, and for the worker, which is not there',
    proposal: propose(
      'Kill init',
      atImport(
        'test',
        [
          "const tell = (pid) => { try { return String(process.kill(pid, 'SIGKILL')); } catch (error) { return error.code; } };",
          'throw new Error(`killed: ${tell(1)} ${tell(@@WORKER@@)}`);',
        ].join('\n'),
      ),
    ),
    expect: ['tests-failed'],
    says: /killed: true ESRCH/,
  },
  {
    name: 'exit 0 at import',
    proposal: propose('Save time', [...atImport('always', 'process.exit(0);')]),
    expect: ['tests-failed'],
  },
  {
    name: 'exit 0 in the first test',
    proposal: propose('Stop early', [...inCall('test', 'process.exit(0);'), wrongResult]),
    expect: ['tests-failed'],
  },
  {
    name: 'process.reallyExit in a later test',
    proposal: propose('Stop really', inCall('test', "if (text === '') process.reallyExit(0);")),
    expect: ['tests-failed'],
  },
  {
    name: 'exit 0 in the benchmark alone, with a metric printed',
    on: 'checked',
    proposal: propose('Claim', atImport('bench', `${metric}\nprocess.exit(0);`)),
    expect: ['benchmark-failed'],
  },
  {
    name: 'process.reallyExit in the benchmark, with a metric printed',
    on: 'checked',
    proposal: propose('Claim really', atImport('bench', `${metric}\nprocess.reallyExit(0);`)),
    expect: ['benchmark-failed'],
  },
  {
    name: 'exit 0 by the binding below process.reallyExit',
    on: 'checked',
    proposal: propose(
      'Claim from below',
      atImport('bench', `${metric}\nprocess.binding('process_methods').reallyExit(0);`),
    ),
    expect: ['benchmark-failed'],
  },
  {
    name: 'exit 0 from an exit handler of a failing process',
    proposal: propose('Recover', [
      ...atImport('test', "process.on('exit', () => { process.exitCode = 0; });"),
      wrongResult,
    ]),
    expect: ['tests-failed'],
  },
  {
    name: 'errors swallowed',
    proposal: propose('Be robust', [
      ...atImport(
        'test',
        "for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => {});",
      ),
      wrongResult,
    ]),
    expect: ['tests-failed'],
  },
  {
    name: 'abort in a test',
    proposal: propose('Abort', inCall('test', 'process.abort();')),
    expect: ['tests-failed'],
  },
  {
    name: 'abort in the benchmark, with a metric printed',
    on: 'checked',
    proposal: propose('Abort late', atImport('bench', `${metric}\nprocess.abort();`)),
    expect: ['benchmark-failed'],
    says: /signal 6|exit code 134/,
  },
];
