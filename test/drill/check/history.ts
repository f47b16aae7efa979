import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];

/** One scheduled activity as a server's history has it. */
export interface ActivityRun {
  workflowId: string;
  runId: string;
  activityId: string;
  type: string;
  /** Epoch, ms; null where it did not complete. */
  completedAt: number | null;
  /** How it ended where it did not complete. */
  failure: string | null;
}

export function activityRuns({ events }: History, workflowId: string, runId: string): ActivityRun[] {
  const runs = new Map<string, ActivityRun>();
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const { activityId, activityType } = scheduled;
      runs.set(String(event.eventId), {
        workflowId,
        runId,
        activityId: activityId ?? '',
        type: activityType?.name ?? '',
        completedAt: null,
        failure: null,
      });
    }
    const completed = runs.get(String(event.activityTaskCompletedEventAttributes?.scheduledEventId));
    if (completed) completed.completedAt = timeOf(event);
    const ended = endOf(event);
    const failed = runs.get(String(ended?.scheduledEventId));
    if (failed) failed.failure = 'failed, timed out or cancelled';
  }
  return [...runs.values()];
}

/** The run that follows one that continued as new. */
export function continuedTo({ events }: History): string | undefined {
  return events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
}

function endOf(event: Event): { scheduledEventId?: unknown } | null | undefined {
  return (
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes
  );
}

function timeOf({ eventTime }: Event): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}
