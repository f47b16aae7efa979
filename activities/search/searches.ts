import { readTestReport } from '../../domain/protection/test-report.ts';
import { readMembers, readMetric, readText } from '../../domain/verdict/metric.ts';

/** Searches by name; arguments and answers are JSON. */
export const searches = { metric: readMetric, members: readMembers, text: readText, tests: readTestReport };
