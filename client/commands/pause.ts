import type { Command } from 'commander';
import { defineRequest } from './define-request.ts';

export function define(command: Command): void {
  defineRequest(command, 'pause');
}
