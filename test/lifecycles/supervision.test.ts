import { afterAll, describe, expect, test } from 'vitest';
import { supervision } from '../../lifecycles/supervision.ts';
import { cast, minute } from './cast.ts';
import type { Model } from './drive.ts';
import { type Column, matrix, stateAndFreeze, table } from './matrix.ts';
import { branchesIn, branchesOf } from './replay.ts';
import { accepted, aSupervision, said, send, supervisionOf, supervisionStates, synchronised } from './stories.ts';

const met = new Set<string>();
const seen = (model: Model) => {
  for (const branch of branchesIn(model, 'supervision')) met.add(branch);
};
const variants = { decideAppeal: { dismiss: { decision: 'dismiss' }, complete: { decision: 'complete' } } };
const columnsOf = (options: Parameters<typeof aSupervision>[0]): Column[] =>
  supervisionStates
    .filter((state) => (options?.scenario ?? 'none') !== 'none' || state !== 'awaitingReview')
    .filter((state) => !options?.appeals || state !== 'finished')
    .map((state) => ({ name: state, model: aSupervision({ ...options, state }) }));

describe('who can do what in which state', () => {
  test('with a review by 华为云复核 (SUP-2)', () => {
    expect(matrix({ lifecycle: supervision, columns: columnsOf({ scenario: 'empowermentCloud' }), variants, seen })).toMatchInlineSnapshot(`
      "
                                                  awaitingDelivery      awaitingReview        awaitingAcceptance      accepted      synchronising      finished
      uploadAcceptance         merchant           → awaitingReview      WRONG_STATE           WRONG_STATE             WRONG_STATE   WRONG_STATE        ENDED
      passReview               reviewer           WRONG_STATE           → awaitingAcceptance  WRONG_STATE             WRONG_STATE   WRONG_STATE        ENDED
      returnReview             reviewer           WRONG_STATE           → awaitingDelivery    WRONG_STATE             WRONG_STATE   WRONG_STATE        ENDED
      acceptDelivery           buyer              WRONG_STATE           WRONG_STATE           → accepted              WRONG_STATE   WRONG_STATE        ENDED
      returnDelivery           buyer              WRONG_STATE           WRONG_STATE           → awaitingDelivery      WRONG_STATE   WRONG_STATE        ENDED
      fileAppeal               buyer, merchant    → awaitingDelivery ❄  → awaitingReview ❄    → awaitingAcceptance ❄  → accepted ❄  → synchronising ❄  ENDED
      withdrawAppeal           buyer, merchant    WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE   WRONG_STATE        ENDED
      decideAppeal (dismiss)   operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        WRONG_STATE   WRONG_STATE        ENDED
      decideAppeal (complete)  operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        WRONG_STATE   WRONG_STATE        ENDED
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });

  test('without a review (SUP-2)', () => {
    expect(matrix({ lifecycle: supervision, columns: columnsOf({}), variants, seen })).toMatchInlineSnapshot(`
      "
                                                  awaitingDelivery      awaitingAcceptance      accepted      synchronising      finished
      uploadAcceptance         merchant           → awaitingAcceptance  WRONG_STATE             WRONG_STATE   WRONG_STATE        ENDED
      passReview               reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE   WRONG_STATE        ENDED
      returnReview             reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE   WRONG_STATE        ENDED
      acceptDelivery           buyer              WRONG_STATE           → accepted              WRONG_STATE   WRONG_STATE        ENDED
      returnDelivery           buyer              WRONG_STATE           → awaitingDelivery      WRONG_STATE   WRONG_STATE        ENDED
      fileAppeal               buyer, merchant    → awaitingDelivery ❄  → awaitingAcceptance ❄  → accepted ❄  → synchronising ❄  ENDED
      withdrawAppeal           buyer, merchant    WRONG_STATE           WRONG_STATE             WRONG_STATE   WRONG_STATE        ENDED
      decideAppeal (dismiss)   operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        WRONG_STATE   WRONG_STATE        ENDED
      decideAppeal (complete)  operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        WRONG_STATE   WRONG_STATE        ENDED
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });

  test('frozen by the buyer’s appeal: nothing but the appeal’s own steps (SUP-5)', () => {
    expect(matrix({ lifecycle: supervision, columns: columnsOf({ scenario: 'baseCloud', appeals: ['buyer'] }), variants, seen })).toMatchInlineSnapshot(`
      "
                                                  awaitingDelivery      awaitingReview      awaitingAcceptance      accepted            synchronising
      uploadAcceptance         merchant           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      passReview               reviewer           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      returnReview             reviewer           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      acceptDelivery           buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      returnDelivery           buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      fileAppeal               buyer              APPEAL_STANDS         APPEAL_STANDS       APPEAL_STANDS           APPEAL_STANDS       APPEAL_STANDS
      fileAppeal               merchant           → awaitingDelivery ❄  → awaitingReview ❄  → awaitingAcceptance ❄  → accepted ❄        → synchronising ❄
      withdrawAppeal           buyer              → awaitingDelivery    → awaitingReview    → awaitingAcceptance    → accepted          → synchronising
      withdrawAppeal           merchant           NO_APPEAL_OF_YOURS    NO_APPEAL_OF_YOURS  NO_APPEAL_OF_YOURS      NO_APPEAL_OF_YOURS  NO_APPEAL_OF_YOURS
      decideAppeal (dismiss)   operationsManager  → awaitingDelivery    → awaitingReview    → awaitingAcceptance    → accepted          → synchronising
      decideAppeal (complete)  operationsManager  → accepted            → accepted          → accepted              → accepted          → synchronising
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });

  test('frozen by both parties’ appeals: withdrawing one leaves the other (SUP-5)', () => {
    expect(matrix({ lifecycle: supervision, columns: columnsOf({ appeals: ['buyer', 'merchant'] }), variants, seen })).toMatchInlineSnapshot(`
      "
                                                  awaitingDelivery      awaitingAcceptance      accepted          synchronising
      uploadAcceptance         merchant           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL        FROZEN_BY_APPEAL  FROZEN_BY_APPEAL
      passReview               reviewer           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL        FROZEN_BY_APPEAL  FROZEN_BY_APPEAL
      returnReview             reviewer           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL        FROZEN_BY_APPEAL  FROZEN_BY_APPEAL
      acceptDelivery           buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL        FROZEN_BY_APPEAL  FROZEN_BY_APPEAL
      returnDelivery           buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL        FROZEN_BY_APPEAL  FROZEN_BY_APPEAL
      fileAppeal               buyer, merchant    APPEAL_STANDS         APPEAL_STANDS           APPEAL_STANDS     APPEAL_STANDS
      withdrawAppeal           buyer, merchant    → awaitingDelivery ❄  → awaitingAcceptance ❄  → accepted ❄      → synchronising ❄
      decideAppeal (dismiss)   operationsManager  → awaitingDelivery    → awaitingAcceptance    → accepted        → synchronising
      decideAppeal (complete)  operationsManager  → accepted            → accepted              → accepted        → synchronising
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
});

test('what comes by itself: timers and the outcome of the synchronisation (SUP-4, SUP-6)', () => {
  const rows = columnsOf({ scenario: 'baseCloud' }).flatMap(({ name, model }) =>
    ([[], ['buyer']] as const)
      .filter((appeals) => appeals.length === 0 || name !== 'finished')
      .map((appeals) => {
        const fresh = model.fork();
        for (const role of appeals) accepted(fresh, 'fileAppeal', { role });
        const byTimer = fresh.fork();
        const fired = byTimer.advance(10 * 86_400_000);
        const byEffect = fresh.fork();
        const counted = synchronised(byEffect);
        seen(byTimer);
        seen(byEffect);
        return [
          `${name}${appeals.length > 0 ? ' ❄' : ''}`,
          fired.join(', ') || '–',
          stateAndFreeze(byTimer, supervision),
          counted ? stateAndFreeze(byEffect, supervision) : '–',
        ];
      }),
  );
  expect(table([['', 'timers in 10 days', 'lead to', 'synchronised'], ...rows])).toMatchInlineSnapshot(`
    "
                          timers in 10 days                          lead to                 synchronised
    awaitingDelivery      –                                          → awaitingDelivery      –
    awaitingDelivery ❄    decisionDue                                → awaitingDelivery ❄    –
    awaitingReview        –                                          → awaitingReview        –
    awaitingReview ❄      decisionDue                                → awaitingReview ❄      –
    awaitingAcceptance    –                                          → awaitingAcceptance    –
    awaitingAcceptance ❄  decisionDue                                → awaitingAcceptance ❄  –
    accepted              completionSyncDue, completionWindowPassed  → synchronising         –
    accepted ❄            decisionDue                                → accepted ❄            –
    synchronising         completionWindowPassed                     → synchronising         → finished
    synchronising ❄       decisionDue                                → synchronising ❄       → synchronising ❄
    finished              expiresIn30Days                            → finished              –
    "
  `);
});

test('a window shorter than the first try passes as an incident before it (SUP-4)', () => {
  const model = aSupervision({ state: 'accepted', policies: { supervision: { completionWindow: { ms: 10 * minute } } } });
  expect(model.advance(10 * minute)).toEqual(['completionWindowPassed']);
  seen(model);
  expect(supervisionOf(model)).toMatchObject({ value: { progress: 'accepted' }, incidents: [{ name: 'completionWindowPassed', code: 'DEADLINE_PASSED' }] });
});

test('a result that came while frozen is applied when the freeze ends (SUP-5)', () => {
  const model = aSupervision({ state: 'synchronising', appeals: ['merchant'] });
  synchronised(model);
  expect(supervisionOf(model)).toMatchObject({
    value: { progress: 'synchronising', freeze: 'frozen' },
    recorded: [{ event: 'orderSynchronised' }],
    effects: [],
  });
  accepted(model, 'withdrawAppeal', { role: 'merchant' });
  seen(model);
  expect(supervisionOf(model)).toMatchObject({ value: { progress: 'finished', freeze: 'running' }, recorded: [] });
  expect(model.only('order')?.value).toBe('completed');
  const [withdrawn, applied, completed] = model.log.slice(-4);
  expect([withdrawn?.actor.role, applied?.actor.role, completed?.type]).toEqual(['merchant', 'system', 'supervisionFinished']);
});

test('each party sees its own supervision only; to others it does not exist (ACT-1)', () => {
  const model = aSupervision();
  const { id } = supervisionOf(model);
  const as = (actor: (typeof cast)[keyof typeof cast]) =>
    said(model.command({ lifecycle: 'supervision', instance: id, command: 'fileAppeal', actor, input: {}, reason: 'because' }));
  expect({
    'another buyer': as({ ...cast.buyer, party: 'buyer-b' }),
    'another merchant': as({ ...cast.merchant, party: 'merchant-b' }),
    'a service provider': as(cast.serviceProvider),
    'an enterprise admin': as(cast.enterpriseAdmin),
    'the operations manager': as(cast.operationsManager),
    'the merchant': as(cast.merchant),
  }).toMatchInlineSnapshot(`
    {
      "a service provider": "NOT_FOUND",
      "an enterprise admin": "NOT_FOUND",
      "another buyer": "NOT_FOUND",
      "another merchant": "NOT_FOUND",
      "the merchant": "ok",
      "the operations manager": "ROLE_NOT_ALLOWED",
    }
  `);
});

test('bad input is refused field by field and changes nothing (SUP-9)', () => {
  const model = aSupervision();
  const before = supervisionOf(model);
  const fields = (name: string, input: Record<string, unknown>, reason: string | null = null) => {
    const answer = send(model, name, { input, reason, role: name === 'fileAppeal' ? 'buyer' : 'merchant' });
    return !answer.ok && answer.problem.kind === 'Invalid' ? answer.problem.fields.map(({ path }) => path).join(', ') : said(answer);
  };
  const file = '11111111-1111-4111-8111-111111111111';
  expect({
    'no file': fields('uploadAcceptance', { files: [] }),
    'eleven files': fields('uploadAcceptance', { files: Array(11).fill(file) }),
    'a file of someone else': fields('uploadAcceptance', { files: ['22222222-2222-4222-8222-222222222222'] }),
    'a file id that is none': fields('uploadAcceptance', { files: ['x'] }),
    'opened before payment': fields('uploadAcceptance', { files: [file], openedAt: '2020-01-01T00:00:00Z' }),
    'opened in the future': fields('uploadAcceptance', { files: [file], openedAt: '2030-01-01T00:00:00Z' }),
    'opened some day': fields('uploadAcceptance', { files: [file], openedAt: 'yesterday' }),
    'a comment with a bell': fields('uploadAcceptance', { files: [file], comment: 'ding\u0007' }),
    'a comment with emoji': fields('uploadAcceptance', { files: [file], comment: '好 👍🏽' }),
    'an appeal without a reason': fields('fileAppeal', {}),
    'an appeal with a blank reason': fields('fileAppeal', {}, '  '),
    'an appeal with a huge reason': fields('fileAppeal', {}, 'x'.repeat(2_001)),
    'an appeal with half an emoji': fields('fileAppeal', {}, '\ud83d'),
  }).toMatchInlineSnapshot(`
    {
      "a comment with a bell": "comment",
      "a comment with emoji": "ok",
      "a file id that is none": "files.0",
      "a file of someone else": "files",
      "an appeal with a blank reason": "reason",
      "an appeal with a huge reason": "reason",
      "an appeal with half an emoji": "reason",
      "an appeal without a reason": "reason",
      "eleven files": "files",
      "no file": "files",
      "opened before payment": "openedAt",
      "opened in the future": "openedAt",
      "opened some day": "openedAt",
    }
  `);
  expect(supervisionOf(model).revision).toBe(before.revision + 1);
});

afterAll(() => {
  // this file alone meets every branch: a new transition without a row here fails
  expect(branchesOf(supervision).filter((branch) => !met.has(branch))).toEqual([]);
});
