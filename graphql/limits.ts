import type { Plugin } from 'graphql-yoga';

/** Tokens in one document. */
export const maxTokens = 4_000;

/** Long documents are not parsed to their end; in production, errors do not suggest names. Yoga's own options do neither. */
export function useLimits({ hideSuggestions }: { hideSuggestions: boolean }): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source: string, options: object) => parseFn(source, { ...options, maxTokens }));
    },
    onValidate({ validateFn, setValidationFn }) {
      setValidationFn((schema: unknown, document: unknown, rules: unknown, options: object) =>
        validateFn(schema, document, rules, { ...options, hideSuggestions }),
      );
    },
  };
}
