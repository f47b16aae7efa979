import { beforeAll, describe, expect, it } from 'vitest';
import type { SandboxRequest, SandboxResult } from '../../../adapters/sandbox/contract.ts';
import { conditions, refusals } from '../../../adapters/sandbox/seccomp/table.ts';
import { hasBubblewrap, makeTree, requestOf, withBubblewrap } from './request.ts';
import { variants } from './variants.ts';

const column = process.arch === 'arm64' ? 1 : 0;
const [ok, refusedWith] = ['may', 'EPERM'];

/** Calls of the table with what each must be answered; for those that depend on an argument, several values. */
const calls: [name: string, number: number, values: number[], answer: string][] = [
  ...refusals.flatMap(({ calls: names }) =>
    Object.entries(names).flatMap(([name, numbers]): typeof calls =>
      numbers[column] === null ? [] : [[name, numbers[column], [0], refusedWith]],
    ),
  ),
  ['clone of a user namespace', numberOf('clone'), [0x1000_0000], refusedWith],
  ['unshare of a user namespace', numberOf('unshare'), [0x1000_0000], refusedWith],
  ['unshare of a time namespace', numberOf('unshare'), [0x80], refusedWith],
  ['unshare of open files', numberOf('unshare'), [0x400], ok],
  ['TIOCSTI', numberOf('ioctl'), [0, 0x5412], refusedWith],
  ['TIOCSTI with high bits', numberOf('ioctl'), [0, 0x1_0000_5412], refusedWith],
  ['TIOCLINUX', numberOf('ioctl'), [0, 0x541c], refusedWith],
  ['a Unix socket', numberOf('socket'), [1, 1, 0], ok],
  ['an IPv4 socket', numberOf('socket'), [2, 1, 0], ok],
  ['a vsock socket', numberOf('socket'), [40, 1, 0], 'EAFNOSUPPORT'],
  ['a socket of the crypto API', numberOf('socket'), [38, 5, 0], 'EAFNOSUPPORT'],
  ['asking for the personality', numberOf('personality'), [0xffff_ffff], ok],
  ['readable memory made executable', numberOf('personality'), [0x40_0000], refusedWith],
  ['a call of the future', 600, [], 'ENOSYS'],
  ['a call of x32', 2 ** 30 + 39, [], 'ENOSYS'],
];

function numberOf(call: string): number {
  return conditions.find((condition) => condition.call === call)!.numbers[column]!;
}

/** Prints each call with the name of its error. */
const callAll = [
  'use Errno; my %names = map { Errno->can($_)->() => $_ } qw(EPERM ENOSYS EAFNOSUPPORT);',
  ...calls.map(
    ([name, number, values]) =>
      `$! = 0; $r = syscall(${[number, ...values].join(', ')}); print "${name}: ", ($r < 0 ? $names{$!+0} || "error $!" : "may"), "\\n";`,
  ),
].join('\n');

/** Tries to take the handshake, as if the descriptors of the first process were those of before the command. */
const takeHandshake = [
  'my $first = syscall(434, 1, 0);',
  'for my $fd (3 .. 12) {',
  '  my $taken = syscall(438, $first, $fd, 0);',
  '  print "took $fd\\n" if $taken >= 0;',
  '  print "opened $fd\\n" if open(my $file, "+>", "/proc/1/fd/$fd") || open($file, "+>", "/proc/self/fd/$fd");',
  '}',
  'select(undef, undef, undef, 0.4);',
  'print "end\\n";',
].join('\n');

const files = { 'calls.pl': callAll, 'take.pl': takeHandshake };
const tree = makeTree(files);
const spin = (ms: number) => `node -e "for (const end = Date.now() + ${ms}; Date.now() < end;);"`;

