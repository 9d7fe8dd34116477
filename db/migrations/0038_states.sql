create or replace function is_state(lifecycle text, state text) returns boolean language plpgsql immutable parallel safe as $$
begin
  return case lifecycle
    when 'order' then state in ('pendingPayment', 'processing', 'completed', 'failed', 'refunding', 'refunded', 'cancelled')
    when 'supervision' then state in ('awaitingRequirement', 'awaitingConfirmation', 'awaitingSystemCode', 'issuingCode', 'awaitingDelivery', 'awaitingClaim', 'awaitingActivation', 'awaitingProof', 'awaitingCompletion', 'awaitingReview', 'awaitingAcceptance', 'accepted', 'synchronising', 'finished', 'terminating', 'terminated')
    when 'serviceInstance' then state in ('active', 'suspended', 'released')
    when 'productionCall' then state in ('calling', 'confirming', 'stopped', 'succeeded', 'withdrawn')
    when 'refund' then state in ('negotiating', 'escalated', 'refused', 'withdrawn', 'superseded', 'lapsed', 'paying', 'synchronising', 'refunded', 'abandoned')
    when 'enterprise' then state in ('provisioning', 'active', 'closed')
    when 'appBinding' then state in ('syncingTenant', 'syncingApplication', 'syncingOrganisation', 'syncingDepartments', 'syncingUsers', 'bound', 'interrupted', 'stopped', 'unbinding', 'unbound')
    when 'adminInvitation' then state in ('mailing', 'undelivered', 'invited', 'activated', 'revoked', 'expired')
    when 'settlementBill' then state in ('building', 'inReview', 'awaitingConfirmation', 'countersigning', 'awaitingInvoice', 'invoiceSubmitted', 'invoiceReceived', 'paying', 'paid', 'carriedForward')
    when 'invoice' then state in ('applied', 'appliedToMarketplace', 'issued', 'issuedByMarketplace', 'sent', 'toReverse', 'toReverseByMarketplace', 'lapsed', 'returned', 'rejected', 'cancelled', 'submitted', 'received', 'verified', 'refused')
    when 'statementLetter' then state in ('sealing', 'sealed')
    when 'merchant' then state in ('active', 'suspended', 'cleared')
    when 'product' then state in ('listed', 'suspended', 'delisted', 'retired')
    when 'productRetirement' then state in ('submitted', 'approved', 'refused', 'withdrawn', 'overtaken')
    when 'merchantExit' then state in ('submitted', 'delisting', 'readyToFreeze', 'clearing', 'succeeded', 'refused', 'withdrawn')
    when 'invoiceWaiver' then state in ('standing', 'rejected')
    when 'billExport' then state in ('writing', 'ready', 'removing', 'removed', 'failed')
    when 'callFailure' then state in ('reporting', 'counted')
    when 'buyerAccount' then state in ('open', 'restoring')
    when 'callBatch' then state in ('sending', 'ended')
    else false end;
end $$;
--> statement-breakpoint
do $$ begin
  if exists (select from instances where not is_state(lifecycle, state)) then
    raise exception 'expected every instance to be in a state of its lifecycle; migrate those that are in a former one first (npm run migrate-instances)';
  end if;
end $$;
