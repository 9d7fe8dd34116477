import { ask, type Question } from '../lifecycles/ask.ts';
import type { Code } from '../lifecycles/codes.ts';
import { coreCommands } from '../lifecycles/core.ts';
import type { Instance } from '../lifecycles/instance.ts';
import { commandNamed, type Registry } from '../lifecycles/registry.ts';
import { maySee } from '../lifecycles/roles.ts';
import { factsOf } from '../lifecycles/standing.ts';
import { actorOf } from './execute.ts';
import type { createSettings } from './setting.ts';
import type { EventLine, RefusalLine } from './shapes.ts';
import { Unfit } from './unfit.ts';

/** What the rules say to a refusal when it is asked for again; `unknown`: what it was decided by is not all kept. */
type Said = 'same' | 'unknown' | { other: string };
type Kept = { row: RefusalLine; line: number; said: Said | null };

/** Refusals that role and state alone decide, whatever facts there were. */
const byState: ReadonlySet<string> = new Set<Code>(['ROLE_NOT_ALLOWED', 'ENDED', 'FROZEN_BY_APPEAL', 'RECORDED_ALREADY', 'WRONG_STATE']);

/**
 * Asks again what was refused (ACT-2), in the state that the instance was in at that instant. A refusal keeps neither its
 * facts nor its reason: where those decide, it is counted as not asked again.
 */
export function createRefusals({ registry, settings }: { registry: Registry; settings: ReturnType<typeof createSettings> }) {
  const kept = new Map<string, Kept[]>();
  return { take, stood, end };

  function take(row: RefusalLine, line: number): void {
    const list = kept.get(row.instance_id) ?? [];
    list.push({ row, line, said: null });
    kept.set(row.instance_id, list);
  }

  function stood(instance: Instance, from: EventLine, until: EventLine | null): void {
    for (const one of kept.get(instance.id) ?? []) {
      if (one.said === 'same' || one.row.at < from.at || (until && one.row.at > until.at)) continue;
      const versions = settings.between(from.policy_version, until?.policy_version ?? settings.newest);
      for (const policy_version of versions) {
        const setting = settings.at({ policy_version, calendar_version: from.calendar_version });
        if (!setting || one.said === 'same') continue;
        const lifecycle = registry.of(instance.lifecycle, instance.version);
        const { policiesOf, calendar } = setting;
        const now = Math.max(Date.parse(one.row.at), instance.at);
        const question = { actor: actorOf(one.row), facts: {}, now, policies: policiesOf(lifecycle, instance.context), calendar };
        const said = saidTo(one.row, { instance, question });
        one.said = one.said === 'unknown' && said !== 'same' ? 'unknown' : said;
      }
    }
  }

  /** @throws Unfit at the first refusal that the rules would not have given */
  function end(numbers: (id: string) => string): { asked: number; notAsked: number } {
    const all = [...kept.values()].flat().sort((one, other) => one.line - other.line);
    for (const { row, line, said } of all) {
      if (typeof said !== 'object' || said === null) continue;
      const place = { line, instance: numbers(row.instance_id), refusal: row.no };
      throw new Unfit('REFUSAL_UNEXPLAINED', { command: row.command, code: row.code, got: said.other }, place);
    }
    const asked = all.filter(({ said }) => said === 'same').length;
    return { asked, notAsked: all.length - asked };
  }

  function saidTo({ command: name, code, input, details }: RefusalLine, { instance, question }: { instance: Instance; question: Question }): Said {
    const lifecycle = registry.of(instance.lifecycle, instance.version);
    const declared = commandNamed(lifecycle, name);
    const isOther = !declared || lifecycle.opening?.name === name;
    const asWas = (so: boolean, other: string): Said => (so ? 'same' : { other });
    const mayBe = (so: boolean): Said => (so ? 'same' : 'unknown');
    if (code === 'NOT_FOUND') return mayBe(!maySee(question.actor, instance.parties, instance.lifecycle) || isOther);
    if (!maySee(question.actor, instance.parties, instance.lifecycle)) return { other: 'NOT_FOUND' };
    if (code === 'STALE') return asWas(details.currentRevision === instance.revision, `revision ${instance.revision}`);
    // of what the door looks at, the key and the reason are not kept
    if (code === 'KEY_REUSED' || (code === 'INVALID' && details.door === 1)) return 'unknown';
    if (isOther) return asWas(code === 'INVALID', 'INVALID');
    const hangsOnFacts = factsOf({ lifecycle, command: declared, actor: question.actor }).length > 0;
    const answer = ask({ lifecycle, instance, question });
    const no = answer.whyNot(name)?.code;
    if (no === code) return 'same';
    if (no || byState.has(code)) return hangsOnFacts && !byState.has(code) ? 'unknown' : { other: no ?? 'yes' };
    const parsed = declared.input.safeParse(input);
    if (code === 'INVALID') return mayBe(!parsed.success);
    if (!parsed.success) return hangsOnFacts || name in coreCommands || 'shortened' in input ? 'unknown' : { other: 'INVALID' };
    const broken = answer.refusalOf(name, parsed.data)?.code;
    if (broken === code) return 'same';
    return hangsOnFacts || 'shortened' in input ? 'unknown' : { other: broken ?? 'yes' };
  }
}
