import type { GraphQLSchema } from 'graphql';
import type { Registry } from '../lifecycles/registry.ts';
import { createBuilder } from './builder.ts';
import { addCalendar } from './calendar.ts';
import { addChanges } from './changes.ts';
import { addConnections } from './connection.ts';
import { addDeliveries } from './delivery.ts';
import { addForecast } from './forecast.ts';
import { createInputs } from './inputs.ts';
import { addLanguage } from './language.ts';
import { addLifecycles } from './lifecycle.ts';
import { addMutations } from './mutations.ts';
import { addMessageEnums, addNotifications } from './notification.ts';
import { createOutputs } from './outputs.ts';
import { addPolicies } from './policies.ts';
import { addProblems } from './problem.ts';
import { addQueries } from './queries.ts';
import { addReceivers } from './receiver.ts';
import { addSandbox } from './sandbox.ts';
import { addScalars } from './scalars.ts';
import { addSetPolicies } from './setPolicies.ts';
import { addWhatIf } from './whatIf.ts';

/** The whole schema, derived from the declared lifecycles. @throws for a declaration that GraphQL cannot show */
export function createSchema(registry: Registry): GraphQLSchema {
  const builder = createBuilder();
  addScalars(builder);
  const texts = addLanguage(builder);
  const problems = addProblems(builder, texts, registry);
  const connections = addConnections(builder);
  const outputs = createOutputs(builder);
  const lifecycles = addLifecycles({ builder, registry, texts, problems, connections, outputs });
  addQueries(builder, lifecycles, connections);
  addMutations({ builder, lifecycles, problems, inputs: createInputs(builder, outputs) });
  addSetPolicies({ builder, problems, registry, ...addPolicies({ builder, texts, registry }) });
  addCalendar(builder, problems);
  const messages = addMessageEnums(builder);
  const notifications = addNotifications(builder, { lifecycles, connections, texts, messages });
  addDeliveries(builder, { connections, texts, messages, notifications });
  addReceivers(builder, { texts, messages, problems });
  addWhatIf({ builder, lifecycles, problems, texts });
  addForecast({ builder, registry, lifecycles, texts });
  addSandbox(builder, lifecycles, problems);
  addChanges(builder);
  return builder.toSchema();
}
