import { conditions, lastCall, refusals } from './table.ts';

/** The CPUs for which there is a filter, with the kernel's names of them (AUDIT_ARCH_*). */
const machines: Partial<Record<NodeJS.Architecture, { column: 0 | 1; audit: number }>> = {
  x64: { column: 0, audit: 0xc000_003e },
  arm64: { column: 1, audit: 0xc000_00b7 },
};

/** Operations of classic BPF: load a word of the call, jump if equal, greater or a bit is set, return. */
const operation = { load: 0x20, ifEqual: 0x15, ifGreater: 0x25, ifBits: 0x45, return: 0x06 } as const;
/** Places in the kernel's `seccomp_data`; arguments are of 64 bits, low word first on these machines. */
const place = { call: 0, machine: 4, arguments: 16 } as const;
const errors = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const;
const [allow, kill, answer] = [0x7fff_0000, 0x8000_0000, 0x0005_0000];

type Instruction = [code: number, value: number, ifTrue?: number, ifFalse?: number];

const refuse = (error: keyof typeof errors): Instruction => [operation.return, answer | errors[error]];

/** Builds the filter of a run's system calls, for bubblewrap; null for a CPU without one. Ends 32-bit programs. */
export function seccompProgram(architecture: NodeJS.Architecture): Buffer | null {
  const machine = machines[architecture];
  if (!machine) return null;
  const { column, audit } = machine;
  const program: Instruction[] = [
    [operation.load, place.machine],
    [operation.ifEqual, audit, 1, 0],
    [operation.return, kill],
    [operation.load, place.call],
    // The calls of x32 are numbered from 2 ** 30.
    [operation.ifGreater, lastCall, 0, 1],
    refuse('ENOSYS'),
    ...conditions.flatMap(({ numbers, ...condition }) => onlyFor(numbers[column], lookAt(condition))),
    ...refusals.flatMap(({ calls }) =>
      Object.values(calls).flatMap((numbers) => onlyFor(numbers[column], [refuse('EPERM')])),
    ),
    [operation.return, allow],
  ];
  return Buffer.concat(program.map(encode));
}

/** Skips instructions, which must end by a return, for every other call. */
function onlyFor(number: number | null, instructions: Instruction[]): Instruction[] {
  return number === null ? [] : [[operation.ifEqual, number, 0, instructions.length], ...instructions];
}

function lookAt({ argument, refused, error }: Omit<(typeof conditions)[number], 'numbers'>): Instruction[] {
  const load: Instruction = [operation.load, place.arguments + 8 * argument];
  const [yes, no]: Instruction[] = [refuse(error), [operation.return, allow]];
  if ('bits' in refused) return [load, [operation.ifBits, refused.bits, 0, 1], yes!, no!];
  const isExcept = 'except' in refused;
  const values = isExcept ? refused.except : refused.values;
  const found = values.map((value, index): Instruction => [operation.ifEqual, value, values.length - index, 0]);
  return [load, ...found, ...(isExcept ? [yes!, no!] : [no!, yes!])];
}

/** Writes the kernel's `sock_filter`. */
function encode([code, value, ifTrue = 0, ifFalse = 0]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}
