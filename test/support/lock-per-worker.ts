/** Lets files that run at the same time not wait for each other's sandboxed runs; programs that they start inherit it. */
process.env['KARPATHY_LOOP_LOCK'] += `-${process.env['VITEST_POOL_ID']}`;
