import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, CallRefused, codes } from './answer.ts';
import type { Struck } from './switches.ts';

const page = (status: number) => `<html><head><title>${status}</title></head><body><h1>${status}</h1><p>nginx</p></body></html>`;

/** Failures that take the place of an answer, before or after the effect. @returns whether nothing more is to be said */
export async function misbehave(
  response: ServerResponse,
  struck: Struck,
  { moment, hanging }: { moment: 'before' | 'after'; hanging: Set<ServerResponse> },
): Promise<boolean> {
  const hang = struck.first('hang', moment);
  if (hang) {
    hanging.add(response);
    response.on('close', () => hanging.delete(response));
    if (hang.ms === undefined) return true;
    await sleep(hang.ms);
    hanging.delete(response);
    if (response.destroyed) return true;
  }
  if (struck.first('reset', moment)) {
    response.socket?.resetAndDestroy();
    return true;
  }
  const html = struck.first('html', moment);
  if (html) {
    response.writeHead(html.status, { 'content-type': 'text/html' }).end(page(html.status));
    return true;
  }
  const status = struck.first('status', moment);
  if (status) {
    response.writeHead(status.status, status.retryAfter === undefined ? {} : { 'retry-after': String(status.retryAfter) }).end();
    return true;
  }
  const code = struck.first('code', moment);
  if (code && moment === 'before') throw new CallRefused(code.resultCode, code.resultMsg);
  return false;
}

/** The answer as the switches leave it, with its HTTP status. */
export function spoil(
  answer: Answer,
  struck: Struck,
  { anotherInstance }: { anotherInstance: () => string },
): { status: number; body: Record<string, unknown> } {
  const code = struck.first('code');
  if (code) return { status: code.httpStatus, body: { resultCode: code.resultCode, resultMsg: code.resultMsg } };
  const isOfInstance = answer.resultCode === codes.success && answer.instanceId !== undefined;
  if (!isOfInstance) return { status: 200, body: answer };
  const { instanceId, ...rest } = answer;
  if (struck.is('noInstanceId')) return { status: 200, body: rest };
  if (struck.is('otherInstance')) return { status: 200, body: { ...rest, instanceId: anotherInstance() } };
  return { status: 200, body: { ...rest, instanceId } };
}
