import { WorkflowNotFoundError } from '@temporalio/client';
import type { TestContext } from 'vitest';
import type { Wake } from '../../db/agendas.ts';
import { type Agenda, agendaOf } from '../../lifecycles/agenda.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import type { KeeperInput, KeeperResult, KeeperState } from '../../workflows/keeper.ts';
import { workflowIdOf } from '../../workflows/wake.ts';
import type { Model } from '../lifecycles/drive.ts';
import { type Engine, eventually } from '../worker.ts';

export const keeperOf = ({ client }: Pick<Engine, 'client'>, { lifecycle, id }: { lifecycle: string; id: string }) =>
  client.workflow.getHandle(workflowIdOf({ lifecycle, id }));

/** What Temporal's CLI and UI would be told of an instance. */
export const stateQueried = (engine: Pick<Engine, 'client'>, instance: { lifecycle: string; id: string }) =>
  keeperOf(engine, instance).query<KeeperState>('state');

/** What its workflow returned; null when it ended before it needed one. */
export const endOf = (engine: Pick<Engine, 'client'>, instance: { lifecycle: string; id: string }): Promise<KeeperResult | null> =>
  keeperOf(engine, instance)
    .result()
    .catch((error) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });

type Known = Pick<Agenda, 'revision' | 'state' | 'frozen' | 'final' | 'details' | 'deadlines' | 'effects'>;

/** Lets Temporal skip the time in which a workflow only waits. A server that cannot is said, and the test skipped. */
export async function skipTime(
  { client, namespace }: Pick<Engine, 'client' | 'namespace'>,
  { workflowId }: { workflowId: string },
  { skip }: Pick<TestContext, 'skip'>,
): Promise<void> {
  const request = {
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
    updateMask: { paths: ['time_skipping_config'] },
  };
  const asked = () =>
    client.workflowService.updateWorkflowExecutionOptions(request).then(
      () => null,
      (error: Error) => error.message,
    );
  // a workflow that its wake has not started yet is asked for again
  const problem = await eventually(asked, (message) => !message?.includes('not found'));
  if (problem) skip(`this Temporal server cannot skip time (frontend.WorkflowTimeSkippingEnabled): ${problem}`);
}

/** The part of an agenda that the log alone explains; the rest is when and how often it was told. */
export const told = ({ revision, state, frozen, final, details, deadlines, effects }: Known) => ({
  revision,
  state,
  frozen,
  final,
  details: details.split('\n').toSorted(),
  deadlines: deadlines.toSorted((one, other) => one.key.localeCompare(other.key)),
  effects: effects.map(({ generation: _, ...effect }) => effect),
});

/** What a keeper must know of an instance as the pure rules have it. */
export const toldOf = (model: Model, instance: Instance) =>
  told(agendaOf({ ...model, instance, seq: 0, now: instance.at, policies: model.policiesOf(instance.lifecycle) }));

/** Starts an instance's workflow as the waker does, with a small history, so that a test sees it continue as new. */
export async function startedWith(
  { client, taskQueue }: Pick<Engine, 'client' | 'taskQueue'>,
  wake: Wake,
  { historyLimit }: Pick<KeeperInput, 'historyLimit'> = {},
): Promise<void> {
  const { id, lifecycle, agenda, number } = wake;
  const args: [KeeperInput] = [{ instance: id, agenda, ...(historyLimit ? { historyLimit } : {}) }];
  await client.workflow.start(lifecycle, { workflowId: workflowIdOf(wake), taskQueue, args, staticSummary: number });
}
