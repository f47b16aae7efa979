import { describe, expect, it } from 'vitest';
import { interferes } from '../../../domain/protection/process-ends.ts';

describe('interferes', () => {
  it.each([
    ...[
      'process.exit(1);',
      'globalThis.process.exit()',
      'process?.abort()',
      'process.kill(process.pid)',
      'process\n  .exit()',
      'a; process.reallyExit(0) // end',
    ],
    ...[
      "import { exit } from 'node:process';\nexit(1);",
      'import p, { argv, exit as quit } from "process";\nquit();',
      'const { exit: q$ } = process; q$(2)',
    ],
    ...[
      "const { abort } = require('node:process');\nif (x) abort();",
      "process.on('uncaughtException', log)",
      'process.once("uncaughtException", () => {})',
    ],
    ...[
      "const url = 'http://x'; process.exit()",
      'class A { #end() { process.exit(1); } }',
      '/* a */ process.exit(/* b */)',
      '`${process.exit(1)}`',
    ],
    ...[
      'import sys\nsys.exit(main())',
      'os._exit(0)',
      'raise SystemExit(1)',
      'raise SystemExit',
      'import os\nos.execv(a, b)',
      'def main():\n    exit(1)\n',
    ],
    ...[
      'console.log = quiet;',
      'process.stdout.write = (text) => keep(text)',
      'Date.now = () => 0',
      'globalThis.performance = fake',
      'Object.defineProperty(console, "log", x)',
    ],
  ])('sees it in %j', (source) => expect(interferes(source)).toBe(true));

  it.each([
    ...[
      '// process.exit(1)',
      '/* process.exit(1)\n os._exit(0) */',
      '# sys.exit(1)\nx = 1',
      'import a\n# process.exit(1)\n',
      '// os._exit(0)',
      'x = 1 # raise SystemExit',
      '"""\nsys.exit(0)\n"""\nimport a\n',
    ],
    ...[
      'const exit = 1;',
      'console.log(a === b); const performance = 1; if (Date.now == x) y()',
      'process.exitCode = 1; my.console.log = 1',
      'exit(1)',
      'import { exit } from "./doors.mjs";\nexit();',
      'this.abort()',
      'controller.abort();',
      'child.kill()',
      'on("uncaughtException")',
    ],
    ...[
      "throw new Error('never process.exit(1)');",
      'print("sys.exit(1)")',
      "import { exit } from 'node:process';",
      'myprocess.exit(1)',
      '/* process.exit(1)',
      'kill, abort, _exit',
    ],
    ...[
      "import { exit } from 'node:process';\nmap.exit(1)",
      "const note = 'uncaughtException'",
      'def existing():\n    return on_exit(1)\n',
    ],
  ])('sees nothing of it in %j', (source) => expect(interferes(source)).toBe(false));

  it('takes no time over odd sources', () => {
    for (const odd of ['{', '/*', '"', '`', '{,', 'import {', 'process.', "'''", 'exit as ', ' '])
      expect(interferes(odd.repeat(50_000)), odd).toBe(false);
  });
});
