import { readTestReport } from '../../domain/protection/test-report.ts';
import { readMembers, readMetric, readText } from '../../domain/verdict/metric.ts';

/** What goes in and comes out of a search is JSON. */
export const searches = { metric: readMetric, members: readMembers, text: readText, tests: readTestReport };
