import { toDirectedGraph } from 'xstate/graph';
import { iterationMachine } from '../workflows/machine.ts';

/** The machine of an iteration as a Mermaid state diagram; ends with a newline. */
export function machineDiagram(): string {
  const { children } = toDirectedGraph(iterationMachine);
  const labels = new Map<string, string[]>();
  for (const { source, target, label, transition } of children.flatMap(({ edges }) => edges)) {
    const arrow = `${source.key} --> ${target.key}`;
    const guard = typeof transition.guard === 'string' ? ` [${transition.guard}]` : '';
    labels.set(arrow, [...(labels.get(arrow) ?? []), `${label.text}${guard}`]);
  }
  const finals = children
    .filter(({ stateNode }) => stateNode.type === 'final')
    .map(({ stateNode }) => `${stateNode.key} --> [*]`);
  const arrows = [...labels].map(([arrow, texts]) => `${arrow}: ${texts.join(', ')}`);
  const lines = [`[*] --> ${iterationMachine.config.initial as string}`, ...arrows, ...finals];
  return ['stateDiagram-v2', ...lines.map((line) => `  ${line}`), ''].join('\n');
}
