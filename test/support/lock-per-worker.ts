/** Lets files that run at the same time not wait for each other's sandboxed runs; programs that they start inherit it. */
const { KARPATHY_LOOP_LOCK: lock = '', VITEST_POOL_ID: worker = '' } = process.env;
process.env['KARPATHY_LOOP_LOCK'] = `${lock}-${worker}`;
