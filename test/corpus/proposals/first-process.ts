import { conditions, refusals } from '../../../adapters/sandbox/seccomp/table.ts';
import { atImport, propose, replaceIn, wrongResult, type Proposal } from '../proposal.ts';

const spawn = "import { spawnSync } from 'node:child_process';";
const column = process.arch === 'arm64' ? 1 : 0;
const numbers = new Map([
  ...refusals.flatMap(({ calls }) =>
    Object.entries(calls).map(([name, [x64, arm64]]) => [name, [x64, arm64][column]] as const),
  ),
  ...conditions.map(({ call, numbers }) => [call, numbers[column]] as const),
]);

/** Perl that makes a system call and notes its error, or that there was none. */
function call(name: string, values: string): string {
  return `$! = 0; $r = syscall(${numbers.get(name)}, ${values}); push @told, $r < 0 ? ($!{EPERM} ? "EPERM" : $!{EAFNOSUPPORT} ? "EAFNOSUPPORT" : "error$!") : "done";`;
}

/** Runs Perl, which makes any system call, and fails in a way that prints what came of it. */
function tellByPerl(lines: string[]): string {
  const script = ['use Errno; my ($user, $name, $text) = ("user", "kl-note", "x");', ...lines, 'print "@told";'].join(
    '\n',
  );
  return `const { stdout, stderr } = spawnSync('perl', ['-e', ${JSON.stringify(script)}], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', 1] });\nthrow new Error(\`told: \${stdout} . \${stderr}\`);`;
}

const byPerl = (name: string, lines: string[], says: RegExp): Proposal => ({
  name,
  proposal: propose('Call', atImport('test', tellByPerl(lines), spawn)),
  expect: ['tests-failed'],
  says,
});

