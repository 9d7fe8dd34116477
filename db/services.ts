/** The service instance `s` of an order `o`: the one that it opened, or the one that it is about. They are one family. */
export const isServiceOf =
  "s.family = o.family and s.lifecycle = 'serviceInstance' and (s.id::text = o.refs ->> 'serviceInstance' or s.refs ->> 'order' = o.id::text)";
