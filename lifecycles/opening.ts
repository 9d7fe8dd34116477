import { expectedField, type FieldProblem } from './problem.ts';

/** ORD-5: the actual opening time 服务实际开通时间 that a merchant fills in lies between payment and now. */
export function openingProblems({ openedAt, paidAt, now }: { openedAt: string | undefined; paidAt: number | null; now: number }): FieldProblem[] {
  if (openedAt === undefined) return [];
  const at = Date.parse(openedAt);
  const instant = (ms: number) => new Date(ms).toISOString();
  return [
    ...(paidAt !== null && at < paidAt
      ? [expectedField('openedAt', { zh: `支付（${instant(paidAt)}）之后的时间`, en: `an instant after payment (${instant(paidAt)})` }, openedAt)]
      : []),
    ...(at > now ? [expectedField('openedAt', { zh: `现在（${instant(now)}）之前的时间`, en: `an instant before now (${instant(now)})` }, openedAt)] : []),
  ];
}
