import { afterAll, describe, expect, test } from 'vitest';
import { messageOf } from '../../lifecycles/problem.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { type Way, wayNames } from '../../lifecycles/supervision/ways.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { cast, minute } from './cast.ts';
import type { Model } from './drive.ts';
import { type Column, matrix, stateAndFreeze, table } from './matrix.ts';
import { asked, wordsOfRefund, worked } from './refunds.ts';
import { branchesIn, branchesOf } from './replay.ts';
import { accepted, aPendingDecision, aSupervision, aTermination, said, send, straightWay, supervisionOf, synchronised } from './stories.ts';

const met = new Set<string>();
const seen = (model: Model) => {
  for (const branch of branchesIn(model, 'supervision')) met.add(branch);
};
const decisions = {
  dismiss: { decision: 'dismiss' },
  redeliver: { decision: 'redeliver' },
  complete: { decision: 'complete' },
  terminate: { decision: 'terminate', refundAmount: 50_00 },
};
const variants = { decideAppeal: decisions };
/** The states of a way, each with the model that has come there; a termination of its own at the end. */
const columnsOf = (way: Way, scenario = 'none', appeals: readonly Role[] = []): Column[] =>
  [...straightWay({ way, scenario }), { state: 'terminating', model: aTermination({ way, scenario, state: firstOf(way) }) }].flatMap(({ state, model }) => {
    if (appeals.length > 0 && state === 'finished') return [];
    for (const role of appeals) accepted(model, 'fileAppeal', { role });
    return [{ name: state, model }];
  });
const firstOf = (way: Way) => straightWay({ way })[0]?.state ?? '';
const tableOf = (way: Way, scenario = 'none') => matrix({ lifecycle: supervision, columns: columnsOf(way, scenario), variants: {}, seen });

