import type { CountedFunction, Edge, Tally } from './tally.ts';

type PlacedFunction = CountedFunction & { places: NonNullable<CountedFunction['places']> };

/** Adds a profile of callgrind that is written without short forms, in instructions. False: it is none. */
export function addCallgrind(tally: Tally, text: string): boolean {
  if (!/^events: /m.test(text.slice(0, 10_000))) return false;
  const functions = new Map<string, PlacedFunction & { index: number }>();
  const edges = new Map<string, Edge>();
  const functionOf = (path: string, name: string) => {
    const key = `${path}\0${name}`;
    const one = functions.get(key) ?? {
      ...{ frame: { path, name, line: 0 }, self: 0, total: 0, calls: 0, places: [] },
      index: functions.size,
    };
    functions.set(key, one);
    return one;
  };
  let [path, file] = ['???', '???'];
  let current = functionOf(path, '');
  let called = { path: '', name: '' };
  let calls = 0;
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^(fl|fi|fe|fn|cfi|cfl|cfn|calls)=(.*)$/.exec(line) ?? [];
    if (key === 'fl') [path, file, called.path] = [value, value, value];
    else if (key === 'fi' || key === 'fe') file = value;
    else if (key === 'fn') [current, file, called] = [functionOf(path, value), path, { path, name: '' }];
    else if (key === 'cfi' || key === 'cfl') called.path = value;
    else if (key === 'cfn') called.name = value;
    else if (key === 'calls') calls = Number.parseInt(value, 10) || 0;
    else {
      const [, at, cost] = /^(\d+) (\d+)/.exec(line) ?? [];
      if (at === undefined) continue;
      if (calls > 0) addCall(current, functionOf(called.path, called.name), { calls, cost: Number(cost) }, edges);
      else addCost(current, { path: file, line: Number(at) }, Number(cost));
      if (calls > 0) called = { path, name: '' };
      calls = 0;
    }
  }
  const all = [...functions.values()];
  for (const one of all) one.total += one.self;
  tally.addGraph(all, [...edges.values()]);
  return true;
}

/** Lines of code that was put into a function belong to the file that they come from. */
function addCost(one: PlacedFunction, { path, line }: { path: string; line: number }, cost: number): void {
  const { frame, places } = one;
  one.self += cost;
  if (path === frame.path && (frame.line === 0 || line < frame.line)) frame.line = line;
  const last = places.at(-1);
  if (last?.frame.path === path && last.frame.line === line) last.self += cost;
  else places.push({ frame: { path, line, name: frame.name }, self: cost });
}

function addCall(
  from: PlacedFunction & { index: number },
  to: PlacedFunction & { index: number },
  { calls, cost }: { calls: number; cost: number },
  edges: Map<string, Edge>,
): void {
  to.calls += calls;
  if (from === to) return;
  from.total += cost;
  const key = `${from.index} ${to.index}`;
  const edge = edges.get(key) ?? { from: from.index, to: to.index, time: 0 };
  edge.time += cost;
  edges.set(key, edge);
}
