import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { seeded } from '../faults/random.ts';
import { file } from './cast.ts';
import type { Model } from './drive.ts';
import { type Happening, happen, happenings } from './happenings.ts';
import { nothingYet, type Observed, observe } from './invariants.ts';
import { accepted, anOrder, aPaidOrder, aPendingDecision, aService, aSupervision, aTermination, synchronised } from './stories.ts';

const runs = Number(process.env.STEWARD_RUNS ?? 100_000);
const { seed } = seeded();

type Place = { model: Model; known: Observed; depth: number; next: Map<string, Place> };
const starts: Record<string, () => Model> = {
  'a placed order': () => anOrder({ scenario: 'empowermentCloud' }),
  'an unsupervised order': () => aPaidOrder({ product: 'saas-automatic', period: { unit: 'year', count: 1 } }),
  'an image': () => anOrder({ product: 'image', period: null }),
  'an order on the last of January': () => aPaidOrder({ now: Date.parse('2026-01-31T23:30:00+08:00') }),
  'a supervision with review': () => aSupervision({ scenario: 'baseCloud', period: { unit: 'month', count: 13 } }),
  'a human service': () => aSupervision({ way: 'humanService', state: 'awaitingRequirement', scenario: 'baseCloud' }),
  'a human service under way': () => aSupervision({ way: 'humanService', state: 'awaitingDelivery' }),
  'a code that is issued': () => aSupervision({ way: 'licenseOnlineCode', state: 'issuingCode' }),
  'a code that is claimed': () => aSupervision({ way: 'licenseOnlineCode', state: 'awaitingActivation', scenario: 'baseCloud' }),
  'a claimed code under appeal': () => aSupervision({ way: 'licenseOnlineCode', state: 'awaitingActivation', appeals: ['buyer'] }),
  'a proof that is due': () => aSupervision({ way: 'licenseOnlineCode', state: 'awaitingProof' }),
  'an online licence': () => aSupervision({ way: 'licenseOnline', state: 'awaitingSystemCode' }),
  'an offline licence': () => aSupervision({ way: 'licenseOffline', scenario: 'empowermentCloud' }),
  'a package': () => aSupervision({ way: 'softwarePackage', policies: { supervision: { autoAcceptAfter: 3 } } }),
  'a package under appeal': () => aSupervision({ way: 'softwarePackage', state: 'awaitingCompletion', appeals: ['merchant'] }),
  'a termination': () => aTermination({ way: 'humanService', state: 'awaitingAcceptance' }),
  'a decision that awaits a second person': () => aPendingDecision({ state: 'awaitingAcceptance' }),
  'a case in which two persons decide': () =>
    aSupervision({ state: 'synchronising', appeals: ['merchant'], policies: { supervision: { secondPersonAbove: 1 } } }),
  'a delivery': () => aSupervision({ state: 'awaitingAcceptance' }),
  'a delivery under appeal': () => aSupervision({ state: 'awaitingAcceptance', appeals: ['merchant'] }),
  'an acceptance of what was opened before': () => {
    const model = aSupervision();
    const openedAt = new Date(model.now).toISOString();
    model.advance(3_600_000);
    accepted(model, 'uploadAcceptance', { input: { files: [file], openedAt } });
    accepted(model, 'acceptDelivery');
    model.advance(1_800_000);
    return model;
  },
  'an acceptance': () => aSupervision({ state: 'accepted' }),
  'an acceptance under appeal': () => aSupervision({ state: 'accepted', appeals: ['buyer'] }),
  'a synchronisation': () => aSupervision({ state: 'synchronising' }),
  'a synchronisation under two appeals': () => aSupervision({ state: 'synchronising', appeals: ['buyer', 'merchant'] }),
  'a result under appeal': () => {
    const model = aSupervision({ state: 'synchronising', appeals: ['buyer'] });
    synchronised(model);
    return model;
  },
  'a service': () => aService({ product: 'saas-automatic' }),
};
const places = new Map<string, Place>();
/** Worked out, not counting what was worked out before. */
const counts = { happenings: 0, refused: 0, accepted: 0, frozen: 0, finished: 0 };

/** Made when it is first gone from: a start whose own past breaks a promise fails the test, not the file. */
function startAt(name: string): Place {
  const place = places.get(name) ?? placeOf((starts[name] as () => Model)());
  places.set(name, place);
  return place;
}

/** A start's own past is observed line by line as if it had just happened. */
function placeOf(model: Model): Place {
  const empty = { ...model, log: [], instances: new Map() } as unknown as Model;
  return { model, known: observe(nothingYet, empty, model, null), depth: 0, next: new Map() };
}

/**
 * One happening further. The rules are pure, so what follows from a place in two changes or less is worked out once for
 * all sequences that pass there; a refusal, which is shown to change nothing, leads back to the same place.
 */
function step(place: Place, happening: Happening): Place {
  const key = place.depth < 2 ? JSON.stringify(happening) : '';
  const followed = place.next.get(key);
  if (followed) return followed;
  const model = place.model.fork();
  const outcome = happen(model, happening);
  const known = observe(place.known, place.model, model, outcome);
  counts.happenings += 1;
  if (outcome) counts[outcome.answer.ok ? 'accepted' : 'refused'] += 1;
  const next = outcome?.answer.ok === false ? place : { model, known, depth: place.depth + 1, next: new Map() };
  if (place.depth < 2) place.next.set(key, next);
  return next;
}

test(`${runs.toLocaleString('en')} random sequences keep every promise of the rules`, { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(starts)), fc.array(happenings, { minLength: 1, maxLength: 8, size: 'max' }), (start, sequence) => {
      let place = startAt(start);
      for (const happening of sequence) place = step(place, happening);
      const value = place.model.only('supervision')?.value;
      if (typeof value === 'object' && value.freeze === 'frozen') counts.frozen += 1;
      if (typeof value === 'object' && value.progress === 'finished') counts.finished += 1;
    }),
    { numRuns: runs, seed },
  );
  // a walk that never gets anywhere would keep every promise too
  expect(counts.accepted).toBeGreaterThan(runs / 10);
  expect(counts.refused).toBeGreaterThan(runs / 20);
  expect(counts.frozen).toBeGreaterThan(runs / 10);
  expect(counts.finished).toBeGreaterThan(runs / 50);
});

afterAll(() => {
  console.log(
    `seed ${seed} (STEWARD_SEED=${seed} repeats it): ${runs} sequences, ${JSON.stringify(counts)}, ${Math.round(process.cpuUsage().user / 1e6)} s of CPU`,
  );
});
