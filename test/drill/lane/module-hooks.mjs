const wrapped = new URL('wrapped-activities.ts', import.meta.url).href;

/** The worker's entry asks for the activities and gets those of the drill; these and all others get the real ones. */
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  const asked =
    /\/activities\/index\.ts(\?|$)/.test(resolved.url) && /\/worker\/worker\.ts(\?|$)/.test(context.parentURL ?? '');
  return asked ? { ...resolved, url: wrapped } : resolved;
}
