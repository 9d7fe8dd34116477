import { type ObstacleRow, obstacleCounts, obstaclesAfter } from '../db/read/exit.ts';
import { unwritableText } from '../db/storable.ts';
import { kindNames, kinds, type ObstacleKind, stops } from '../lifecycles/merchantExit/conditions.ts';
import { recordLink } from '../notifications/link.ts';
import type { Builder } from './builder.ts';
import { type Connections, encodeCursor, isId, isInstant, type PageArgs, pageComplexity, pageFrom, placeIn, sizeOf } from './connection.ts';
import type { Context } from './context.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';

type Check = { merchant: string; counts: Record<ObstacleKind, number> };
type Obstacles = { merchant: string; kind: ObstacleKind; count: number };
type Step = keyof typeof stops;

const isClear = ({ counts }: Check, step: Step): boolean => stops[step].every((kind) => counts[kind] === 0);

const placeOf = (cursor: string | null | undefined) => placeIn(cursor, { at: isInstant, id: isId });

/** EXT-1: what stands in the way of a merchant's exit, by kind, each with its record and a link. */
export function addExitCheck(
  builder: Builder,
  { lifecycles, connections, texts: { text } }: { lifecycles: Lifecycles; connections: Connections; texts: Texts },
): void {
  const kind = builder.enumType('ExitObstacleKind', {
    values: Object.fromEntries(kindNames.map((name) => [name, { description: `${kinds[name].en} ${kinds[name].zh}` }])) as Record<
      ObstacleKind,
      { description: string }
    >,
  });
  const step = builder.enumType('ExitStep', {
    values: {
      apply: { description: 'The application 申请.' },
      freeze: { description: 'The freeze, where the conditions are checked again 冻结.' },
      clear: { description: 'The clearing out 清退.' },
    } satisfies Record<Step, { description: string }>,
  });
  const obstacle = builder.objectRef<ObstacleRow>('ExitObstacle').implement({
    fields: (t) => ({
      number: t.exposeString('number'),
      record: t.field({ type: lifecycles.lifecycle, resolve: async ({ id }, _args, { reads }) => (await reads.instances.load(id)) as never }),
      link: t.string({
        nullable: true,
        description: 'Its page in the console; null where there is none.',
        resolve: ({ number }, _args, { core }) => recordLink(core.consoleUrl, number),
      }),
    }),
  });
  const connection = connections.connectionOf('ExitObstacle', obstacle);
  const obstacles = builder.objectRef<Obstacles>('ExitObstacles').implement({
    description: 'Everything of one kind that stands in the way.',
    fields: (t) => ({
      kind: t.field({ type: kind, resolve: (parent) => parent.kind }),
      label: t.string(text<Obstacles>((parent) => kinds[parent.kind])),
      count: t.exposeInt('count'),
      stops: t.field({
        type: [step],
        description: 'The steps that it stops.',
        resolve: (parent) => (Object.keys(stops) as Step[]).filter((name) => (stops[name] as readonly ObstacleKind[]).includes(parent.kind)),
      }),
      records: t.field({
        type: connection,
        description: 'Oldest first.',
        args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
        complexity: pageComplexity,
        resolve: async ({ merchant, kind: of, count }, args: PageArgs, { reads }: Context) => {
          const { limit } = sizeOf(args);
          const after = placeOf(args.after);
          const rows = await obstaclesAfter(reads.reader, { merchant, kind: of, after, limit });
          const cursorOf = ({ createdAt, id }: ObstacleRow) => encodeCursor([createdAt, id]);
          return {
            ...pageFrom(rows, { limit, backwards: false, hasOther: after !== null, cursorOf }),
            count: async () => ({ value: Math.min(count, 10_001), exact: count <= 10_000 }),
          };
        },
      }),
    }),
  });
  const check = builder.objectRef<Check>('ExitCheck').implement({
    fields: (t) => ({
      merchant: t.exposeString('merchant'),
      mayApply: t.boolean({ description: 'Nothing stands in the way of the application (EXT-1).', resolve: (parent) => isClear(parent, 'apply') }),
      mayFreeze: t.boolean({ description: 'Nothing stands in the way of the freeze (EXT-2).', resolve: (parent) => isClear(parent, 'freeze') }),
      mayClear: t.boolean({ description: 'Nothing stands in the way of the clearing out (EXT-3).', resolve: (parent) => isClear(parent, 'clear') }),
      obstacles: t.field({
        type: [obstacles],
        description: 'The kinds of which there are some.',
        resolve: ({ merchant, counts }) => kindNames.flatMap((of) => (counts[of] > 0 ? [{ merchant, kind: of, count: counts[of] }] : [])),
      }),
    }),
  });
  builder.queryField('exitCheck', (t) =>
    t.field({
      type: check,
      nullable: true,
      description: 'What stands in the way of a merchant’s exit, at this moment (EXT-1). Null for a merchant other than the caller’s own.',
      args: { merchant: t.arg.string({ required: true }) },
      authScopes: { as: ['merchant', 'operationsManager', 'reviewer', 'system'] },
      complexity: 100,
      resolve: async (_root, { merchant }, { actor, reads }) => {
        if (unwritableText(merchant, 'merchant').length > 0 || (actor.role === 'merchant' && actor.party !== merchant)) return null;
        return { merchant, counts: await obstacleCounts(reads.reader, merchant) };
      },
    }),
  );
}
