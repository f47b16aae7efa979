/** The workflow bundle's entry: the exported names are the workflow types. */
export { karpathyAdoption } from './adoption/adoption.ts';
export { karpathyDoctor, karpathyPick, karpathyVerify } from './check.ts';
export { karpathyIteration } from './iteration.ts';
export { karpathyLoop } from './loop.ts';
export { unknownType as default } from './unknown-type.ts';
