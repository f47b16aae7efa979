/** Numbers of a system call on x86_64 and aarch64; null where there is none. */
type Numbers = readonly [x64: number | null, arm64: number | null];

/** System calls that no run may make, and why. docs/sandbox.md shows the same table. */
interface Refusal {
  what: string;
  why: string;
  calls: Readonly<Record<string, Numbers>>;
}

/** Newer calls have one number on all machines. */
const same = (number: number): Numbers => [number, number];

/** Refused with EPERM, whatever their arguments. */
export const refusals: readonly Refusal[] = [
  {
    what: 'other processes',
    why: 'a test could rewrite its runner, or take a descriptor of it',
    calls: {
      ptrace: [101, 117],
      process_vm_readv: [310, 270],
      process_vm_writev: [311, 271],
      pidfd_getfd: same(438),
      kcmp: [312, 272],
    },
  },
  {
    what: 'keyrings',
    why: "the worker's are within reach, and what is put there outlives the run",
    calls: { add_key: [248, 217], request_key: [249, 218], keyctl: [250, 219] },
  },
  {
    what: 'ways around limits and this filter',
    why: 'work in the kernel that no limit counts, memory that no poller sees, and much kernel code for few programs',
    calls: {
      perf_event_open: [298, 241],
      bpf: [321, 280],
      userfaultfd: [323, 282],
      io_uring_setup: same(425),
      io_uring_enter: same(426),
      io_uring_register: same(427),
      memfd_secret: same(447),
    },
  },
  {
    what: 'mounts and namespaces',
    why: 'all are made when the command starts',
    calls: {
      mount: [165, 40],
      umount2: [166, 39],
      pivot_root: [155, 41],
      open_tree: same(428),
      move_mount: same(429),
      fsopen: same(430),
      fsconfig: same(431),
      fsmount: same(432),
      fspick: same(433),
      mount_setattr: same(442),
      open_tree_attr: same(467),
      setns: [308, 268],
      open_by_handle_at: [304, 265],
    },
  },
  {
    what: 'the machine',
    why: 'the kernel asks for capabilities that no run has; the filter asks first',
    calls: {
      ...{ kexec_load: [246, 104], kexec_file_load: [320, 294], reboot: [169, 142] },
      ...{ init_module: [175, 105], finit_module: [313, 273], delete_module: [176, 106] },
      ...{ swapon: [167, 224], swapoff: [168, 225], iopl: [172, null], ioperm: [173, null] },
      ...{ acct: [163, 89], quotactl: [179, 60], quotactl_fd: same(443), syslog: [103, 116] },
      ...{ settimeofday: [164, 170], clock_settime: [227, 112], clock_adjtime: [305, 266], adjtimex: [159, 171] },
      ...{ lookup_dcookie: [212, 18], vhangup: [153, 58], fanotify_init: [300, 262] },
    },
  },
];

/** A system call that is looked at by one of its arguments, of which the kernel takes the low 32 bits. */
interface Condition {
  what: string;
  why: string;
  call: string;
  numbers: Numbers;
  argument: number;
  /** `except` refuses all other values, `values` these, `bits` each value with one of them set. */
  refused: { except: readonly number[] } | { values: readonly number[] } | { bits: number };
  error: 'EPERM' | 'EAFNOSUPPORT';
}

/** Flags of clone(2): new mount, cgroup, uts, ipc, user, pid and net namespaces. */
const newNamespaces = 0x7e02_0000;
/** New time namespaces, which clone(2) itself cannot ask for. */
const newTime = 0x80;

export const conditions: readonly Condition[] = [
  {
    what: 'new namespaces',
    why: 'capabilities within one open much of the kernel; clone3 cannot be looked into, and the kernel itself refuses it',
    ...{ call: 'clone', numbers: [56, 220], argument: 0, refused: { bits: newNamespaces }, error: 'EPERM' },
  },
  {
    what: 'new namespaces',
    why: 'as for clone',
    ...{ call: 'unshare', numbers: [272, 97], argument: 0, refused: { bits: newNamespaces | newTime }, error: 'EPERM' },
  },
  {
    what: 'typing into a terminal (TIOCSTI, TIOCLINUX)',
    why: 'a command that a person starts from a terminal could type into it',
    ...{ call: 'ioctl', numbers: [16, 29], argument: 1, refused: { values: [0x5412, 0x541c] }, error: 'EPERM' },
  },
  {
    what: 'sockets other than Unix, IPv4, IPv6 and netlink',
    why: 'some, such as vsock, reach the host whatever the network namespace',
    ...{ call: 'socket', numbers: [41, 198], argument: 0, refused: { except: [1, 2, 10, 16] }, error: 'EAFNOSUPPORT' },
  },
  {
    what: 'odd personalities',
    why: 'they switch protections of memory off; asking, the usual one and fixed addresses (debuggers) stay',
    ...{ call: 'personality', numbers: [135, 92], argument: 0, error: 'EPERM' },
    refused: { except: [0, 0x4_0000, 0xffff_ffff] },
  },
];

/** The last call that was looked at (Linux 6.18). Those to come are answered ENOSYS, as an older kernel would. */
export const lastCall = 469;
