import { type Details, type Sentence, sentence } from './sentences.ts';

/** No answer that could be read: `refused` cannot be mended by asking again, `unavailable` may. */
export type Failed = {
  kind: 'refused' | 'unavailable';
  code: string;
  sentence: Sentence;
  /** Whether the request may have arrived all the same. */
  unknown: boolean;
  durationMs: number;
};

export function failed(
  code: string,
  { durationMs, unknown, isRefused = false, details = {} }: { durationMs: number; unknown: boolean; isRefused?: boolean; details?: Details },
): Failed {
  return { kind: isRefused ? 'refused' : 'unavailable', code, sentence: sentence(code, details), unknown, durationMs };
}

/** Node's, OpenSSL's and undici's codes by what a merchant's developer would call them. */
const causes: Record<string, string> = {
  ENOTFOUND: 'NAME_NOT_FOUND',
  ENODATA: 'NAME_NOT_FOUND',
  ESERVFAIL: 'NAME_NOT_FOUND',
  ETIMEOUT: 'NAME_SERVER_SILENT',
  EAI_AGAIN: 'NAME_SERVER_SILENT',
  ECONNREFUSED: 'CONNECTION_REFUSED',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  ETIMEDOUT: 'TIMEOUT',
  UND_ERR_CONNECT_TIMEOUT: 'TIMEOUT',
  ECONNRESET: 'CONNECTION_RESET',
  EPIPE: 'CONNECTION_RESET',
  UND_ERR_SOCKET: 'CONNECTION_RESET',
  UND_ERR_ABORTED: 'CONNECTION_RESET',
  UND_ERR_HEADERS_OVERFLOW: 'HEADERS_TOO_LARGE',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'ANSWER_CUT_SHORT',
  CERT_HAS_EXPIRED: 'CERTIFICATE_EXPIRED',
  CERT_NOT_YET_VALID: 'CERTIFICATE_NOT_YET_VALID',
  ERR_TLS_CERT_ALTNAME_INVALID: 'CERTIFICATE_OF_ANOTHER_NAME',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'CERTIFICATE_UNTRUSTED',
  SELF_SIGNED_CERT_IN_CHAIN: 'CERTIFICATE_UNTRUSTED',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'CERTIFICATE_UNTRUSTED',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'CERTIFICATE_UNTRUSTED',
  UNABLE_TO_GET_ISSUER_CERT: 'CERTIFICATE_UNTRUSTED',
  CERT_REVOKED: 'CERTIFICATE_UNTRUSTED',
  ANSWER_TOO_LARGE: 'ANSWER_TOO_LARGE',
  ANSWER_NOT_DECODABLE: 'ANSWER_NOT_DECODABLE',
};

type Coded = { name?: unknown; code?: unknown; cause?: unknown; errors?: unknown };

/** Of an error and what it wraps, the first that has a name of ours. */
export function causeOf(error: unknown): string {
  for (let one = error as Coded | undefined, depth = 0; one && depth < 5; depth++) {
    const code = String(one.code ?? '');
    const known = causes[code];
    if (known) return known;
    if (/^HPE_/.test(code) || one.name === 'HTTPParserError') return 'NOT_HTTP';
    if (/^CERT_|^UNABLE_TO_|^INVALID_CA$|^PATH_LENGTH_EXCEEDED$/.test(code)) return 'CERTIFICATE_UNTRUSTED';
    if (/^ERR_SSL_|^EPROTO$/.test(code)) return 'NO_COMMON_TLS';
    one = (one.cause ?? (Array.isArray(one.errors) ? one.errors[0] : undefined)) as Coded | undefined;
  }
  return 'CONNECTION_FAILED';
}
