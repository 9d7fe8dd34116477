import { expect, test } from 'vitest';
import { messageOf } from '../../lifecycles/problem.ts';
import { cast } from './cast.ts';
import type { Model } from './drive.ts';
import { accepted, aSupervision, said, send, supervisionOf } from './stories.ts';

test('a command of another way is refused with what this way is (SUP-2)', () => {
  const answer = send(aSupervision({ way: 'licenseOffline' }), 'claimCode');
  if (answer.ok) throw new Error('expected a refusal');
  expect(answer.problem).toMatchObject({ code: 'WRONG_WAY', state: 'awaitingDelivery' });
  expect(messageOf(answer.problem)).toMatchInlineSnapshot(`
    {
      "en": ""Claim the code" belongs to the delivery way Online authorisation code; SV-2 is delivered by Offline licence: merchant delivers outside and confirms, (review,) buyer accepts (SUP-2).",
      "zh": "“领取授权码”属于“在线授权码”，SV-2 的交付方式是“线下授权”：商家线下交付并确认→（复核）→买家验收（SUP-2）。",
    }
  `);
});

test('a hand-in tells the reviewer where one comes first, and the buyer whose turn it is (SUP-2, NOT-1)', () => {
  const told = (scenario: string) => {
    const model = aSupervision({ scenario });
    accepted(model, 'uploadAcceptance');
    return model.messages.filter(({ event }) => event === 'uploadAcceptance').map(({ to, text }) => [to.join(), text.zh]);
  };
  expect(told('none')).toEqual([['buyer', '商家已提交交付验收件。请验收。']]);
  expect(told('baseCloud')).toEqual([
    ['buyer', '商家已提交交付验收件。待华为云复核后请您验收。'],
    ['reviewer', '商家已提交交付验收件。请复核。'],
  ]);
});

test('a refusal names the states of the record’s own way, and the appeal rather than what it froze (SUP-2, SUP-5)', () => {
  const why = (model: Model, name: string) => {
    const answer = send(model, name);
    return answer.ok ? 'ok' : messageOf(answer.problem).en;
  };
  expect([why(aSupervision(), 'returnDelivery'), why(aSupervision({ appeals: ['buyer'] }), 'submitEvidence')]).toEqual([
    '"Return delivery" is possible only while Awaiting acceptance; the state is Awaiting delivery.',
    '"Submit evidence" is possible only while Evidence awaited; the state is Frozen by an appeal.',
  ]);
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