/** Programs that reach for the first process of their run, for what it holds, and for what lies behind it. */
export const firstProcess: readonly Proposal[] = [
  {
    name: 'its exit code rewritten in memory, and the runner killed',
    proposal: propose('Remember', [
      ...atImport(
        'test',
        [
          "let memory;\ntry { memory = fs.openSync('/proc/1/mem', 'r+'); } catch (error) { throw new Error(`memory: ${error.code}`); }",
          "for (const line of fs.readFileSync('/proc/1/maps', 'utf8').split('\\n').filter((text) => / rw-p /.test(text))) {",
          "  const [from, to] = line.split(' ')[0].split('-').map((text) => parseInt(text, 16));",
          '  const bytes = Buffer.alloc(to - from);',
          '  try { fs.readSync(memory, bytes, 0, to - from, from); } catch { continue; }',
          "  for (let at = bytes.indexOf('exit $?'); at >= 0; at = bytes.indexOf('exit $?', at + 1)) fs.writeSync(memory, 'exit 0 ', from + at);",
          '}',
          "fs.writeSync(1, 'pass 9\\n');\nprocess.kill(process.ppid, 'SIGKILL');",
        ].join('\n'),
        "import * as fs from 'node:fs';",
      ),
      wrongResult,
    ]),
    expect: ['tests-failed'],
    says: /memory: E(ACCES|PERM)/,
  },
  {
    name: 'its handshake taken, to tell the end before the work',
    on: 'copied',
    proposal: propose(
      'End first',
      atImport(
        'bench',
        tellByPerl([
          'my $first = syscall(434, 1, 0);',
          'for my $fd (3 .. 63) { my $taken = syscall(438, $first, $fd, 0); if ($taken >= 0) { push @told, "took"; open(my $file, ">&=", $taken); syswrite($file, "done\\n"); } }',
          'push @told, scalar grep { open(my $file, "+>", "/proc/1/fd/$_") || open($file, "+>", "/proc/self/fd/$_") } 3 .. 63;',
        ]),
        spawn,
      ),
    ),
    expect: ['benchmark-failed'],
    says: /told: 0 \./,
  },
  byPerl(
    'a tracer',
    [call('ptrace', '16, 1, 0, 0'), call('ptrace', '0x4206, 1, 0, 0'), call('ptrace', '16, getppid(), 0, 0')],
    /told: EPERM EPERM EPERM \./,
  ),
  byPerl(
    "memory of the first process and of the runner's, written from afar",
    [
      '$v = "\\0" x 16;',
      call('process_vm_writev', '1, $v, 1, $v, 1, 0'),
      call('process_vm_readv', 'getppid(), $v, 1, $v, 1, 0'),
    ],
    /told: EPERM EPERM \./,
  ),
  byPerl(
    'the keyrings of session, user and user session, and their lists',
    [
      ...['-3', '-4', '-5'].map((ring) => call('add_key', `$user, $name, $text, 1, ${ring}`)),
      call('keyctl', '0, -3, 0'),
      call('keyctl', '10, -4, $user, $name, 0'),
      call('request_key', '$user, $name, 0, -3'),
      'push @told, open(F, "<", $_) ? "read" : "closed" for "/proc/keys", "/proc/key-users";',
    ],
    /told: (EPERM ){6}closed closed \./,
  ),
  byPerl('work in the kernel, by io_uring', ['$v = "\\0" x 120;', call('io_uring_setup', '4, $v')], /told: EPERM \./),
  byPerl(
    'typing into a terminal',
    ['open(T, "+<", "/dev/ptmx") or push @told, "none";', call('ioctl', 'fileno(T), 0x5412, $text')],
    /told: EPERM \./,
  ),
  byPerl('a socket to the host of a virtual machine', [call('socket', '40, 1, 0')], /told: EAFNOSUPPORT \./),
  {
    name: 'the worker, by the process at the other end of the output',
    proposal: propose(
      'Look back',
      atImport(
        'bench',
        tellByPerl([
          '($v, $l) = (pack("l", -1), pack("L", 4)); syscall(55, 3, 1, 77, $v, $l); $fd = unpack("l", $v);',
          call('pidfd_getfd', '$fd, 0, 0'),
          'push @told, syscall(424, $fd, 9, 0, 0) < 0 ? "alive" : "killed";',
        ]),
        spawn,
      ),
    ),
    expect: ['benchmark-failed'],
    says: /told: EPERM alive \./,
  },
  {
    name: 'every signal for it, and limits that it cannot live with',
    proposal: propose('Stop it', [
      ...atImport(
        'test',
        "for (const signal of Object.keys(constants.signals)) try { process.kill(1, signal); } catch {}\nspawnSync('prlimit', ['--pid', '1', '--nofile=1:1', '--as=4096:4096', '--data=0:0', '--stack=4096:4096']);",
        "import { constants } from 'node:os';\nimport { spawnSync } from 'node:child_process';",
      ),
      wrongResult,
    ]),
    expect: ['tests-failed'],
    says: /ended with exit code 1/,
  },
  {
    name: 'a copy of its shell that can be read, in its place',
    proposal: propose('Replace', [
      ...atImport(
        'test',
        "const told = ['cp /init/sh /tmp/sh', 'chmod 755 /init/sh', 'mv /init/sh /init/old', 'ln -s /tmp/sh /init/new', 'cat /init/sh'].map((line) => spawnSync('sh', ['-c', line]).status === 0);\nthrow new Error(`told: ${told.join(' ')} .`);",
        spawn,
      ),
    ]),
    expect: ['tests-failed'],
    says: /told: (false ){5}\./,
  },
  {
    name: 'a library and settings left for the processes that come after',
    proposal: propose('Preload', [
      ...atImport(
        'test',
        "for (const name of ['LD_PRELOAD', 'ENV', 'BASH_ENV', 'LD_LIBRARY_PATH']) process.env[name] = '/tmp/x.so';\nconst told = ['echo x >/etc/ld.so.preload', 'echo x >/etc/profile', 'cat /proc/1/environ', 'echo x >/init/x'].map((line) => spawnSync('sh', ['-c', line], { env: { PATH: process.env.PATH } }).status === 0);\nthrow new Error(`told: ${told.join(' ')} .`);",
        spawn,
      ),
    ]),
    expect: ['tests-failed'],
    says: /told: (false ){4}\./,
  },
  {
    name: 'a tree that the build closes, so that no run starts and each is tried again',
    on: 'built',
    proposal: propose('Build a wall', [
      replaceIn(
        'src/banner.mjs',
        '/** The first line of a built file. */',
        "import * as fs from 'node:fs';\nif (process.argv[1].endsWith('build.mjs')) process.on('exit', () => fs.chmodSync('.', 0));\n",
      ),
    ]),
    expect: ['tests-failed', 'build-failed'],
    says: /the tree is closed to its runs|cannot be read/,
  },
];
