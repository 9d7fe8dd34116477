import { expect, test } from 'vitest';
import { waitsForOf } from '../../lifecycles/awaited.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { appealed, frozen, nodes, parties } from './appeals.ts';
import { day, hour } from './cast.ts';
import { accepted, aSupervision, said, send, supervisionOf } from './stories.ts';

test('while evidence is awaited the time to decide stands still, and everything else with it (SUP-6)', () => {
  for (const { node, model } of nodes)
    for (const from of parties) {
      const { one } = appealed(model, ['buyer']);
      const due = () => supervisionOf(one).deadlines.find(({ name }) => name === 'decisionDue');
      const leftToDecide = (due()?.dueAt ?? 0) - one.now;
      accepted(one, 'requestEvidence', { input: { from } });
      one.advance(day + hour);
      expect([node, due()]).toMatchObject([node, { dueAt: null, remainingMs: leftToDecide }]);
      const other = from === 'buyer' ? 'merchant' : 'buyer';
      expect([node, said(send(one, 'submitEvidence', { role: other }))]).toEqual([node, 'NO_EVIDENCE_ASKED_OF_YOU']);
      accepted(one, 'submitEvidence', { role: from });
      expect([node, due()?.dueAt]).toEqual([node, one.now + leftToDecide]);
      expect(frozen(one)).toBe(true);
    }
});

test('a case has one time for evidence, three days in all: it runs while evidence is awaited, whoever asks how often (SUP-6)', () => {
  const { one } = appealed(aSupervision(), ['merchant']);
  const ask = (from: string) => said(send(one, 'requestEvidence', { input: { from } }));
  expect(ask('merchant')).toBe('ok');
  expect(ask('merchant')).toBe('EVIDENCE_REQUESTED');
  one.advance(2 * day);
  accepted(one, 'submitEvidence', { role: 'merchant' });
  // between two requests the time to decide runs, that for evidence does not
  one.advance(hour);
  expect(ask('buyer')).toBe('ok');
  expect(one.advance(day - 1)).toEqual([]);
  expect(one.advance(1)).toEqual(['evidenceDue']);
  expect(said(send(one, 'submitEvidence', { role: 'buyer' }))).toBe('WRONG_STATE');
  expect([ask('buyer'), ask('merchant')]).toEqual(['EVIDENCE_TIME_OVER', 'EVIDENCE_TIME_OVER']);
  expect(one.advance(10 * day)).toEqual(['decisionDue']);
  expect(ask('buyer')).toBe('EVIDENCE_TIME_OVER');
});

test('at whatever node: asking for evidence again and again never buys more than the time for it (SUP-6)', () => {
  for (const { node, model } of nodes) {
    const one = model.fork();
    accepted(one, 'fileAppeal', { role: 'buyer' });
    const due = supervisionOf(one).deadlines.find(({ name }) => name === 'decisionDue')?.dueAt ?? 0;
    let stood = 0;
    for (let asked = 0; said(send(one, 'requestEvidence', { input: { from: 'merchant' } })) === 'ok'; asked++) {
      if (asked > 10) throw new Error(`${node}: expected an end of requests`);
      const before = one.now;
      if (one.advance(20 * hour).includes('evidenceDue')) stood += 3 * day - 3 * 20 * hour;
      else {
        stood += one.now - before;
        accepted(one, 'submitEvidence', { role: 'merchant' });
      }
    }
    expect([node, stood]).toEqual([node, 3 * day]);
    expect([node, supervisionOf(one).deadlines.find(({ name }) => name === 'decisionDue')?.dueAt]).toEqual([node, due + 3 * day]);
  }
});

test('the next case has its whole time for evidence again (SUP-6)', () => {
  for (const end of ['withdrawAppeal', 'decideAppeal']) {
    const { one } = appealed(aSupervision(), ['buyer']);
    accepted(one, 'requestEvidence', { input: { from: 'buyer' } });
    one.advance(3 * day);
    expect(supervisionOf(one).context.evidenceOverAt).toBe(one.now);
    accepted(one, end);
    expect(supervisionOf(one).context.evidenceOverAt).toBeNull();
    accepted(one, 'fileAppeal', { role: 'merchant' });
    accepted(one, 'requestEvidence', { input: { from: 'buyer' } });
    expect(one.advance(3 * day - 1)).toEqual([]);
    expect(one.advance(1)).toEqual(['evidenceDue']);
  }
});

test('who must act is whoever was asked for evidence, until when it is due; then again the manager (SUP-11)', () => {
  const model = aSupervision({ appeals: ['buyer'] });
  const told = () => {
    const { event, text, about } = model.messages.at(-1) ?? {};
    const due = supervisionOf(model).deadlines.find(({ dueAt }) => dueAt === about?.due)?.name;
    return [event, about?.state.en, about?.waitsFor.join(), due, waitsForOf(supervision, supervisionOf(model)).join(), text?.en];
  };
  accepted(model, 'requestEvidence', { input: { from: 'merchant' } });
  const first = told();
  accepted(model, 'requestEvidence', { input: { from: 'buyer' } });
  const both = told();
  accepted(model, 'submitEvidence', { role: 'merchant' });
  const one = told();
  accepted(model, 'submitEvidence', { role: 'buyer' });
  expect([first, both, one, told()]).toEqual([
    [
      'requestEvidence',
      'Evidence awaited',
      'merchant',
      'evidenceDue',
      'merchant',
      'The operations manager asks for evidence. It is for the merchant to hand it in.',
    ],
    [
      'requestEvidence',
      'Evidence awaited',
      'buyer,merchant',
      'evidenceDue',
      'buyer,merchant',
      'The operations manager asks for evidence. It is for the buyer, merchant to hand it in.',
    ],
    ['submitEvidence', 'Evidence awaited', 'buyer', 'evidenceDue', 'buyer', 'Evidence was handed in.'],
    ['submitEvidence', 'Frozen by an appeal', 'operationsManager', 'decisionDue', 'operationsManager', 'Evidence was handed in.'],
  ]);
});
