import { Context } from '@temporalio/activity';
import { searchAttributes } from '../../domain/search-attributes.ts';

/** Tells if the server has the product's search attributes: one that it lacks would block a workflow that sets it. */
export async function isIndexed(): Promise<boolean> {
  try {
    const { connection, options } = Context.current().client;
    const { namespace } = options;
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.values(searchAttributes).every(({ name }) => customAttributes[name] !== undefined);
  } catch {
    // A server may not let a worker ask.
    return false;
  }
}
