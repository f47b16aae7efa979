/** One rule per room: what it may import as values; `type` imports are named where they reach further. */
const room = (name, allowed, comment) => ({
  name: `${name}-imports`,
  comment,
  severity: 'error',
  from: { path: `^${name}/` },
  to: { pathNot: allowed },
});
const npm = (...names) => names.map((name) => `^node_modules/${name}/`);

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    room('domain', ['^domain/', ...npm('zod')], 'domain/ is pure: domain and zod only'),
    {
      ...room(
        'workflows',
        ['^workflows/', ...npm('@temporalio/workflow', '@temporalio/common', 'xstate')],
        'what replays lies in workflows/ alone',
      ),
      to: {
        pathNot: ['^workflows/', ...npm('@temporalio/workflow', '@temporalio/common', 'xstate')],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'workflows-types',
      comment: 'workflows/ sees domain as types and nothing else of the project',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(activities|adapters|worker|client|test|scripts)/' },
    },
    room(
      'activities',
      [
        '^activities/',
        '^adapters/',
        '^domain/',
        '^[a-z_]+(/promises)?$',
        ...npm('@temporalio/activity', '@temporalio/common'),
      ],
      'activities/ asks adapters and calls domain',
    ),
    {
      name: 'adapters-imports',
      comment: 'adapters/ wraps one package or tool each and knows no other room but domain/',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^(activities|workflows|worker|client|test|scripts)/' },
    },
    {
      name: 'worker-imports',
      comment: 'worker/ assembles; it runs workflows by path',
      severity: 'error',
      from: { path: '^worker/' },
      to: { path: '^(client|workflows|test|scripts)/' },
    },
    {
      name: 'client-imports',
      comment: 'client/ talks to people; it never runs a step',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(activities|worker|test|scripts)/' },
    },
    {
      name: 'client-workflows',
      comment: 'of workflows/ the client sees the messages and the machine',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^workflows/', pathNot: '^workflows/(messages|machine)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    ...[
      ['simple-git', '^adapters/git/'],
      ['ollama', '^adapters/models/ollama\\.ts$'],
      ['picomatch', '^adapters/glob\\.ts$'],
      ['execa', '^(adapters|client|test|bench)/'],
    ].map(([name, home]) => ({
      name: `${name}-home`,
      severity: 'error',
      from: { path: '^(domain|workflows|activities|adapters|worker|client)/', pathNot: home },
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