/** Each prints a line of its own for all that it could do. */
const requests = {
  opened: requestOf(
    'for f in mem maps environ auxv pagemap stack syscall fd/0 ns/pid root/etc exe; do ( : </proc/1/$f ) 2>/dev/null && echo "read $f"; ( : >>/proc/1/$f ) 2>/dev/null && echo "wrote $f"; done; ls /proc/1/fd 2>/dev/null; for f in /proc/keys /proc/key-users /init/sh; do ( : <$f ) 2>/dev/null && echo "read $f"; done; chmod 755 /init/sh 2>/dev/null && echo changed; cp /init/sh /tmp/sh 2>/dev/null && echo copied; true',
    tree,
  ),
  shell: requestOf(
    '( : </proc/$$/mem ) 2>/dev/null && echo read; perl -e \'open(F, "+<", "/proc/" . getppid() . "/mem") && print "wrote"\'; true',
    tree,
  ),
  calls: requestOf('perl calls.pl', tree),
  handshake: requestOf('perl take.pl', tree),
  copied: requestOf('perl take.pl', tree, { workspace: 'copy' }),
  signals: requestOf(
    'for s in 1 2 3 6 9 10 11 12 13 14 15 17 18 19 20 24 34; do kill -$s 1; done; prlimit --pid 1 --nofile=1:1 --as=4096:4096 --data=0:0 --stack=4096:4096 --fsize=0:0; sleep 0.2; echo still; exit 3',
    tree,
  ),
  background: requestOf(`${spin(60_000)} & sleep 1`, tree),
  tools: requestOf(
    [
      "node -e \"new (require('worker_threads').Worker)('process.exit(0)', { eval: true })\"",
      "node -e \"require('net').createServer().listen(0, '127.0.0.1', function () { this.close(); })\"",
      "perl -e 'my $pid = fork; exit 0 unless $pid; waitpid $pid, 0; exit $?'",
      'cd /tmp && (! command -v git || (git init -q g && git -C g status >/dev/null))',
      '(! [ -x /usr/bin/python3 ] || /usr/bin/python3 -c "import subprocess, threading, socket; subprocess.run([\'true\'], check=True)")',
      '(! command -v cc || (echo "int main(void) { return 0; }" >a.c && cc a.c -o a && ./a))',
      '(! command -v script || script -qec "test -t 0" /dev/null </dev/null)',
    ].join(' && '),
    tree,
    { limits: { processes: 128 } },
  ),
} satisfies Record<string, SandboxRequest>;

describe.skipIf(!hasBubblewrap)(withBubblewrap('the first process of a run'), () => {
  describe.each(variants)('$title', (variant) => {
    let results: Record<keyof typeof requests, SandboxResult>;

    beforeAll(async () => {
      results = await variant.run(requests);
    });

    it("is closed to the command, and so are the worker's keyrings", () => {
      expect(results.opened).toMatchObject({ status: 'ok', stdout: '' });
    });

    it("closes the command's own shell too", () => {
      expect(results.shell).toMatchObject({ status: 'ok', stdout: '' });
    });

    it('refuses each system call of the table, and no other', () => {
      expect(results.calls.stdout.trim().split('\n')).toEqual(calls.map(([name, , , answer]) => `${name}: ${answer}`));
    });

    it('has no handshake that could be taken, so that no run ends before its command', () => {
      for (const result of [results.handshake, results.copied]) {
        expect(result).toMatchObject({ status: 'ok', stdout: 'end\n' });
        expect(result.wallMs).toBeGreaterThanOrEqual(400);
      }
      expect([...results.copied.left!].sort()).toEqual([
        ['calls.pl', 'same'],
        ['take.pl', 'same'],
      ]);
    });

    it('is deaf to signals of the command, and no limit set on it changes the exit code', () => {
      expect(results.signals).toMatchObject({ status: 'failed', exitCode: 3, stdout: 'still\n' });
    });

    it('counts what a background process works until the end', () => {
      expect(results.background.status).toBe('ok');
      expect(results.background.cpuMs).toBeGreaterThan(100);
    });

    it('lets real tools work', () => {
      expect(results.tools).toMatchObject({ status: 'ok' });
    });
  });
});
