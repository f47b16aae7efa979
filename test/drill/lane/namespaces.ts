import { execFileSync } from 'node:child_process';

/** Network namespaces on a bridge, for a worker each. */
export interface Namespaces {
  /** Address at which all of them reach this one. */
  host: string;
  /** Prefix that runs a command in the namespace of a worker. */
  prefixOf: (worker: number) => readonly string[];
  remove(): void;
}

const bridge = 'kldrill';
const network = '10.213.7';

/** Needs root. Removes the leftovers of an earlier drill first. */
export function makeNamespaces(count: number): Namespaces {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const numbers = Array.from({ length: count }, (_, worker) => worker);
  const remove = () => {
    for (const worker of numbers) tolerantly(() => ip('netns', 'delete', nameOf(worker)));
    tolerantly(() => ip('link', 'delete', bridge));
  };
  remove();
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('address', 'add', `${network}.1/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  for (const worker of numbers) {
    const [outside, inside] = [`${bridge}${worker}`, `${bridge}${worker}i`];
    ip('netns', 'add', nameOf(worker));
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', nameOf(worker));
    ip('link', 'set', outside, 'master', bridge, 'up');
    ip('-n', nameOf(worker), 'address', 'add', `${network}.${worker + 10}/24`, 'dev', inside);
    ip('-n', nameOf(worker), 'link', 'set', inside, 'up');
    ip('-n', nameOf(worker), 'link', 'set', 'lo', 'up');
  }
  // `ip netns exec` would hide the control groups.
  return { host: `${network}.1`, prefixOf: (worker) => ['nsenter', `--net=/run/netns/${nameOf(worker)}`], remove };
}

function nameOf(worker: number): string {
  return `${bridge}-${worker}`;
}

function tolerantly(act: () => void): void {
  try {
    act();
  } catch {
    // It is not there.
  }
}
