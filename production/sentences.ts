/** What a merchant's developer reads: what was expected, what came, what to do. `{name}` is filled in. */
export type Sentence = { zh: string; en: string };
export type Details = Readonly<Record<string, string | number>>;

const sentences: Record<string, Sentence> = {
  ADDRESS_UNREADABLE: {
    zh: '接口地址无法解析，应为 https://域名/路径。请更正地址。',
    en: 'The endpoint’s address cannot be read; expected https://domain/path. Correct it.',
  },
  ADDRESS_TOO_LONG: { zh: '接口地址过长，最多 1000 个字符。请缩短。', en: 'The endpoint’s address is too long; expected at most 1000 characters. Shorten it.' },
  ADDRESS_NOT_HTTPS: { zh: '接口地址应为 HTTPS。请改用 https:// 地址。', en: 'Expected an HTTPS address. Use an https:// one.' },
  ADDRESS_WITH_CREDENTIALS: {
    zh: '接口地址中不得带用户名或密码。请删除“@”之前的部分。',
    en: 'Expected an address without user name and password. Remove what stands before the "@".',
  },
  ADDRESS_NOT_A_DOMAIN: {
    zh: '接口地址应为域名，收到的是 IP 地址 {got}。请使用有受信证书的域名（PRD-8）。',
    en: 'Expected a domain name, got the IP address {got}. Use a domain with a trusted certificate (PRD-8).',
  },
  ADDRESS_LOCAL_NAME: {
    zh: '{got} 不是公网域名。请使用公网可解析的域名（PRD-8）。',
    en: '{got} is no public domain name. Use one that resolves on the internet (PRD-8).',
  },
  ADDRESS_NOT_PUBLIC: {
    zh: '{host} 解析到非公网地址 {got}，未调用。请将域名的所有解析记录指向公网地址（PRD-8）。',
    en: '{host} resolves to {got}, which is not public, so it was not called. Let every record of the name point to a public address (PRD-8).',
  },
  NAME_NOT_FOUND: {
    zh: '域名 {host} 没有解析记录。请检查 DNS 的 A/AAAA 记录。',
    en: 'The name {host} has no address. Check its A and AAAA records.',
  },
  NAME_SERVER_SILENT: { zh: '{host} 的域名服务器没有应答。请检查 DNS。', en: 'The name servers of {host} did not answer. Check its DNS.' },
  CONNECTION_REFUSED: {
    zh: '{host} 拒绝连接。请确认服务已启动并监听该端口。',
    en: '{host} refused the connection. See that the server runs and listens on that port.',
  },
  UNREACHABLE: { zh: '{host} 无法到达。请检查防火墙与路由。', en: '{host} cannot be reached. Check firewall and routes.' },
  CONNECTION_RESET: {
    zh: '{host} 在答完之前断开了连接。请查看服务器或网关日志；请求可能已到达。',
    en: '{host} closed the connection before it had answered. Look into the logs of server and gateway; the request may have arrived.',
  },
  CONNECTION_FAILED: { zh: '无法与 {host} 建立连接或通信。请检查服务器与网关。', en: 'Could not connect to or talk with {host}. Check server and gateway.' },
  NOT_HTTP: { zh: '{host} 的应答不是 HTTP。请检查端口与协议。', en: 'What {host} answered is not HTTP. Check port and protocol.' },
  NO_COMMON_TLS: {
    zh: '与 {host} 的 TLS 协商失败，应支持 TLS 1.2 或以上。请检查 HTTPS 配置与端口。',
    en: 'TLS with {host} failed; expected TLS 1.2 or newer. Check the HTTPS configuration and the port.',
  },
  CERTIFICATE_EXPIRED: { zh: '{host} 的证书已过期。请更换证书。', en: 'The certificate of {host} has expired. Renew it.' },
  CERTIFICATE_NOT_YET_VALID: { zh: '{host} 的证书尚未生效。请更换证书。', en: 'The certificate of {host} is not valid yet. Replace it.' },
  CERTIFICATE_OF_ANOTHER_NAME: {
    zh: '{host} 的证书属于另一个域名。请安装该域名的证书。',
    en: 'The certificate of {host} belongs to another name. Install one for this domain.',
  },
  CERTIFICATE_UNTRUSTED: {
    zh: '{host} 的证书不受信任（自签名或缺少中间证书）。请安装受信机构的证书及完整证书链。',
    en: 'The certificate of {host} is not trusted (self-signed, or the chain is incomplete). Install one of a trusted authority with its whole chain.',
  },
  TIMEOUT: {
    zh: '{withinMs} 毫秒内应收到完整应答，没有收到。请加快处理：开通较慢时先回 000004（V2）。',
    en: 'Expected a whole answer within {withinMs} ms, got none. Answer faster; where creating takes long, answer 000004 first (V2).',
  },
  STOPPED: { zh: '调用被中止，应答未收完。', en: 'The call was stopped before the answer was complete.' },
  ANSWER_TOO_LARGE: {
    zh: '应答（解压后）应不超过 {maxBytes} 字节，超过后不再读取。请只返回接口要求的字段。',
    en: 'Expected at most {maxBytes} bytes of answer (decompressed), got more and stopped reading. Return the interface’s fields only.',
  },
  ANSWER_NOT_DECODABLE: {
    zh: '应答声明的 Content-Encoding 无法解码。请不压缩，或使用 gzip。',
    en: 'The answer cannot be decoded by its Content-Encoding. Send it uncompressed, or as gzip.',
  },
  ANSWER_CUT_SHORT: { zh: '应答比 Content-Length 声明的短。请检查网关。', en: 'The answer is shorter than its Content-Length. Check the gateway.' },
  HEADERS_TOO_LARGE: { zh: '应答头过大，最多 16 KiB。', en: 'The answer’s headers are too large; expected at most 16 KiB.' },
  NOT_IN_GENERATION: {
    zh: '接口 {generation} 没有 {activity}，无法调用。请将商品的接口升级，或不使用该功能。',
    en: '{generation} of the interface has no {activity}, so it cannot be called. Move the product to the other generation, or do without.',
  },
  CALL_INVALID: { zh: '调用内容不完整：{problems}。', en: 'The call itself is incomplete: {problems}.' },
  NO_ENDPOINT: { zh: '商品没有登记生产接口地址。请先登记。', en: 'The product has no production interface address. Register one first.' },
  REDIRECT: {
    zh: '应直接应答，收到 HTTP {status} 重定向，不会跟随。请登记最终地址。',
    en: 'Expected an answer, got HTTP {status}, a redirect, which is not followed. Register the final address.',
  },
  TOO_MANY_REQUESTS: {
    zh: 'HTTP 429：服务器限流{retry}。请放宽对云商店的限流。',
    en: 'HTTP 429: the server limits its calls{retry}. Allow more for the marketplace.',
  },
  HTTP_ERROR: {
    zh: '应为 HTTP 200，收到 {status}{result}。错误也请以 HTTP 200 和 resultCode 回答。',
    en: 'Expected HTTP 200, got {status}{result}. Answer errors, too, as HTTP 200 with a resultCode.',
  },
  NOT_JSON: {
    zh: '应答应为 JSON 对象，收到的是{got}。请以 JSON 回答（错误页也是）。',
    en: 'Expected a JSON object, got {got}. Answer as JSON, error pages included.',
  },
  EMPTY_ANSWER: { zh: '应答为空。请返回含 resultCode 的 JSON。', en: 'The answer is empty. Return JSON with a resultCode.' },
  NOT_UTF8: { zh: '应答应为 UTF-8。请更正字符编码。', en: 'Expected UTF-8, got another encoding. Correct it.' },
  TOO_DEEP: {
    zh: '应答的 JSON 嵌套超过 {most} 层。请只返回接口要求的字段。',
    en: 'The answer’s JSON is nested more than {most} deep. Return the interface’s fields only.',
  },
  NO_RESULT_CODE: { zh: '应答缺少 resultCode。请返回六位结果码。', en: 'The answer has no resultCode. Return the six digits.' },
  BODY_SIGN_WRONG: {
    zh: 'Body-Sign 与应答正文不符，不采信。请对发出的原文签名，签名后不要改动正文；并确认 Key。',
    en: 'Body-Sign does not fit the answer, so it is not believed. Sign the very text that you send, change nothing afterwards, and check the Key.',
  },
  BODY_SIGN_BY_FORMER_KEY: {
    zh: 'Body-Sign 使用的是更换前的 Key，更换后 24 小时内仍然采信。请尽快改用新的 Key 签名。',
    en: 'Body-Sign is by the Key before the present one, which still counts for 24 hours after it was replaced. Sign with the new Key soon.',
  },
  BODY_SIGN_MISSING: {
    zh: '应答没有 Body-Sign 响应头。请对应答正文签名。',
    en: 'The answer has no Body-Sign header. Sign the answer’s body.',
  },
  BODY_SIGN_UNREADABLE: {
    zh: 'Body-Sign 的格式应为 sign_type="HMAC-SHA256", signature= "…"。',
    en: 'Expected Body-Sign as sign_type="HMAC-SHA256", signature= "…".',
  },
  NO_INSTANCE_ID: {
    zh: '应答成功却没有 instanceId，视为失败。请返回所开通实例的 instanceId；尚在创建请回 000004。',
    en: 'Success without an instanceId counts as a failure. Return the id of the instance that was created; while it is being created, answer 000004.',
  },
  IN_PROGRESS_WITHOUT_ID: {
    zh: '000004（创建中）没有 instanceId，无法查询，将再次调用 newInstance。请同时返回 instanceId。',
    en: '000004 (being created) without an instanceId cannot be asked about, so newInstance will be called again. Return the instanceId with it.',
  },
  NOT_READY: { zh: '实例 {instance} 尚在创建中，将再次查询。', en: 'Instance {instance} is still being created; it will be asked about again.' },
  INSTANCE_NOT_LISTED: {
    zh: '查询应返回实例 {instance}，info 中没有。请在 info 中返回所查询的每个实例。',
    en: 'Expected instance {instance} in info, got it not. Return every instance that was asked for.',
  },
  OTHER_ORDERS_INSTANCE: {
    zh: '返回的 instanceId {instance} 属于订单 {order}，不是本订单。请按 orderId 返回各自的实例。',
    en: 'The instanceId {instance} belongs to order {order}, not to this one. Return each order its own instance.',
  },
  INSTANCE_ID_CHANGED: {
    zh: '同一订单此前返回的 instanceId 是 {expected}，这次是 {got}；沿用先前的。请对同一订单返回同一个 instanceId。',
    en: 'This order was answered {expected} before and {got} now; the former is kept. Return the same instanceId for the same order.',
  },
  SLOW: {
    zh: '用时 {ms} 毫秒，接近 5 秒的期限。请加快应答。',
    en: 'It took {ms} ms of the 5 s that there are. Answer faster.',
  },
  REFUSED_BY_MERCHANT: { zh: '商家接口返回 {code}（{meaning}）{message}。', en: 'The merchant answered {code} ({meaning}){message}.' },
};

/** A code's sentence with its details; an unknown code speaks for itself. */
export function sentence(code: string, details: Details = {}): Sentence {
  const found = sentences[code] ?? { zh: code, en: code };
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
  return { zh: filled(found.zh), en: filled(found.en) };
}
