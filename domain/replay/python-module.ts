import type { SourceFunction } from '../source/function.ts';
import { replayDirectory } from './contract.ts';

/** Lets a module offer its functions to recorder and caller when it has been loaded. No line moves. */
export function offeringPythonModule(file: string, text: string, all: readonly SourceFunction[]): string {
  const usable = all.filter((one) => one.isModuleLevel && !one.isAsync);
  // Of several definitions of one name, the module has the last that it came to.
  const names = new Set(usable.map(({ name }) => name.replace(/#.*/, '')));
  const up = '../'.repeat(file.split('/').length - 1);
  return `${text}

def _karpathy_loop_offer():
    import os, sys
    directory = os.path.abspath(os.path.join(os.path.dirname(__file__), ${JSON.stringify(up + replayDirectory)}))
    if directory not in sys.path:
        sys.path.append(directory)
    from karpathy_loop_record import offer
    offer(globals(), ${JSON.stringify(file)}, ${JSON.stringify([...names])})
_karpathy_loop_offer()
del _karpathy_loop_offer
`;
}
