import { findGo } from './go.ts';
import { findNode } from './node.ts';
import { findMake, findRust } from './others.ts';
import { planOf, type Planned, type RepositoryFacts } from './plan.ts';
import { findPython } from './python.ts';

const finders = [findNode, findGo, findRust, findPython, findMake];

/** Plans a loop.json: by the first language that gives a whole plan, else says what the first lacks. */
export function detect(facts: RepositoryFacts, schema: string): Planned {
  const plans = finders.flatMap((find) => {
    const found = find(facts);
    return found ? [planOf(found, schema)] : [];
  });
  const nothing =
    'init: found no package.json, pyproject.toml, go.mod, Cargo.toml or Makefile, and no Python; give the directory of a package, or write loop.json by hand';
  return plans.find(({ ok }) => ok) ?? plans[0] ?? { ok: false, problems: [nothing] };
}
