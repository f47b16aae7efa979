import type { Command } from 'commander';
import { createProgram } from '../client/cli.ts';

/** Writes docs/commands.md: the help of the command line, and of every command. */
export async function commandsReference(): Promise<string> {
  const program = await createProgram([], true);
  const shown = program.createHelp().visibleCommands(program);
  const sections = shown
    .filter((command) => command.name() !== 'help')
    .map((command) => section(command.name(), command));
  return `# Commands

<!-- Generated from the command line by "npm run docs". -->

In a checkout, type \`npx karpathy-loop\` for \`karpathy-loop\`. What a command prints with \`--json\` is one line of JSON, and with \`run\` and \`attach\` one line for
each event and at last one for the report; the types of the events are \`LoopEvent\` of the [programming interface](api.md).

${section('karpathy-loop', program)}
${sections.join('\n')}`;
}

function section(name: string, command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => void (help += text),
    getOutHelpWidth: () => 120,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return `## ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`;
}
