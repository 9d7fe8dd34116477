import { type CatalogueRow, catalogueAfter, catalogueProduct } from '../db/read/catalogue.ts';
import { unwritableText } from '../db/storable.ts';
import { type Builder, everyone } from './builder.ts';
import { type Connections, encodeCursor, isText, type PageArgs, pageComplexity, pageFrom, placeIn, sizeOf } from './connection.ts';
import type { Context } from './context.ts';

const placeOf = (cursor: string | null | undefined) => placeIn(cursor, { name: isText, id: isText });

/** What is on sale, for everyone who is signed in; a hidden product by its URL only (ORD-6). */
export function addCatalogue(builder: Builder, connections: Connections): void {
  const product = builder.objectRef<CatalogueRow>('CatalogueProduct').implement({
    description: 'A product on sale, as anybody may know it; `placeOrder` takes its id.',
    fields: (t) => ({
      id: t.exposeString('id', { description: 'Its id in the catalogue, which is in its URL.' }),
      name: t.exposeString('name'),
      merchant: t.exposeString('merchantName'),
      accessType: t.exposeString('accessType'),
      tradeMode: t.exposeString('tradeMode'),
      supervised: t.exposeBoolean('supervised', { description: 'Delivered under service supervision 服务监管.' }),
      currency: t.exposeString('currency'),
      prices: t.field({ type: 'JSON', description: 'Minor units (分) once, a month, a year; what is missing is not sold.', resolve: ({ prices }) => prices }),
      offers: t.field({
        type: 'JSON',
        description: 'Specifications, a trial, a price by the unit on demand, packages of units (ORD-3).',
        resolve: ({ offers }) => offers,
      }),
      hidden: t.exposeBoolean('hidden', { description: 'In no listing and no search.' }),
      byWhitelist: t.exposeBoolean('byWhitelist', { description: 'Only listed accounts can buy it.' }),
      openToMe: t.exposeBoolean('openToCaller', { description: 'It is sold to the account that the caller acts for.' }),
      creditMeans: t.stringList({ description: 'Means on credit that its merchant accepts (ORD-7).', resolve: ({ creditMeans }) => creditMeans }),
    }),
  });
  const page = connections.connectionOf('CatalogueProduct', product);
  builder.queryField('catalogue', (t) =>
    t.field({
      type: page as never,
      description: 'What is on sale, by name. Hidden products are not among it, whatever is searched for (ORD-6).',
      args: {
        first: t.arg.int({ required: false, description: 'At most 100; 50 when it is not given.' }),
        after: t.arg.string({ required: false }),
        search: t.arg.string({ required: false, description: 'A part of the name, or the whole id.' }),
      },
      authScopes: { as: everyone },
      complexity: pageComplexity,
      resolve: (async (_root: unknown, { search, ...args }: PageArgs & { search?: string | null }, { reads }: Context) => {
        const { limit } = sizeOf(args);
        const after = placeOf(args.after);
        const wanted = search?.trim() || null;
        const rows = wanted && unwritableText(wanted, 'search').length > 0 ? [] : await catalogueAfter(reads.reader, { search: wanted, after, limit });
        const cursorOf = ({ name, id }: CatalogueRow) => encodeCursor([name, id]);
        return pageFrom(rows, { limit, backwards: false, hasOther: after !== null, cursorOf });
      }) as never,
    }),
  );
  builder.queryField('catalogueProduct', (t) =>
    t.field({
      type: product,
      nullable: true,
      description: 'The product that a URL names, hidden or not; null when it is not on sale.',
      args: { product: t.arg.string({ required: true }) },
      authScopes: { as: everyone },
      complexity: 5,
      resolve: (_root, { product: id }, { reads }) => (unwritableText(id, 'product').length > 0 ? null : catalogueProduct(reads.reader, id)),
    }),
  );
}
