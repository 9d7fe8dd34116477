import { expect, test } from 'vitest';
import type { z } from 'zod';
import { isFinal } from '../../lifecycles/registry.ts';
import { wayNames } from '../../lifecycles/supervision/ways.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { actorFor, file, missingFile } from './cast.ts';
import type { Model } from './drive.ts';
import { accepted, aPendingDecision, aSupervision, said, send, straightWay, supervisionOf, validInput } from './stories.ts';

const { commands } = supervision;
type Name = keyof typeof commands;
const names = Object.keys(commands) as Name[];

/** Every place of the straight ways, running and under appeal, with evidence asked for and with a decision pending. */
const models = wayNames.flatMap((way) =>
  straightWay({ way, scenario: 'baseCloud' })
    .filter(({ model }) => !isFinal(supervision, supervisionOf(model).value))
    .flatMap(({ state, model }) => {
      const appealed = aSupervision({ way, scenario: 'baseCloud', state, appeals: ['buyer'] });
      const asked = appealed.fork();
      accepted(asked, 'requestEvidence', { input: { from: 'buyer' } });
      return [model, appealed, asked, aPendingDecision({ way, scenario: 'baseCloud', state })];
    }),
);

/** A model in which the command is possible, by whom. */
function possible(name: Name): { model: Model; role: (typeof commands)[Name]['by'][number] } {
  for (const model of models)
    for (const role of commands[name].by)
      if (model.whyNot({ instance: supervisionOf(model).id, command: name, actor: actorFor(commands[name], role) }) === null) return { model, role };
  throw new Error(`expected a place where ${name} is possible, got none`);
}

const texts = { bell: 'ding\u0007', null: 'a\u0000b', huge: '好'.repeat(2_001), 'two megabytes': 'x'.repeat(2_000_000), 'half an emoji': '\ud83d' };
const wrongTypes = { null: null, number: 7, object: {}, list: [[]], nothing: '' };

/** Each field of the command in every way that it can be wrong, and the reason. */
function badInputs(name: Name): { what: string; input?: unknown; reason?: string | null }[] {
  const { input, reason } = commands[name];
  const valid = validInput(name, undefined);
  const bad: ReturnType<typeof badInputs> = Object.entries(input.shape as Record<string, z.ZodType>).flatMap(([field, schema]) => {
    const values = field === 'files' || field === 'sow' ? badFiles : { ...wrongTypes, ...badOf[field] };
    return Object.entries(values)
      .filter(([what]) => what !== 'nothing' || !schema.safeParse('').success)
      .map(([what, value]) => ({ what: `${field}: ${what}`, input: { ...valid, [field]: value } }));
  });
  const reasons = { ...texts, ...(reason === 'required' ? { 'no reason': null, 'a blank one': ' \n ' } : {}) };
  return [...bad, ...Object.entries(reasons).map(([what, text]) => ({ what: `reason: ${what}`, reason: text }))];
}
const badFiles = {
  ...wrongTypes,
  'one that nobody uploaded': [missingFile],
  'one of these is not there': [file, missingFile],
  'no id': ['../../etc/passwd'],
  eleven: Array(11).fill(file),
};
const badOf: Record<string, Record<string, unknown>> = {
  comment: texts,
  text: { ...texts, 'only blanks': '   ' },
  systemCode: { short: 'abc', 'with blanks': 'HW 8F 33', 'a script': '<script>', long: 'x'.repeat(201) },
  openedAt: {
    yesterday: 'yesterday',
    'before the payment': '2020-01-01T00:00:00Z',
    'in the future': '2040-01-01T00:00:00Z',
    'no such day': '2026-02-30T00:00:00Z',
  },
  decision: { unknown: 'perhaps', inherited: 'toString' },
  refundAmount: { 'less than nothing': -1, 'a part of 分': 0.5, 'not a number': Number.NaN, endless: Number.POSITIVE_INFINITY, text: '100' },
  from: { 'nobody’s party': 'reviewer', unknown: 'somebody' },
};

test.each(names)('%s: whatever is wrong with its input is INVALID, said in both languages, and changes nothing (ACT-2, SUP-9)', (name) => {
  const { model, role } = possible(name);
  const before = supervisionOf(model);
  const lines = model.log.length;
  const answers = badInputs(name).map(({ what, input, reason }) => {
    const sent = { role, ...(input ? { input: input as Record<string, unknown> } : {}), ...(reason === undefined ? {} : { reason }) };
    const answer = send(model, name, sent);
    if (answer.ok) throw new Error(`${what} was accepted`);
    const { problem } = answer;
    const isInChinese = problem.kind === 'Invalid' && problem.fields.every(({ text }) => /\p{Script=Han}/u.test(text.zh) && !/expected|Invalid/.test(text.zh));
    return [what, problem.code, /\{\w+\}|undefined|\[object/.test(JSON.stringify(problem.details)), isInChinese];
  });
  expect(answers.filter(([, code, unworded, isInChinese]) => code !== 'INVALID' || unworded || !isInChinese)).toEqual([]);
  expect(answers.length).toBeGreaterThan(4);
  expect([supervisionOf(model) === before, model.log.length]).toEqual([true, lines]);
  expect(said(send(model.fork(), name, { role }))).toBe('ok');
});
