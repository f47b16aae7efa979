import { createActivities as createRealActivities, type Resources } from '../../../activities/index.ts';
import { wrapActivities } from './wrap.ts';

/** Takes the place of the real one in a drill's worker; KARPATHY_LOOP_DRILL names the directory of its lane. */
export function createActivities(resources: Resources): ReturnType<typeof createRealActivities> {
  const lane = process.env['KARPATHY_LOOP_DRILL'];
  const activities = createRealActivities(resources);
  return lane ? wrapActivities(activities, lane, resources.dataDirectory) : activities;
}
