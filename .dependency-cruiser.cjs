/** One rule per room: what a line in it may import. */
const room = (name, comment, allowed, types = []) => ({
  name: `${name}-imports`,
  comment,
  severity: 'error',
  from: { path: `^${name}/` },
  to: { pathNot: [`^${name}/`, ...allowed], ...(types.length > 0 && { dependencyTypesNot: types }) },
});
const node = ['core'];
const npm = (...names) => names.map((name) => `^node_modules/${name}/`);
const anyPackage = '^node_modules/';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    room('domain', 'domain/ is pure: zod, fast-check and nothing else', npm('zod', 'fast-check')),
    room(
      'store',
      'store/ owns files and the data directory, and knows no tool',
      ['^domain/', ...npm('lru-cache')],
      node,
    ),
    room('adapters', 'adapters/ wraps one package or tool each', ['^domain/', '^store/', anyPackage], node),
    room('ledger', 'ledger/ keeps records in git', ['^domain/', '^store/', '^adapters/', ...npm('lru-cache')], node),
    room(
      'activities',
      'activities/ asks adapters, store and ledger, and calls domain',
      ['^domain/', '^store/', '^adapters/', '^ledger/', ...npm('@temporalio/activity', '@temporalio/common')],
      node,
    ),
    room(
      'worker',
      'worker/ assembles; it runs workflows by path',
      ['^domain/', '^store/', '^adapters/', '^activities/', anyPackage],
      node,
    ),
    room(
      'client',
      'client/ talks to people; it never runs a step',
      ['^domain/', '^store/', '^adapters/', '^ledger/', '^workflows/', anyPackage],
      node,
    ),
    {
      ...room('workflows', 'what replays lies in workflows/ alone, but for names, ids and the words of a gain', []),
      to: {
        pathNot: [
          '^workflows/',
          '^domain/(names|loop-id|search-attributes|verdict/gain)\\.ts$',
          ...npm('@temporalio/workflow', '@temporalio/common', 'xstate'),
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'workflows-types',
      comment: 'workflows/ sees domain/ and no other room',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(store|adapters|ledger|activities|worker|client|test|scripts|bench)/' },
    },
    {
      name: 'client-workflows',
      comment: 'client/ sees the messages and the machine of workflows/, and types',
      severity: 'error',
      from: { path: '^client/' },
      to: {
        path: '^workflows/',
        pathNot: '^workflows/(messages|machine)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'steps-hold-verbs',
      comment: 'a step calls no other step',
      severity: 'error',
      from: { path: '^activities/steps/' },
      to: { path: '^activities/steps/' },
    },
    ...[
      ['simple-git', '^adapters/git/'],
      ['ollama', '^adapters/models/ollama\\.ts$'],
      ['openai', '^adapters/models/openai\\.ts$'],
      ['picomatch', '^adapters/glob\\.ts$'],
      ['execa', '^(adapters|client)/'],
    ].map(([name, home]) => ({
      name: `${name}-home`,
      severity: 'error',
      from: { path: '^(domain|store|ledger|workflows|activities|adapters|worker|client)/', pathNot: home },
      to: { path: `^node_modules/${name}/` },
    })),
  ],
  options: {
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
