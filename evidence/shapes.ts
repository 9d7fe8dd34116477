import { z } from 'zod';
import { eventKinds } from '../lifecycles/instance.ts';
import { roleNames } from '../lifecycles/roles.ts';
import { format, formatVersion, type Kind, kinds } from './format.ts';

/** What a verifier takes a line to hold. Rows of tables that it only counts are read loosely. */
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const link = z.union([z.literal(''), hash]);
const instant = z.iso.datetime({ precision: 3 });
const count = z.int().nonnegative();
const name = z.string().min(1).max(200);
const json = z.record(z.string(), z.unknown());
const value = z.union([z.string(), z.record(z.string(), z.string())]);
const actor = { actor: name, role: z.enum(roleNames), party: z.string().nullable(), via: name };

export const lineShape = z.strictObject({ seq: z.int().positive(), kind: z.enum(kinds), row: json, previous: link, hash });

export const statementShape = z.strictObject({
  format: z.literal(format),
  version: z.literal(formatVersion),
  family: z.uuid(),
  number: name,
  takenAt: instant,
  lines: count,
  last: hash,
  counts: z.partialRecord(z.enum(kinds), count),
  keyId: z.string().regex(/^[0-9a-f]{32}$/),
  publicKey: z.string().max(200),
});
export const headShape = z.strictObject({ statement: statementShape, signature: z.string().max(200) });

export const shapes = {
  bundle: z.object({
    format: z.literal(format),
    version: z.literal(formatVersion),
    family: z.uuid(),
    number: name,
    takenAt: instant,
    clockOffsetMs: z.int(),
    for: z.object({ id: name, role: z.enum(roleNames), party: z.string().nullable() }),
    parties: z.array(z.object({ id: name, kind: z.string(), name: z.string() })),
    software: z.object({ rules: hash }),
  }),
  machine: z.object({ lifecycle: name, version: z.int(), chart: hash.nullable(), declaration: hash.nullable() }),
  policy: z.object({ version: count, lifecycle: name, product: z.string().nullable(), values: json, at: instant, by: z.string(), reason: z.string() }),
  calendar: z.object({
    version: name,
    exact: z.boolean(),
    announcedUntil: z.number(),
    years: z.record(
      z.string().regex(/^\d{4}$/),
      z.array(z.object({ day: z.iso.date(), kind: z.enum(['holiday', 'workday']), name: z.string().nullable() })).max(366),
    ),
  }),
  instance: z.looseObject({
    id: z.uuid(),
    lifecycle: name,
    version: z.int(),
    /** The machine version that it began with. */
    first_version: z.int(),
    number: name,
    family: z.uuid(),
    refs: z.record(z.string(), z.string()),
    buyer: z.string(),
    merchant: z.string(),
    revision: count,
    head: link,
    refusals: count,
    refusal_head: link,
  }),
  refusal: z.strictObject({
    instance_id: z.uuid(),
    no: z.int().positive(),
    at: instant,
    command: z.string(),
    ...actor,
    input: json,
    code: name,
    details: json,
    state: z.string().nullable(),
    previous: link,
    hash,
  }),
  event: z.strictObject({
    instance_id: z.uuid(),
    revision: z.int().positive(),
    kind: z.enum(eventKinds),
    type: name,
    ...actor,
    at: instant,
    input: json,
    reason: z.string().nullable(),
    facts: json,
    before: value.nullable(),
    after: value,
    changes: json,
    snapshot: json.nullable(),
    applied: z.boolean(),
    machine_version: z.int(),
    policy_version: count,
    calendar_version: name,
    idempotency_key: z.string().nullable(),
    expected_revision: z.int().nullable(),
    previous: link,
    hash,
  }),
  deadline: z.looseObject({ instance_id: z.uuid(), key: name, status: z.enum(['armed', 'frozen', 'fired', 'cancelled']), closed_at: instant.nullable() }),
  effect: z.looseObject({ instance_id: z.uuid(), key: name, attempts: count, params: z.unknown(), closed_at: instant.nullable() }),
  attempt: z.looseObject({ instance_id: z.uuid(), effect: name, no: z.int().positive() }),
  incident: z.looseObject({ instance_id: z.uuid(), subject: name, closed_at: instant.nullable() }),
  file: z.looseObject({
    id: z.uuid(),
    name,
    bytes: count,
    sha256: hash,
    party: z.string().nullable(),
    uploaded_by: z.string(),
    steps: z.array(z.strictObject({ instance_id: z.uuid(), revision: z.int() })),
  }),
  message: z.looseObject({ id: z.int(), instance_id: z.uuid(), revision: z.int(), event: name, to_role: name, to_party: z.string().nullable() }),
  delivery: z.looseObject({ id: z.int(), message: z.int() }),
  head: headShape,
} as const satisfies Record<Kind, z.ZodType>;

export type Shaped = { [Name in Kind]: z.output<(typeof shapes)[Name]> };
export type EventLine = Shaped['event'];
export type RefusalLine = Shaped['refusal'];
export type InstanceLine = Shaped['instance'];
