import { type DocumentNode, type ExecutionArgs, getOperationAST, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { unstorablePath } from '../db/storable.ts';
import { refusal } from './errors.ts';

/**
 * A question with text that PostgreSQL cannot hold (a NUL, half a character) is refused before it is asked. A mutation is not
 * stopped here: a command's text is refused by its field, as data, and that is logged (ACT-2).
 */
export function useStorableText(): Plugin {
  const look: Pick<Plugin, 'onExecute' | 'onSubscribe'> = {
    onExecute: ({ args, setResultAndStopExecution }) => stopAt(args, setResultAndStopExecution),
    onSubscribe: ({ args, setResultAndStopExecution }) => stopAt(args, setResultAndStopExecution),
  };
  return look;
}

function stopAt({ document, operationName, variableValues }: ExecutionArgs, stop: (result: { errors: Error[] }) => void): void {
  if (getOperationAST(document, operationName)?.operation === 'mutation') return;
  const variable = unstorablePath(variableValues ?? {});
  const place = variable === null ? literalIn(document) : `$${variable}`;
  if (place !== null)
    stop({ errors: [refusal('BAD_INPUT', 400, `Expected text without NUL and with whole characters, at most 200 levels deep, got other at ${place}.`)] });
}

/** Where a text written into the document itself is none: by an escape, or by a NUL as it is. */
function literalIn(document: DocumentNode): string | null {
  const body = document.loc?.source.body ?? '';
  if (!body.includes('\\u') && !body.includes('\u0000')) return null;
  let place: string | null = null;
  visit(document, {
    StringValue: ({ value, loc }) => {
      if (unstorablePath(value) !== null) place ??= `character ${loc?.start ?? 0} of the query`;
    },
  });
  return place;
}
