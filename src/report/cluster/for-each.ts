/** Works on the items in their order, on `limit` at a time. */
export async function forEachOf<T>(items: Iterable<T>, limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let item = rest.next(); item.done !== true; item = rest.next()) await work(item.value);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