describe('who can do what in which state of which way (SUP-2)', () => {
  test('SaaS', () => {
    expect(tableOf('saas')).toMatchInlineSnapshot(`
      "
                                           awaitingDelivery      awaitingAcceptance      accepted             synchronising        finished  terminating
      uploadAcceptance  merchant           → awaitingAcceptance  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview        reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview      reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery    buyer              WRONG_STATE           → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery    buyer              WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant    buyer              → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal        buyer, merchant    → awaitingDelivery ❄  → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal    buyer, merchant    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence   operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence    buyer, merchant    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal      operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision   operationsManager  NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision    operationsManager  WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('SaaS with a review by 华为云复核', () => {
    expect(tableOf('saas', 'empowermentCloud')).toMatchInlineSnapshot(`
      "
                                           awaitingDelivery      awaitingReview        awaitingAcceptance      accepted             synchronising        finished  terminating
      uploadAcceptance  merchant           → awaitingReview      WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview        reviewer           WRONG_STATE           → awaitingAcceptance  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview      reviewer           WRONG_STATE           → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery    buyer              WRONG_STATE           WRONG_STATE           → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery    buyer              WRONG_STATE           WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant    buyer              → awaitingDelivery    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal        buyer, merchant    → awaitingDelivery ❄  → awaitingReview ❄    → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal    buyer, merchant    WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence   operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence    buyer, merchant    WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal      operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision   operationsManager  NO_DECISION_PENDING   NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision    operationsManager  WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('a human service', () => {
    expect(tableOf('humanService')).toMatchInlineSnapshot(`
      "
                                               awaitingRequirement      awaitingConfirmation      awaitingDelivery      awaitingAcceptance      accepted             synchronising        finished  terminating
      fileRequirement       buyer              → awaitingConfirmation   WRONG_STATE               WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      confirmRequirement    merchant           WRONG_STATE              → awaitingDelivery        WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      rejectRequirement     merchant           WRONG_STATE              → awaitingRequirement     WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      uploadImplementation  merchant           WRONG_STATE              WRONG_STATE               → awaitingAcceptance  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview            reviewer           WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview          reviewer           WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery        buyer              WRONG_STATE              WRONG_STATE               WRONG_STATE           → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery        buyer              WRONG_STATE              WRONG_STATE               WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant        buyer              WRONG_STATE              → awaitingConfirmation    → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal            buyer, merchant    → awaitingRequirement ❄  → awaitingConfirmation ❄  → awaitingDelivery ❄  → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal        buyer, merchant    WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence       operationsManager  NO_APPEAL_STANDS         NO_APPEAL_STANDS          NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence        buyer, merchant    WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal          operationsManager  NO_APPEAL_STANDS         NO_APPEAL_STANDS          NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision       operationsManager  NO_DECISION_PENDING      NO_DECISION_PENDING       NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision        operationsManager  WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('a human service with a review', () => {
    expect(tableOf('humanService', 'baseCloud')).toMatchInlineSnapshot(`
      "
                                               awaitingRequirement      awaitingConfirmation      awaitingDelivery      awaitingReview        awaitingAcceptance      accepted             synchronising        finished  terminating
      fileRequirement       buyer              → awaitingConfirmation   WRONG_STATE               WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      confirmRequirement    merchant           WRONG_STATE              → awaitingDelivery        WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      rejectRequirement     merchant           WRONG_STATE              → awaitingRequirement     WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      uploadImplementation  merchant           WRONG_STATE              WRONG_STATE               → awaitingReview      WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview            reviewer           WRONG_STATE              WRONG_STATE               WRONG_STATE           → awaitingAcceptance  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview          reviewer           WRONG_STATE              WRONG_STATE               WRONG_STATE           → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery        buyer              WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE           → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery        buyer              WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant        buyer              WRONG_STATE              → awaitingConfirmation    → awaitingDelivery    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal            buyer, merchant    → awaitingRequirement ❄  → awaitingConfirmation ❄  → awaitingDelivery ❄  → awaitingReview ❄    → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal        buyer, merchant    WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence       operationsManager  NO_APPEAL_STANDS         NO_APPEAL_STANDS          NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence        buyer, merchant    WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal          operationsManager  NO_APPEAL_STANDS         NO_APPEAL_STANDS          NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision       operationsManager  NO_DECISION_PENDING      NO_DECISION_PENDING       NO_DECISION_PENDING   NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision        operationsManager  WRONG_STATE              WRONG_STATE               WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('an online code, accepted by its proof', () => {
    expect(tableOf('licenseOnlineCode')).toMatchInlineSnapshot(`
      "
                                           issuingCode          awaitingDelivery      awaitingClaim         awaitingActivation      awaitingProof        accepted             synchronising        finished  terminating
      deliverCode       merchant           WRONG_STATE          → awaitingClaim       WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      claimCode         buyer              WRONG_STATE          WRONG_STATE           → awaitingActivation  WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      recordActivation  system             WRONG_STATE          CODE_NOT_CLAIMED      CODE_NOT_CLAIMED      → awaitingProof         WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      uploadProof       merchant           WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             → accepted           WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview        reviewer           WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview      reviewer           WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery    buyer              WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery    buyer              WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant    buyer              WRONG_STATE          → awaitingDelivery    WRONG_STATE           → awaitingActivation    → awaitingProof      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal        buyer, merchant    → issuingCode ❄      → awaitingDelivery ❄  → awaitingClaim ❄     → awaitingActivation ❄  → awaitingProof ❄    → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal    buyer, merchant    WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence   operationsManager  NO_APPEAL_STANDS     NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence    buyer, merchant    WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal      operationsManager  NO_APPEAL_STANDS     NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision   operationsManager  NO_DECISION_PENDING  NO_DECISION_PENDING   NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision    operationsManager  WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, submitSystemCode, deliverLicence, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('an online code with a review', () => {
    expect(tableOf('licenseOnlineCode', 'baseCloud')).toMatchInlineSnapshot(`
      "
                                           issuingCode          awaitingDelivery      awaitingClaim         awaitingActivation      awaitingProof        awaitingReview        awaitingAcceptance      accepted             synchronising        finished  terminating
      deliverCode       merchant           WRONG_STATE          → awaitingClaim       WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      claimCode         buyer              WRONG_STATE          WRONG_STATE           → awaitingActivation  WRONG_STATE             WRONG_STATE          WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      recordActivation  system             WRONG_STATE          CODE_NOT_CLAIMED      CODE_NOT_CLAIMED      → awaitingProof         WRONG_STATE          WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      uploadProof       merchant           WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             → awaitingReview     WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview        reviewer           WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          → awaitingAcceptance  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview      reviewer           WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          → awaitingProof       WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery    buyer              WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE           → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery    buyer              WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE           → awaitingProof         WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant    buyer              WRONG_STATE          → awaitingDelivery    WRONG_STATE           → awaitingActivation    → awaitingProof      WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal        buyer, merchant    → issuingCode ❄      → awaitingDelivery ❄  → awaitingClaim ❄     → awaitingActivation ❄  → awaitingProof ❄    → awaitingReview ❄    → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal    buyer, merchant    WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence   operationsManager  NO_APPEAL_STANDS     NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence    buyer, merchant    WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal      operationsManager  NO_APPEAL_STANDS     NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision   operationsManager  NO_DECISION_PENDING  NO_DECISION_PENDING   NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision    operationsManager  WRONG_STATE          WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, submitSystemCode, deliverLicence, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('an online licence', () => {
    expect(tableOf('licenseOnline')).toMatchInlineSnapshot(`
      "
                                           awaitingSystemCode      awaitingDelivery      awaitingAcceptance      accepted             synchronising        finished  terminating
      submitSystemCode  buyer              → awaitingDelivery      WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      deliverLicence    merchant           WRONG_STATE             → awaitingAcceptance  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview        reviewer           WRONG_STATE             WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview      reviewer           WRONG_STATE             WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery    buyer              WRONG_STATE             WRONG_STATE           → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery    buyer              WRONG_STATE             WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant    buyer              WRONG_STATE             → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal        buyer, merchant    → awaitingSystemCode ❄  → awaitingDelivery ❄  → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal    buyer, merchant    WRONG_STATE             WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence   operationsManager  NO_APPEAL_STANDS        NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence    buyer, merchant    WRONG_STATE             WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal      operationsManager  NO_APPEAL_STANDS        NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision   operationsManager  NO_DECISION_PENDING     NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision    operationsManager  WRONG_STATE             WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('an online licence with a review', () => {
    expect(tableOf('licenseOnline', 'baseCloud')).toMatchInlineSnapshot(`
      "
                                           awaitingSystemCode      awaitingDelivery      awaitingReview        awaitingAcceptance      accepted             synchronising        finished  terminating
      submitSystemCode  buyer              → awaitingDelivery      WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      deliverLicence    merchant           WRONG_STATE             → awaitingReview      WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview        reviewer           WRONG_STATE             WRONG_STATE           → awaitingAcceptance  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview      reviewer           WRONG_STATE             WRONG_STATE           → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery    buyer              WRONG_STATE             WRONG_STATE           WRONG_STATE           → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery    buyer              WRONG_STATE             WRONG_STATE           WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant    buyer              WRONG_STATE             → awaitingDelivery    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal        buyer, merchant    → awaitingSystemCode ❄  → awaitingDelivery ❄  → awaitingReview ❄    → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal    buyer, merchant    WRONG_STATE             WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence   operationsManager  NO_APPEAL_STANDS        NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence    buyer, merchant    WRONG_STATE             WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal      operationsManager  NO_APPEAL_STANDS        NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision   operationsManager  NO_DECISION_PENDING     NO_DECISION_PENDING   NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision    operationsManager  WRONG_STATE             WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('an offline licence', () => {
    expect(tableOf('licenseOffline')).toMatchInlineSnapshot(`
      "
                                                 awaitingDelivery      awaitingAcceptance      accepted             synchronising        finished  terminating
      confirmOfflineDelivery  merchant           → awaitingAcceptance  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview              reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview            reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery          buyer              WRONG_STATE           → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery          buyer              WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant          buyer              → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal              buyer, merchant    → awaitingDelivery ❄  → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal          buyer, merchant    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence         operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence          buyer, merchant    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal            operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision         operationsManager  NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision          operationsManager  WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('an offline licence with a review', () => {
    expect(tableOf('licenseOffline', 'baseCloud')).toMatchInlineSnapshot(`
      "
                                                 awaitingDelivery      awaitingReview        awaitingAcceptance      accepted             synchronising        finished  terminating
      confirmOfflineDelivery  merchant           → awaitingReview      WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview              reviewer           WRONG_STATE           → awaitingAcceptance  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview            reviewer           WRONG_STATE           → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery          buyer              WRONG_STATE           WRONG_STATE           → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery          buyer              WRONG_STATE           WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant          buyer              → awaitingDelivery    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal              buyer, merchant    → awaitingDelivery ❄  → awaitingReview ❄    → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal          buyer, merchant    WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence         operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence          buyer, merchant    WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal            operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision         operationsManager  NO_DECISION_PENDING   NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision          operationsManager  WRONG_STATE           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('a software package', () => {
    expect(tableOf('softwarePackage')).toMatchInlineSnapshot(`
      "
                                            awaitingDelivery      awaitingCompletion      accepted             synchronising        finished  terminating
      reportDeployment   merchant           → awaitingCompletion  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      confirmCompletion  buyer              → accepted            → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview         reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview       reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery     buyer              WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery     buyer              WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant     buyer              → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal         buyer, merchant    → awaitingDelivery ❄  → awaitingCompletion ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal     buyer, merchant    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence    operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence     buyer, merchant    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal       operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision    operationsManager  NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision     operationsManager  WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, confirmOfflineDelivery
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('a software package is not reviewed', () => {
    expect(tableOf('softwarePackage', 'baseCloud')).toMatchInlineSnapshot(`
      "
                                            awaitingDelivery      awaitingCompletion      accepted             synchronising        finished  terminating
      reportDeployment   merchant           → awaitingCompletion  WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      confirmCompletion  buyer              → accepted            → accepted              WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      passReview         reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnReview       reviewer           WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      acceptDelivery     buyer              WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      returnDelivery     buyer              WRONG_STATE           → awaitingDelivery      WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      remindMerchant     buyer              → awaitingDelivery    WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      fileAppeal         buyer, merchant    → awaitingDelivery ❄  → awaitingCompletion ❄  → accepted ❄         → synchronising ❄    ENDED     → terminating ❄
      withdrawAppeal     buyer, merchant    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      requestEvidence    operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      submitEvidence     buyer, merchant    WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      decideAppeal       operationsManager  NO_APPEAL_STANDS      NO_APPEAL_STANDS        NO_APPEAL_STANDS     NO_APPEAL_STANDS     ENDED     NO_APPEAL_STANDS
      confirmDecision    operationsManager  NO_DECISION_PENDING   NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  ENDED     WRONG_STATE
      rejectDecision     operationsManager  WRONG_STATE           WRONG_STATE             WRONG_STATE          WRONG_STATE          ENDED     WRONG_STATE
      WRONG_WAY: uploadAcceptance, fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, confirmOfflineDelivery
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });

  test('frozen by the buyer’s appeal: nothing but the appeal’s own steps (SUP-5, SUP-6)', () => {
    expect(matrix({ lifecycle: supervision, columns: columnsOf('saas', 'baseCloud', ['buyer']), variants, seen })).toMatchInlineSnapshot(`
      "
                                                   awaitingDelivery      awaitingReview       awaitingAcceptance      accepted             synchronising        terminating
      uploadAcceptance          merchant           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      passReview                reviewer           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      returnReview              reviewer           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      acceptDelivery            buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      returnDelivery            buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      remindMerchant            buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      fileAppeal                buyer              APPEAL_STANDS         APPEAL_STANDS        APPEAL_STANDS           APPEAL_STANDS        APPEAL_STANDS        APPEAL_STANDS
      fileAppeal                merchant           → awaitingDelivery ❄  → awaitingReview ❄   → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    → terminating ❄
      withdrawAppeal            buyer              → awaitingDelivery    → awaitingReview     → awaitingAcceptance    → accepted           → synchronising      → terminating
      withdrawAppeal            merchant           NO_APPEAL_OF_YOURS    NO_APPEAL_OF_YOURS   NO_APPEAL_OF_YOURS      NO_APPEAL_OF_YOURS   NO_APPEAL_OF_YOURS   NO_APPEAL_OF_YOURS
      requestEvidence           operationsManager  → awaitingDelivery ❄  → awaitingReview ❄   → awaitingAcceptance ❄  → accepted ❄         → synchronising ❄    → terminating ❄
      submitEvidence            buyer, merchant    WRONG_STATE           WRONG_STATE          WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE
      decideAppeal (dismiss)    operationsManager  → awaitingDelivery    → awaitingReview     → awaitingAcceptance    → accepted           → synchronising      → terminating
      decideAppeal (redeliver)  operationsManager  NOTHING_DELIVERED     → awaitingDelivery   → awaitingDelivery      → awaitingDelivery   → awaitingDelivery   REFUND_ORDERED
      decideAppeal (complete)   operationsManager  → accepted            → accepted           → accepted              → accepted           → synchronising      REFUND_ORDERED
      decideAppeal (terminate)  operationsManager  → terminating         → terminating        → terminating           → terminating        → terminating        REFUND_ORDERED
      confirmDecision           operationsManager  NO_DECISION_PENDING   NO_DECISION_PENDING  NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  NO_DECISION_PENDING
      rejectDecision            operationsManager  NO_DECISION_PENDING   NO_DECISION_PENDING  NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  NO_DECISION_PENDING
      WRONG_WAY: fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });
  test('frozen by both parties’ appeals: withdrawing one leaves the other (SUP-5)', () => {
    expect(matrix({ lifecycle: supervision, columns: columnsOf('licenseOnlineCode', 'none', ['buyer', 'merchant']), variants, seen })).toMatchInlineSnapshot(`
      "
                                                   issuingCode          awaitingDelivery      awaitingClaim        awaitingActivation      awaitingProof        accepted             synchronising        terminating
      deliverCode               merchant           FROZEN_BY_APPEAL     FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      claimCode                 buyer              FROZEN_BY_APPEAL     FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      recordActivation          system             WRONG_STATE          CODE_NOT_CLAIMED      CODE_NOT_CLAIMED     → awaitingActivation ❄  WRONG_STATE          WRONG_STATE          WRONG_STATE          WRONG_STATE
      uploadProof               merchant           FROZEN_BY_APPEAL     FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      passReview                reviewer           FROZEN_BY_APPEAL     FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      returnReview              reviewer           FROZEN_BY_APPEAL     FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      acceptDelivery            buyer              FROZEN_BY_APPEAL     FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      returnDelivery            buyer              FROZEN_BY_APPEAL     FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      remindMerchant            buyer              FROZEN_BY_APPEAL     FROZEN_BY_APPEAL      FROZEN_BY_APPEAL     FROZEN_BY_APPEAL        FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL     FROZEN_BY_APPEAL
      fileAppeal                buyer, merchant    APPEAL_STANDS        APPEAL_STANDS         APPEAL_STANDS        APPEAL_STANDS           APPEAL_STANDS        APPEAL_STANDS        APPEAL_STANDS        APPEAL_STANDS
      withdrawAppeal            buyer, merchant    → issuingCode ❄      → awaitingDelivery ❄  → awaitingClaim ❄    → awaitingActivation ❄  → awaitingProof ❄    → accepted ❄         → synchronising ❄    → terminating ❄
      requestEvidence           operationsManager  → issuingCode ❄      → awaitingDelivery ❄  → awaitingClaim ❄    → awaitingActivation ❄  → awaitingProof ❄    → accepted ❄         → synchronising ❄    → terminating ❄
      submitEvidence            buyer, merchant    WRONG_STATE          WRONG_STATE           WRONG_STATE          WRONG_STATE             WRONG_STATE          WRONG_STATE          WRONG_STATE          WRONG_STATE
      decideAppeal (dismiss)    operationsManager  → issuingCode        → awaitingDelivery    → awaitingClaim      → awaitingActivation    → awaitingProof      → accepted           → synchronising      → terminating
      decideAppeal (redeliver)  operationsManager  NOTHING_DELIVERED    NOTHING_DELIVERED     → awaitingDelivery   → awaitingDelivery      → awaitingProof      → awaitingProof      → awaitingProof      REFUND_ORDERED
      decideAppeal (complete)   operationsManager  → accepted           → accepted            → accepted           → accepted              → accepted           → accepted           → synchronising      REFUND_ORDERED
      decideAppeal (terminate)  operationsManager  → terminating        → terminating         → terminating        → terminating           → terminating        → terminating        → terminating        REFUND_ORDERED
      confirmDecision           operationsManager  NO_DECISION_PENDING  NO_DECISION_PENDING   NO_DECISION_PENDING  NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  NO_DECISION_PENDING  NO_DECISION_PENDING
      rejectDecision            operationsManager  NO_DECISION_PENDING  NO_DECISION_PENDING   NO_DECISION_PENDING  NO_DECISION_PENDING     NO_DECISION_PENDING  NO_DECISION_PENDING  NO_DECISION_PENDING  NO_DECISION_PENDING
      WRONG_WAY: uploadAcceptance, fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, submitSystemCode, deliverLicence, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
  });

  test('a termination above the limit awaits a second person: nothing else is asked or decided meanwhile (ACT-3)', () => {
    const columns = [...straightWay({ scenario: 'baseCloud' }).slice(0, -1)].map(({ state }) => ({
      name: state,
      model: aPendingDecision({ scenario: 'baseCloud', state }),
    }));
    const both = columns.map(({ name, model }) => {
      const appealed = model.fork();
      accepted(appealed, 'fileAppeal', { role: 'merchant' });
      return { name: `${name}, both`, model: appealed };
    });
    expect(matrix({ lifecycle: supervision, columns: [...columns, ...both.slice(0, 1)], variants, seen })).toMatchInlineSnapshot(`
      "
                                                   awaitingDelivery      awaitingReview      awaitingAcceptance      accepted            synchronising       awaitingDelivery, both
      uploadAcceptance          merchant           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      passReview                reviewer           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      returnReview              reviewer           FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      acceptDelivery            buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      returnDelivery            buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      remindMerchant            buyer              FROZEN_BY_APPEAL      FROZEN_BY_APPEAL    FROZEN_BY_APPEAL        FROZEN_BY_APPEAL    FROZEN_BY_APPEAL    FROZEN_BY_APPEAL
      fileAppeal                buyer              APPEAL_STANDS         APPEAL_STANDS       APPEAL_STANDS           APPEAL_STANDS       APPEAL_STANDS       APPEAL_STANDS
      fileAppeal                merchant           → awaitingDelivery ❄  → awaitingReview ❄  → awaitingAcceptance ❄  → accepted ❄        → synchronising ❄   APPEAL_STANDS
      withdrawAppeal            buyer              → awaitingDelivery    → awaitingReview    → awaitingAcceptance    → accepted          → synchronising     → awaitingDelivery ❄
      withdrawAppeal            merchant           NO_APPEAL_OF_YOURS    NO_APPEAL_OF_YOURS  NO_APPEAL_OF_YOURS      NO_APPEAL_OF_YOURS  NO_APPEAL_OF_YOURS  → awaitingDelivery ❄
      requestEvidence           operationsManager  DECISION_PENDING      DECISION_PENDING    DECISION_PENDING        DECISION_PENDING    DECISION_PENDING    DECISION_PENDING
      submitEvidence            buyer, merchant    WRONG_STATE           WRONG_STATE         WRONG_STATE             WRONG_STATE         WRONG_STATE         WRONG_STATE
      decideAppeal (dismiss)    operationsManager  DECISION_PENDING      DECISION_PENDING    DECISION_PENDING        DECISION_PENDING    DECISION_PENDING    DECISION_PENDING
      decideAppeal (redeliver)  operationsManager  DECISION_PENDING      DECISION_PENDING    DECISION_PENDING        DECISION_PENDING    DECISION_PENDING    DECISION_PENDING
      decideAppeal (complete)   operationsManager  DECISION_PENDING      DECISION_PENDING    DECISION_PENDING        DECISION_PENDING    DECISION_PENDING    DECISION_PENDING
      decideAppeal (terminate)  operationsManager  DECISION_PENDING      DECISION_PENDING    DECISION_PENDING        DECISION_PENDING    DECISION_PENDING    DECISION_PENDING
      confirmDecision           operationsManager  → terminating         → terminating       → terminating           → terminating       → terminating       → terminating
      rejectDecision            operationsManager  → awaitingDelivery ❄  → awaitingReview ❄  → awaitingAcceptance ❄  → accepted ❄        → synchronising ❄   → awaitingDelivery ❄
      WRONG_WAY: fileRequirement, confirmRequirement, rejectRequirement, uploadImplementation, deliverCode, claimCode, recordActivation, uploadProof, submitSystemCode, deliverLicence, confirmOfflineDelivery, reportDeployment, confirmCompletion
      everything else: ROLE_NOT_ALLOWED; for serviceProvider and enterpriseAdmin: NOT_FOUND
      "
    `);
    for (const { model } of wayNames.flatMap((way) =>
      straightWay({ way, scenario: 'baseCloud' })
        .slice(0, -1)
        .map(({ state }) => ({ model: aPendingDecision({ way, scenario: 'baseCloud', state }) })),
    )) {
      accepted(model, 'confirmDecision');
      seen(model);
      expect(stateAndFreeze(model, supervision)).toBe('→ terminating');
    }
  });
});

test('a refund that is paid ends the supervision wherever its delivery stands; what else is said of one is heard only when it is true (REF-2, REF-5)', () => {
  const ends = wayNames.flatMap((way) =>
    columnsOf(way, 'baseCloud').flatMap(({ name, model }) => {
      for (const branch of wordsOfRefund(model)) met.add(branch);
      const answer = send(model.fork(), 'requestRefund');
      if (!answer.ok) return [[name, answer.problem.code]];
      const refunding = asked(model);
      accepted(refunding, 'approveRefund');
      worked(refunding);
      seen(refunding);
      return [[name, stateAndFreeze(refunding, supervision)]];
    }),
  );
  expect(Object.fromEntries(ends)).toMatchInlineSnapshot(`
    {
      "accepted": "REFUND_AFTER_ACCEPTANCE",
      "awaitingAcceptance": "→ terminated",
      "awaitingActivation": "LICENCE_CODE_CLAIMED",
      "awaitingClaim": "→ terminated",
      "awaitingCompletion": "→ terminated",
      "awaitingConfirmation": "→ terminated",
      "awaitingDelivery": "→ terminated",
      "awaitingProof": "LICENCE_CODE_CLAIMED",
      "awaitingRequirement": "→ terminated",
      "awaitingReview": "→ terminated",
      "awaitingSystemCode": "→ terminated",
      "finished": "SUPERVISION_FINISHED",
      "issuingCode": "→ terminated",
      "synchronising": "REFUND_AFTER_ACCEPTANCE",
      "terminating": "REFUND_UNDER_WAY",
    }
  `);
  for (const branch of wordsOfRefund(aSupervision({ appeals: ['buyer'] }))) met.add(branch);
  const appealed = asked(aSupervision({ policies: { supervision: { secondPersonAbove: 1 } } }));
  accepted(appealed, 'fileAppeal');
  for (const input of [{ decision: 'dismiss' }, { decision: 'complete' }, { decision: 'terminate', refundAmount: 2 }]) {
    const decided = appealed.fork();
    accepted(decided, 'decideAppeal', { input });
    if (input.refundAmount) accepted(decided, 'confirmDecision', {});
    seen(decided);
  }
});

test('what comes by itself in each state: timers, and what the outside answers (SUP-4, SUP-7)', () => {
  const rows = wayNames.flatMap((way) =>
    columnsOf(way, 'baseCloud')
      .filter(({ name }) => name !== 'finished')
      .map(({ name, model }) => {
        const byTimer = model.fork();
        const fired = byTimer.advance(60 * 86_400_000);
        const byEffect = model.fork();
        const counted = synchronised(byEffect);
        seen(byTimer);
        seen(byEffect);
        return [name, fired.join(', ') || '–', stateAndFreeze(byTimer, supervision), counted ? stateAndFreeze(byEffect, supervision) : '–'];
      }),
  );
  const distinct = [...new Map(rows.map((row) => [row[0], row])).values()];
  expect(table([['', 'timers in 60 days', 'lead to', 'answered'], ...distinct])).toMatchInlineSnapshot(`
    "
                          timers in 60 days                          lead to                 answered
    awaitingDelivery      deliveryReminder, deliveryOverdue          → awaitingDelivery      –
    awaitingReview        reviewReminder, reviewOverdue              → awaitingReview        –
    awaitingAcceptance    acceptanceReminder, acceptanceOverdue      → awaitingAcceptance    –
    accepted              completionSyncDue, completionWindowPassed  → synchronising         –
    synchronising         completionWindowPassed                     → synchronising         → finished
    terminating           refundOverdue                              → terminating           –
    awaitingRequirement   requirementReminder, requirementOverdue    → awaitingRequirement   –
    awaitingConfirmation  confirmationReminder, confirmationOverdue  → awaitingConfirmation  –
    issuingCode           codeOverdue                                → issuingCode           → awaitingDelivery
    awaitingClaim         claimReminder, claimOverdue                → awaitingClaim         –
    awaitingActivation    activationReminder, activationOverdue      → awaitingActivation    –
    awaitingProof         proofReminder, proofOverdue                → awaitingProof         –
    awaitingSystemCode    systemCodeReminder, systemCodeOverdue      → awaitingSystemCode    –
    awaitingCompletion    acceptanceReminder, acceptanceOverdue      → awaitingCompletion    –
    "
  `);
});

test('what comes by itself while frozen: the decision’s timers, and facts from outside, recorded only (SUP-5, SUP-6)', () => {
  for (const way of wayNames)
    for (const { name, model } of columnsOf(way, 'baseCloud', ['buyer'])) {
      const byTimer = model.fork();
      expect([name, byTimer.advance(60 * 86_400_000)]).toEqual([name, ['decisionReminder', 'decisionDue']]);
      seen(byTimer);
      const byEffect = model.fork();
      if (synchronised(byEffect)) expect(stateAndFreeze(byEffect, supervision)).toBe(`→ ${name} ❄`);
      matrix({ lifecycle: supervision, columns: [{ name, model }], variants, seen });
    }
});

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

test('a delivery that came back may be ordered again by decision: it stays the merchant’s turn (SUP-6)', () => {
  const model = aSupervision({ state: 'awaitingAcceptance' });
  for (const name of ['returnDelivery', 'fileAppeal']) accepted(model, name);
  accepted(model, 'decideAppeal', { input: { decision: 'redeliver' } });
  seen(model);
  expect(stateAndFreeze(model, supervision)).toBe('→ awaitingDelivery');
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

test('a code is not delivered again but its proof is, once it is active; one that was claimed may be activated meanwhile (SUP-2, SUP-6)', () => {
  const redelivered = (state: string, scenario = 'none') => {
    const model = aSupervision({ way: 'licenseOnlineCode', state, scenario, appeals: ['buyer'] });
    accepted(model, 'decideAppeal', { input: { decision: 'redeliver' } });
    seen(model);
    return model;
  };
  for (const state of ['awaitingProof', 'awaitingReview', 'awaitingAcceptance', 'accepted', 'synchronising'])
    expect([state, stateAndFreeze(redelivered(state, 'baseCloud'), supervision)]).toEqual([state, '→ awaitingProof']);
  const again = redelivered('awaitingActivation');
  for (const steps of [['recordActivation'], ['deliverCode', 'recordActivation']]) {
    const model = again.fork();
    for (const name of steps) accepted(model, name);
    seen(model);
    expect([steps, stateAndFreeze(model, supervision)]).toEqual([steps, '→ awaitingProof']);
  }
});

test('a silent buyer’s delivery is accepted only if a policy says so (SUP-7)', () => {
  for (const [way, state] of [
    ['saas', 'awaitingAcceptance'],
    ['softwarePackage', 'awaitingCompletion'],
  ] as const) {
    const model = aSupervision({ way, state, policies: { supervision: { autoAcceptAfter: 20 } } });
    expect(model.advance(40 * 86_400_000)).toEqual([
      ...['acceptanceReminder', 'acceptanceOverdue', 'autoAcceptReminder', 'autoAcceptDue'],
      ...['completionSyncDue', 'completionWindowPassed'],
    ]);
    seen(model);
    expect(model.messages.find(({ event }) => event === 'autoAcceptReminder')).toMatchObject({ to: ['buyer'], about: { waitsFor: ['buyer'] } });
    expect(supervisionOf(model).context).toMatchObject({ acceptedBy: 'silence' });
  }
});

test('the buyer confirms a package that it deployed itself, whoever reported it (SUP-8)', () => {
  const model = aSupervision({ way: 'softwarePackage' });
  accepted(model, 'confirmCompletion');
  seen(model);
  expect(supervisionOf(model)).toMatchObject({ value: { progress: 'accepted' }, context: { deployedBy: 'buyer', acceptedBy: 'buyer' } });
});

test('evidence is asked of either party or of both, and awaited until the last is here or its time is over (SUP-6)', () => {
  const model = aSupervision({ appeals: ['buyer', 'merchant'] });
  for (const from of ['buyer', 'merchant']) accepted(model, 'requestEvidence', { input: { from } });
  const late = model.fork();
  expect(late.advance(3 * 86_400_000)).toEqual(['evidenceDue']);
  const withdrawn = model.fork();
  accepted(withdrawn, 'withdrawAppeal', { role: 'buyer' });
  expect(supervisionOf(withdrawn).value).toMatchObject({ evidence: 'evidenceAwaited' });
  accepted(withdrawn, 'withdrawAppeal', { role: 'merchant' });
  const decided = model.fork();
  accepted(decided, 'decideAppeal');
  accepted(model, 'submitEvidence', { role: 'buyer' });
  expect(supervisionOf(model).value).toMatchObject({ evidence: 'evidenceAwaited' });
  accepted(model, 'submitEvidence', { role: 'merchant' });
  for (const one of [model, late, withdrawn, decided]) {
    seen(one);
    expect(supervisionOf(one)).toMatchObject({ value: { evidence: 'noEvidenceAwaited' }, context: { evidence: { buyer: null, merchant: null } } });
  }
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
