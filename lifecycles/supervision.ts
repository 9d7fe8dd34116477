import type { Lifecycle } from './declaration.ts';
import { evidencePolicy } from './evidence.ts';
import * as acceptance from './supervision/acceptance.ts';
import * as supervisionCase from './supervision/case.ts';
import * as completion from './supervision/completion.ts';
import { type Context, context } from './supervision/context.ts';
import * as decision from './supervision/decision.ts';
import * as delivery from './supervision/delivery.ts';
import * as humanService from './supervision/humanService.ts';
import * as licence from './supervision/licence.ts';
import { commands, supervisionMachine, waits } from './supervision/machine.ts';
import * as onlineCode from './supervision/onlineCode.ts';
import * as refund from './supervision/refund.ts';
import * as softwarePackage from './supervision/softwarePackage.ts';
import * as termination from './supervision/termination.ts';
import { deadlinesOf, noticesOf, policiesOf, remindBefore, rulesOf } from './supervision/waits.ts';

/** Service supervision 服务监管 of one order, by whichever way it is delivered: SUP-1 to SUP-11. One file a part. */
export const supervision = {
  name: 'supervision',
  version: 1,
  prefix: 'SV',
  label: { zh: '服务监管', en: 'Service supervision' },
  machine: supervisionMachine,
  context,
  states: {
    ...humanService.labels,
    ...licence.labels,
    ...delivery.labels,
    ...onlineCode.labels,
    ...softwarePackage.labels,
    ...acceptance.labels,
    ...completion.labels,
    ...termination.labels,
    ...supervisionCase.labels,
    ...refund.labels,
  },
  commands,
  events: { ...onlineCode.events, ...completion.events, ...refund.events },
  deadlines: {
    ...refund.pausedByRefund({ ...deadlinesOf(waits), ...onlineCode.deadlines, ...acceptance.deadlines }),
    ...completion.deadlines,
    ...supervisionCase.deadlines,
  },
  effects: { ...onlineCode.effects, ...completion.effects },
  onEnter: { ...completion.onEnter, ...refund.onEnter },
  notices: {
    ...noticesOf(waits),
    ...delivery.notices,
    ...humanService.notices,
    ...onlineCode.notices,
    ...licence.notices,
    ...softwarePackage.notices,
    ...acceptance.notices,
    ...supervisionCase.notices,
    ...decision.notices,
    ...completion.notices,
    ...refund.notices,
  },
  contacts: acceptance.contacts,
  policies: {
    remindBefore,
    ...evidencePolicy,
    ...policiesOf(waits),
    ...onlineCode.policies,
    ...acceptance.policies,
    ...supervisionCase.policies,
    ...decision.policies,
    ...completion.policies,
  },
  policyRules: [...rulesOf([...Object.keys(waits), 'decision']), ...onlineCode.policyRules, ...acceptance.policyRules, ...completion.policyRules],
  policyScope: ({ product }: Context) => product ?? null,
  rules: ['SUP-1', 'SUP-2', 'SUP-3', 'SUP-4', 'SUP-5', 'SUP-6', 'SUP-7', 'SUP-8', 'SUP-9', 'SUP-11', 'ACT-3'],
} satisfies Lifecycle;
