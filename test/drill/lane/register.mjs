// Loaded before a worker (node --import): the real worker entry then gets activities that can be killed at named points. The product has no hook for it.
import { register } from 'node:module';

register('./module-hooks.mjs', import.meta.url);
