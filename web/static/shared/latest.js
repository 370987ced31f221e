// SPDX-License-Identifier: MIT
// Lists that are read again while an older reading is on its way.

/**
 * Reading a list and showing it. Of readings that overtake each other the one that was begun last is shown: whatever was
 * changed before it is in it.
 * @template T
 * @param {() => Promise<T>} read
 * @param {(found: T) => void} show
 */
export function latest(read, show) {
  let begun = 0;
  return async () => {
    const mine = ++begun;
    const found = await read();
    if (mine === begun) show(found);
  };
}
