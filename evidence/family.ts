import type { z } from 'zod';
import type { EvidenceFile } from '../lifecycles/facts.ts';
import type { Registry } from '../lifecycles/registry.ts';
import { createChains } from './chains.ts';
import { fingerprintOf, rulesHash } from './fingerprint.ts';
import { type Kind, kinds, type Line, type Row } from './format.ts';
import { createRefusals } from './refused.ts';
import { createReplay } from './replay.ts';
import { createSettings } from './setting.ts';
import { type InstanceLine, type Shaped, shapes } from './shapes.ts';
import { createTables, type Table } from './tables.ts';
import { short, Unfit } from './unfit.ts';

/** What a bundle's lines mean together; its hashes and its signature are checked elsewhere. */
export type FamilyChecked = {
  refusals: { asked: number; notAsked: number };
  /** Null: only the chains were checked. */
  executed: number | null;
  files: Shaped['file'][];
  /** True where the program's rules differ from those that the bundle was taken with. */
  otherRules: boolean;
  instances: InstanceLine[];
};

const otherRules = {
  zh: '注意：本程序的规则与取证时不同，请用取证时的版本再次验证后再下结论。',
  en: 'Mind that the rules of this program are not those the bundle was taken with: verify with that version before you conclude anything.',
};

/** Checks the family's own chains and executes its log again, line by line as they are read. */
export function createFamily({ registry, chainOnly }: { registry: Registry; chainOnly: boolean }) {
  const machines: Shaped['machine'][] = [];
  const policies: Shaped['policy'][] = [];
  const calendars: Shaped['calendar'][] = [];
  const instances = new Map<string, InstanceLine>();
  const rows = { instances: [] as { row: Row; line: number }[], evidence: new Map<string, EvidenceFile>(), attempts: new Map<string, number>() };
  const files: Shaped['file'][] = [];
  const messages = new Set<number>();
  const chains = createChains(instances);
  const tables = createTables();
  let bundle: Shaped['bundle'] | null = null;
  let begun: ReturnType<typeof begin> | null = null;
  let reached: Kind = 'bundle';
  let logEnded = false;

  const takers = {
    bundle: (row) => {
      bundle = row;
    },
    machine: (row) => void machines.push(row),
    policy: (row) => void policies.push(row),
    calendar: (row) => void calendars.push(row),
    instance: (row, line) => {
      if (row.family !== bundle?.family || instances.has(row.id)) throw new Unfit('UNKNOWN_INSTANCE', { got: row.number }, { line });
      instances.set(row.id, row);
      rows.instances.push({ row, line });
    },
    refusal: (row, line) => {
      chains.refusal(row, line);
      log().refusals?.take(row, line);
    },
    event: (row, line) => {
      chains.event(row, line);
      for (const file of (row.facts.evidence ?? []) as EvidenceFile[]) rows.evidence.set(file.id, file);
      log().replay?.take(row, line);
    },
    deadline: (row, line) => compare('deadline', row, line),
    effect: (row, line) => {
      compare('effect', row, line);
      rows.attempts.set(row.key, row.attempts);
    },
    attempt: (row, line) => {
      const left = rows.attempts.get(row.effect) ?? 0;
      if (left === 0) throw new Unfit('ROW_UNEXPLAINED', { what: { zh: '尝试', en: 'the attempt' }, key: `${row.effect} ${row.no}` }, { line });
      rows.attempts.set(row.effect, left - 1);
    },
    incident: (row, line) => compare('incident', row, line),
    file: (row, line) => {
      const fact = rows.evidence.get(row.id);
      const agrees = fact && fact.name === row.name && fact.sha256 === row.sha256 && fact.bytes === row.bytes;
      const what = { zh: '证据文件', en: 'the evidence file' };
      if (!agrees) throw new Unfit('ROW_UNEXPLAINED', { what, key: `${row.name} (${row.sha256})` }, { line });
      for (const step of row.steps) compare('step', { ...step, file: row.id }, line);
      rows.evidence.delete(row.id);
      files.push(row);
    },
    message: (row, line) => {
      compare('message', row, line);
      messages.add(row.id);
    },
    delivery: (row, line) => {
      if (!messages.has(row.message)) throw new Unfit('ROW_UNEXPLAINED', { what: { zh: '通知投递', en: 'the delivery' }, key: row.id }, { line });
    },
    head: () => {},
  } satisfies { [Name in Kind]: (row: Shaped[Name], line: number) => void };

  return { take, end };

  /** @throws Unfit at the first line that does not fit */
  function take({ seq: line, kind, row }: Line): void {
    if (kinds.indexOf(kind) < kinds.indexOf(reached)) throw new Unfit('LINE_SHAPE', { why: `${kind} after ${reached}` }, { line });
    reached = kind;
    if (kinds.indexOf(kind) > kinds.indexOf('event')) endLog();
    const shaped = (shapes[kind] as z.ZodType).safeParse(row);
    if (!shaped.success)
      throw new Unfit('LINE_SHAPE', { why: short(shaped.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)[0]) }, { line });
    (takers[kind] as (row: unknown, line: number) => void)(shaped.data, line);
  }

  function end(): FamilyChecked {
    const { replay, refusals, unknown, isOther } = log();
    endLog();
    const owed = [...rows.attempts].find(([, left]) => left > 0);
    if (owed) throw new Unfit('ROW_MISSING', { what: { zh: '尝试', en: 'the attempt' }, key: owed[0] });
    for (const { name } of rows.evidence.values()) throw new Unfit('ROW_MISSING', { what: { zh: '证据文件', en: 'the evidence file' }, key: name });
    if (replay) tables.left(isExpected);
    const asked = refusals?.end((id) => instances.get(id)?.number ?? id) ?? { asked: 0, notAsked: 0 };
    if (unknown && !chainOnly) throw new Unfit('NOT_EXECUTABLE', { lifecycle: unknown.lifecycle, version: unknown.version });
    const executed = replay ? [...instances.values()].reduce((sum, { revision }) => sum + revision, 0) : null;
    return { refusals: asked, executed, files, otherRules: isOther, instances: [...instances.values()] };
  }

  function log() {
    begun ??= begin();
    return begun;
  }

  function begin() {
    const known = ({ lifecycle, version }: Shaped['machine']) => registry.all.find((one) => one.name === lifecycle && one.version === version);
    const unknown = machines.find((machine) => !known(machine));
    const isOther = bundle?.software.rules !== rulesHash() || machines.some((machine) => isChanged(machine, known(machine)));
    if (unknown || chainOnly) return { replay: null, refusals: null, unknown, isOther, settings: null };
    const settings = createSettings({ policies, calendars });
    const refusals = createRefusals({ registry, settings });
    const rules = isOther ? otherRules : { zh: '', en: '' };
    const replay = createReplay({ registry, instances, settings, tables, rules, onStood: refusals.stood });
    return { replay, refusals, unknown, isOther, settings };
  }

  /** Once all events are read: both kinds of chains have ended, and each instance is what its log leads to. */
  function endLog(): void {
    if (logEnded) return;
    logEnded = true;
    const { replay } = log();
    chains.ended();
    replay?.end();
    for (const { row, line } of rows.instances) compare('instance', row, line);
  }

  function compare(table: Table, row: Row, line: number): void {
    const { replay, settings, isOther } = log();
    if (!replay) return;
    const rules = isOther ? otherRules : { zh: '', en: '' };
    const but = calendars.every(({ version }) => settings?.isExact(version)) ? [] : ['due_at', 'remaining_ms', 'once_until'];
    tables.compare(table, row, { line, rules, but });
  }

  /** ACT-1: a party's bundle has the messages to that party; an operator's has all. */
  function isExpected(table: Table, { to_role, to_party }: Row): boolean {
    const { role, party } = (bundle as Shaped['bundle']).for;
    return table !== 'message' || role === 'operationsManager' || role === 'system' || (to_role === role && (to_party ?? null) === party);
  }
}

function isChanged({ chart, declaration }: Shaped['machine'], lifecycle: Parameters<typeof fingerprintOf>[0] | undefined): boolean {
  if (!lifecycle || !chart) return false;
  const own = fingerprintOf(lifecycle);
  return own.chart !== chart || own.declaration !== declaration;
}
