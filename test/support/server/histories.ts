import { createRequire } from 'node:module';
import type { WorkflowHandle } from '@temporalio/client';

/** A history as a workflow's handle returns it. */
export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** The activities that a worker took up, in order, retries not counted. */
export function activitiesStarted({ events }: History): string[] {
  const scheduled = new Map(
    (events ?? []).map((event) => [
      String(event.eventId),
      event.activityTaskScheduledEventAttributes?.activityType?.name,
    ]),
  );
  return (events ?? []).flatMap(
    ({ activityTaskStartedEventAttributes: started }) =>
      (started && scheduled.get(String(started.scheduledEventId))) ?? [],
  );
}

/** Reads what `temporal workflow show --output json` printed. */
export function parseHistory(text: string): History {
  return fromJson(historyType, JSON.parse(text), { ignoreUnknownFields: true });
}

/**
 * The SDK reads such JSON itself, but only where npm gives all of its packages one copy of protobufjs
 * ("type must be a Type" otherwise): here the copy is the one that made the types.
 */
const common = createRequire(createRequire(import.meta.url).resolve('@temporalio/common'));
const proto = createRequire(common.resolve('@temporalio/proto'));
const { fromJson } = proto('protobufjs/ext/protojson') as {
  fromJson: (type: unknown, json: unknown, options: object) => History;
};
const { patchProtobufRoot } = proto('@temporalio/proto/lib/patch-protobuf-root') as {
  patchProtobufRoot: (root: unknown) => { lookupType(name: string): unknown };
};
const historyType = patchProtobufRoot(common('@temporalio/proto')).lookupType('temporal.api.history.v1.History');
